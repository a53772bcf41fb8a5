import { defineAction, type Outcome } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { isoInstant } from '../../shared/time/instant.js';
import { openTrafficControl, type ControlInputs, type TrafficControl } from '../../shared/traffic/control.js';
import { recoverLock } from '../../shared/traffic/recover.js';
import { liveColour, type Weights } from '../../shared/traffic/router.js';
import { inputs, outputs, reportSchema, type Inputs, type SwitchReport } from './inputs.js';
import { confirm } from './modes/confirm.js';
import { reconcile } from './modes/reconcile.js';
import { reserve } from './modes/reserve.js';
import { revert } from './modes/revert.js';
import { status } from './modes/status.js';
import { switchOver } from './modes/switch.js';
import { render } from './render.js';
import type { ModeResult } from './result.js';

type SwitchOutcome = Outcome<Record<keyof typeof outputs.shape, string>, SwitchReport>;

/** What main leaves for post: enough to find the lock again, nothing a later step could change. */
interface Armed {
  control: Omit<ControlInputs, 'token'>;
  claim: string;
}

export const action = defineAction({
  name: 'blue-green-switch',
  title: 'Blue/green switch',
  description:
    'Moves traffic between two colours as a journaled transaction, verified with new connections and recorded as a GitHub Deployment.',
  branding: { icon: 'shuffle', color: 'blue' },
  inputs,
  outputs,
  report: reportSchema,
  render,

  async run(values, host) {
    const options = controlInputs(values);
    const control = await openTrafficControl(host, { ...options, token: values['github-token'] });
    const arm = (claim: string) =>
      host.state.save('armed', JSON.stringify({ control: options, claim } satisfies Armed));
    try {
      const result = await runMode(control, values, arm);
      host.state.save('finished', 'true');
      return await conclude(control, values.mode, result);
    } finally {
      control.close();
    }
  },

  async post(host) {
    const armed = host.state.read('armed');
    if (!armed || host.state.read('finished')) return undefined;
    return finishInterrupted(host, JSON.parse(armed) as Armed);
  },
});

function runMode(control: TrafficControl, values: Inputs, arm: (claim: string) => void): Promise<ModeResult> {
  switch (values.mode) {
    case 'reserve':
      return reserve(control, values);
    case 'switch':
      return switchOver(control, values, arm);
    case 'confirm':
      return confirm(control);
    case 'revert':
      return revert(control, values);
    case 'status':
      return status(control);
    case 'reconcile':
      return reconcile(control);
  }
}

/** The step was cut off while it held the lock: bring what the journal says to an end, if the lock is still the one main took. */
async function finishInterrupted(
  host: Host,
  { control: options, claim }: Armed,
): Promise<SwitchOutcome | undefined> {
  const control = await openTrafficControl(host, { ...options, token: host.variable('INPUT_GITHUB-TOKEN') });
  try {
    const held = await control.lock.read();
    if (!held || held.state.claim !== claim) return undefined;
    const before = (await control.router.read()).weights;
    const recovery = await recoverLock(control, held, { dead: true });
    const { to, version, digest, deployment } = held.state;
    return await conclude(control, 'reconcile', {
      ok: recovery.result !== 'held',
      result: recovery.result,
      said: `After an interruption: ${recovery.said}`,
      before,
      target: to,
      version,
      digest,
      deployment,
    });
  } finally {
    control.close();
  }
}

function controlInputs(values: Inputs): Omit<ControlInputs, 'token'> {
  return {
    environment: values.environment,
    service: values.service,
    trafficFile: values.traffic,
    jobId: values['job-id'] ?? 0,
    writers: values['ledger-writers'],
    ...(values['production-environment'] === undefined
      ? {}
      : { production: values['production-environment'] }),
  };
}

async function conclude(
  control: TrafficControl,
  mode: Inputs['mode'],
  result: ModeResult,
): Promise<SwitchOutcome> {
  const after = await readWeights(control);
  const before = result.before ?? after;
  const live = after ? liveColour(after) : undefined;
  const previous = before ? liveColour(before) : undefined;
  const changed = live !== previous;
  const switchedAt = result.switchedAt === undefined ? undefined : isoInstant(result.switchedAt);
  const entry = result.entry;
  return {
    ok: result.ok,
    said: result.said,
    outputs: {
      result: result.result,
      live: live ?? '',
      previous: previous ?? '',
      target: result.target ?? '',
      'target-url': (result.target && control.config.colours[result.target]?.url) || '',
      changed: String(changed),
      'deployment-id': result.deployment === undefined ? '' : String(result.deployment),
      'switched-at': switchedAt ?? '',
      'duration-ms': result.switchMs === undefined ? '' : String(result.switchMs),
    },
    report: {
      schema: 'devops-actions/switch-report@1',
      mode,
      result: result.result,
      said: result.said,
      environment: control.environment,
      service: control.service,
      router: control.router.kind,
      before: before ? { ...before } : null,
      after: after ? { ...after } : null,
      target: result.target,
      version: result.version,
      digest: result.digest,
      deployment: result.deployment,
      changed,
      switchedAt,
      switchMs: result.switchMs,
      entry: entry && { ...entry },
      reasons: [...(result.reasons ?? [])],
      timeline: control.timeline.events.map(({ at, said }) => ({ at: isoInstant(at), said })),
      run: control.runUrl,
    },
    annotations: result.ok
      ? (result.reasons ?? []).map((message) => ({ level: 'warning' as const, message }))
      : (result.reasons ?? []).map((message) => ({
          level: 'error' as const,
          message,
          title: `${control.service}: ${result.result}`,
        })),
  };
}

async function readWeights(control: TrafficControl): Promise<Weights | undefined> {
  try {
    return (await control.router.read()).weights;
  } catch (error) {
    control.timeline.say(
      `The router cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}
