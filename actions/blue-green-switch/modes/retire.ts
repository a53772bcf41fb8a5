import { coded } from '../../../shared/contracts/refusal-codes.js';
import { isAbsolute, join } from 'node:path';
import { runCommand } from '../../../shared/exec/run.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { isService } from '../../../shared/ledger/names.js';
import { outcomeOf, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { takeLock, waitUntilFree, watchInTheWay } from '../../../shared/traffic/recovery/acquire.js';
import type { RecoveryPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { provedLive, readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import { liveColour, type Weights } from '../../../shared/traffic/router.js';
import { formatDuration } from '../../../shared/time/duration.js';
import type { Inputs } from '../inputs.js';
import { refused, type ModeResult } from '../report/result.js';

/** Longest a removal may take, in milliseconds. */
const removalMs = 600_000;

/** Removes the old colour once nothing needs it any more; otherwise says why it stays, which is no failure. */
export async function retire(
  control: RecoveryPorts & Pick<TrafficControl, 'watch' | 'random'>,
  inputs: Inputs,
  workspace: string,
): Promise<ModeResult> {
  const { weights } = await control.router.read();
  const { live, nothing } = await provedLive(control, await readHistory(control));
  if (!live) return kept([nothing], weights);
  const reasons = await needed(control, live, weights, inputs.bake);
  if (reasons.length > 0) return kept(reasons, weights);
  const free = await waitUntilFree(control, 0, { watch: false });
  if (!free.free) return kept([free.why], weights);

  const from = live.payload.colour;
  const to = control.colours.find((colour) => colour !== from)!;
  const held = await takeLock(control, {
    from,
    to,
    deployment: live.id,
    payload: live.payload,
    phase: 'retiring',
  });
  if (!held) return kept(['another run took the lock at the same moment'], weights);
  const facts = { before: weights, target: to, deployment: live.id };
  try {
    // Looked at again under the lock: from here on nobody else moves traffic.
    if (liveColour((await control.router.read()).weights) !== from)
      return kept([`${to} is not idle any more`], weights);
    const watched = await watchInTheWay(control);
    if (watched !== undefined) return kept([watched], weights);
    const command = isAbsolute(inputs.remove) ? inputs.remove : join(workspace, inputs.remove);
    const { code, stderr, ended } = await runCommand({
      argv: [command, control.service, control.environment, to],
      timeoutMs: removalMs,
      cwd: workspace,
      signal: control.signal,
    });
    if (code !== 0)
      return refused(
        [
          coded(
            'remove-failed',
            `${inputs.remove} ended with ${ended ?? code ?? 'a signal'}: ${stderr.trim().slice(-500)}`,
          ),
        ],
        facts,
      );
    return {
      ok: true,
      result: 'retired',
      message: `${to} is removed; ${live.payload.version} on ${from} stays`,
      ...facts,
    };
  } finally {
    await control.lock.remove(held);
  }
}

function kept(reasons: readonly string[], before: Weights): ModeResult {
  return {
    ok: true,
    result: 'kept',
    message: `The old colour stays: ${reasons.join('; ')}`,
    reasons,
    before,
  };
}

/** What still needs the old colour. */
async function needed(
  control: Pick<TrafficControl, 'service' | 'github' | 'writers'>,
  live: DeploymentRecord,
  weights: Weights,
  bakeMs: number,
): Promise<string[]> {
  const reasons: string[] = [];
  const colour = liveColour(weights);
  if (colour !== live.payload.colour) {
    reasons.push(
      `the ledger says ${live.payload.colour} is live, the router says ${colour ?? 'traffic is mixed'}`,
    );
  }
  const outcome = outcomeOf(live);
  const bakedFor = outcome.is === 'succeeded' ? control.github.now() - outcome.at : 0;
  if (bakedFor < bakeMs) {
    reasons.push(
      `${live.payload.version} has been live for ${formatDuration(bakedFor)} of ${formatDuration(bakeMs)}`,
    );
  }
  const { incidents } = await listIncidents(control.github, { states: ['OPEN'], writers: control.writers });
  const concerns = (services: readonly string[]) =>
    services.length === 0 || services.some((named) => isService(named, control.service));
  for (const incident of incidents.filter(
    ({ marker, severity, services }) =>
      marker?.causedBy === live.id ||
      ((severity === 'critical' || severity === 'high') && concerns(services)),
  )) {
    reasons.push(`incident #${incident.number} is open (${incident.url})`);
  }
  return reasons;
}
