import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import { succeededAt, type DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Host } from '../../../shared/runner/host.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import type { Inputs } from '../inputs.js';
import { startReport } from '../outcome.js';
import { readRules } from '../rules.js';
import { findLive, withReleases } from '../subject.js';
import { lookAfter } from '../take-back/look-after.js';

/**
 * Judges what a rollback restored, in a step of its own: people are told of the rollback before, and of this after.
 * Nothing is moved by it.
 */
export async function lookAfterLive(
  control: TrafficControl,
  values: Inputs,
  host: Host,
): Promise<AnalysisReport> {
  const report = startReport(values, control.runUrl);
  const held = (reason: string): AnalysisReport => ({ ...report, result: 'held', reason });
  const found = await findLive(control, values['deployment-id']);
  if (!found.ok) return held(`nothing was judged: ${found.why}`);
  const { live } = found;
  const { version } = live.payload;
  const history = await readHistory(control);
  const bad = rolledBackFor(live, history);
  if (!bad)
    return held(`nothing was judged: ${version} (Deployment ${live.id}) was not restored by a rollback`);
  const restoredAt = succeededAt(live);
  const restored: AnalysisReport = {
    ...withReleases(report, bad, live),
    result: 'rolled-back',
    reason: `${version} is live since ${bad.payload.version} was rolled back`,
    takeBack: {
      result: 'restored',
      message: `${version} is live again on ${live.payload.colour}`,
      trafficMoved: true,
      deployment: live.id,
      durationMs: 0,
      ...(restoredAt === undefined ? {} : { restoredAt: restoredAt - (control.github.ahead() ?? 0) }),
    },
  };
  const read = async () => (await readRules(control, values)).rules;
  // Nobody asked for it, so nobody is told that it was not done.
  const rules = await read().catch(() => undefined);
  if (rules && rules.settleMs === undefined)
    return { ...restored, reason: `${restored.reason}. The criteria have no "settle", so it was not judged` };
  return lookAfter(control, host, restored, {
    good: live,
    rules: rules ? () => Promise.resolve(rules) : read,
  });
}

/**
 * The release that was rolled back to what is live. A rollback that moved traffic and could not be recorded as live is
 * one too: the release that it went back to is what is found then.
 */
function rolledBackFor(
  live: DeploymentRecord,
  history: readonly DeploymentRecord[],
): DeploymentRecord | undefined {
  const rollback = history.find(
    ({ id, payload, distrust }) =>
      payload.kind === 'rollback' &&
      distrust.length === 0 &&
      (id === live.id ||
        (id > live.id && payload.digest === live.payload.digest && payload.colour === live.payload.colour)),
  );
  return rollback && history.find(({ id }) => id === rollback.payload.previous);
}
