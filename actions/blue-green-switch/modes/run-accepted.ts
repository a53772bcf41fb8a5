import type { Lock } from '../../../shared/ledger/refs/lock.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Held } from '../../../shared/ledger/refs/state.js';
import { runWatchedSwitch } from '../../../shared/traffic/switch/run-watched-switch.js';
import type { SwitchPorts } from '../../../shared/traffic/control.js';
import { wayBack } from '../../../shared/traffic/switch/way-back.js';
import type { Weights } from '../../../shared/traffic/router.js';
import type { Inputs } from '../inputs.js';
import { judgeFor } from '../judge-stop.js';
import type { ModeResult } from '../report/result.js';

const results = {
  live: 'switched',
  paused: 'paused',
  back: 'reverted',
  'not-moved': 'not-switched',
  held: 'held',
} as const;

/** Runs an accepted switch, from its first stop or from where a pause left it. */
export async function runAccepted(
  control: SwitchPorts,
  held: Held<Lock>,
  inputs: Inputs,
  before: Weights,
  history: readonly DeploymentRecord[],
): Promise<ModeResult> {
  const { deployment, version, digest, to, from, payload } = held.state;
  const previous = history.find((record) => record.id === payload.previous);
  const done = await runWatchedSwitch(control, held, {
    onInterrupt: inputs['on-interrupt'],
    wayBack: wayBack(from, previous, payload.kind),
    judge: await judgeFor(control, held.state, inputs.criteria),
  });
  const ok = done.result === 'live' || done.result === 'paused';
  return {
    ok,
    result: results[done.result],
    message: done.message,
    ...(ok ? {} : { reasons: [done.message] }),
    target: to,
    version,
    digest,
    deployment,
    before,
    ...(done.switchedAt !== undefined ? { switchedAt: done.switchedAt, switchMs: done.switchMs } : {}),
  };
}
