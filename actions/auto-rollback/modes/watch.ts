import { longestExtension } from '../../../shared/analysis/course/course.js';
import { openSources } from '../../../shared/analysis/registry.js';
import { watch } from '../../../shared/analysis/course/watch.js';
import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import type { Host } from '../../../shared/runner/host.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { subjectOf } from '../../../shared/traffic/subject.js';
import { canContain, containing, withContained } from '../contain.js';
import type { Inputs } from '../inputs.js';
import { startReport } from '../outcome.js';
import { preflight } from '../strategies/preflight.js';
import { readRules, type RulesRead } from '../rules.js';
import { sayTick } from '../say-tick.js';
import { beforeIt, findLive, movedAway, withReleases, type Live } from '../subject.js';
import { strategyPorts, takeBackRelease } from '../take-back/take-back-release.js';
import { endUndecided, leaveUnwatched } from '../take-back/unwatched.js';
import { claimWatch, releaseWatch } from '../watch-claim.js';

/**
 * Watches what is live until the criteria decide, and takes it back when they say so. A watch that comes to no verdict,
 * whatever the cause, ends as the policy says, and never in silence.
 */
export async function watchLive(
  control: TrafficControl,
  values: Inputs,
  host: Host,
): Promise<AnalysisReport> {
  let report = startReport(values, control.runUrl);
  let read: RulesRead | undefined;
  let found: Live | undefined;
  try {
    const live = await findLive(control, values['deployment-id']);
    if (!live.ok) {
      const held: AnalysisReport = { ...report, result: 'held', reason: live.why };
      return live.gone ? held : await leaveUnwatched(control, held, values.severity);
    }
    found = live;
    report = withReleases(report, found.live, found.good);
    read = await readRules(control, values);
    const { plan, onInconclusive } = read.rules;
    report = { ...report, plan, onInconclusive, criteriaFile: read.criteriaFile };
    const stretches = 1 + 2 * (plan.contain?.atMost ?? 0);
    const untilMs = control.github.now() + plan.watchMs + stretches * longestExtension(plan);
    const claim = await claimWatch(control, { deployment: found.live.id, untilMs });
    if (!claim.claimed) return { ...report, result: 'held', reason: claim.why };
    try {
      return await judgeLive(control, values, host, report, { found, read });
    } finally {
      await releaseWatch(control, claim.held);
    }
  } catch (error) {
    if (error instanceof Error) host.log.debug(error.stack ?? error.message);
    const reason = error instanceof Error ? error.message : String(error);
    return endUndecided(control, values, host, { ...report, reason }, { found, read });
  }
}

/** Watches the live release and does what the verdict asks for. */
async function judgeLive(
  control: TrafficControl,
  values: Inputs,
  host: Host,
  start: AnalysisReport,
  { found, read }: { found: Live; read: RulesRead },
): Promise<AnalysisReport> {
  const { plan, sources } = read.rules;
  const { live } = found;
  const ports = strategyPorts(control, values, host);
  const report = {
    ...start,
    preflight: [
      ...(await preflight(ports, values.strategy, host.log, found)),
      ...(await canContain(ports, plan, host.log)),
    ],
  };
  const subject = subjectOf(control, { ...live.payload, sha: live.sha });
  control.timeline.say(`Watching ${subject.version} on ${subject.colour} (Deployment ${live.id})`);
  const containment = containing(
    { ...ports, passEnv: values['pass-env'], signal: host.signal },
    plan,
    report,
    values.severity,
  );
  const watched = await watch(plan, {
    contain: containment.contain,
    sources: openSources(sources, plan, { ...control, subject, ...beforeIt(control, found) }),
    clock: control.clock,
    signal: host.signal,
    movedAway: () => movedAway(control, subject.colour),
    onTick: sayTick(control.timeline, host.log),
  });
  const { verdict } = watched;
  control.timeline.say(`Verdict: ${verdict.is}: ${verdict.message}`);
  const judged = withContained({ ...report, ...watched, reason: verdict.message }, containment);
  switch (verdict.is) {
    case 'healthy':
      return { ...judged, result: watched.contained.length > 0 ? 'contained' : 'healthy' };
    case 'moved':
      return { ...judged, result: 'held' };
    case 'failed':
      return takeBackRelease(
        control,
        values,
        host,
        { ...found, rules: () => Promise.resolve(read.after) },
        { ...judged, reason: `${verdict.criterion}: ${judged.reason}` },
      );
    case 'inconclusive':
    case 'interrupted':
      return endUndecided(
        control,
        values,
        host,
        { ...judged, result: verdict.is === 'interrupted' ? 'error' : 'inconclusive' },
        { found, read },
      );
  }
}
