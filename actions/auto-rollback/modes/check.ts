import { check, type Checked } from '../../../shared/analysis/course/check.js';
import { openSources } from '../../../shared/analysis/registry.js';
import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import type { SoFar } from '../../../shared/contracts/check-state.js';
import type { Held } from '../../../shared/ledger/refs/state.js';
import type { Watch } from '../../../shared/ledger/refs/watch.js';
import type { Host } from '../../../shared/runner/host.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { subjectOf } from '../../../shared/traffic/subject.js';
import { confirmRelease, whyUnconfirmed } from '../checks/confirm-release.js';
import { containing, withContained } from '../contain.js';
import type { Inputs } from '../inputs.js';
import { startReport } from '../outcome.js';
import { readRules, type RulesRead } from '../rules.js';
import { preflight } from '../strategies/preflight.js';
import { beforeIt, findLive, movedAway, withReleases, type Live } from '../subject.js';
import { strategyPorts, takeBackRelease } from '../take-back/take-back-release.js';
import { endUndecided, leaveUnwatched } from '../take-back/unwatched.js';
import { believable } from '../checks/believable.js';
import { claimWatch } from '../watch-claim.js';

/** The longest that a job runs, in milliseconds: a claim older than that is of a dead one. */
const longestJob = 21_600_000;

/** What happened so lately (ms) may not be known to the sources yet; the next check judges it. */
const settledAfter = 60_000;

/**
 * Looks after what is live on a schedule: judges all the time since the last check, and confirms the release when it was
 * well for long enough. What it has seen stands in the watch ref, so that nothing is judged twice or left out.
 */
export async function checkLive(
  control: TrafficControl,
  values: Inputs,
  host: Host,
): Promise<AnalysisReport> {
  let report = startReport(values, control.runUrl);
  try {
    const live = await findLive(control, values['deployment-id']);
    if (!live.ok) {
      if (live.never) return { ...report, result: 'watching', reason: `nothing to check: ${live.why}` };
      const held: AnalysisReport = { ...report, result: 'held', reason: live.why };
      return live.gone ? held : await leaveUnwatched(control, held, values.severity);
    }
    const found: Live = live;
    report = withReleases(report, found.live, found.good);
    const read = await readRules(control, values, 'check');
    const { plan, onInconclusive } = read.rules;
    report = { ...report, plan, onInconclusive, criteriaFile: read.criteriaFile };

    const since = beforeIt(control, found).liveSince ?? control.clock.now();
    const claim = await claimWatch(control, {
      deployment: found.live.id,
      untilMs: control.github.now() + longestJob,
      check: { since, checkedTo: since, criteria: {} },
    });
    if (!claim.claimed)
      return { ...report, result: 'watching', reason: `${claim.why}; the next check judges this time` };
    const before = await believable(control, found.live, plan, {
      since,
      known: claim.held.state.check,
      from: claim.from,
    });
    const { confirmedAt } = before;
    if (confirmedAt !== undefined)
      return {
        ...report,
        result: 'confirmed',
        reason: `${found.live.payload.version} was confirmed at ${isoInstant(confirmedAt)} already`,
      };
    return await judge(control, values, host, report, { found, read, before, held: claim.held });
  } catch (error) {
    if (error instanceof Error) host.log.debug(error.stack ?? error.message);
    const reason = error instanceof Error ? error.message : String(error);
    return leaveUnwatched(control, { ...report, reason }, values.severity);
  }
}

/** Judges what is known since the last check, writes down how far it came, and does what the verdict asks for. */
async function judge(
  control: TrafficControl,
  values: Inputs,
  host: Host,
  start: AnalysisReport,
  { found, read, before, held }: { found: Live; read: RulesRead; before: SoFar; held: Held<Watch> },
): Promise<AnalysisReport> {
  const { plan, sources } = read.rules;
  const { live } = found;
  const { since } = before;
  const until = control.clock.now() - settledAfter;
  const subject = subjectOf(control, { ...live.payload, sha: live.sha });
  control.timeline.say(
    `Checking ${subject.version} on ${subject.colour} (Deployment ${live.id}) from ${isoInstant(before.checkedTo)} to ${isoInstant(Math.max(before.checkedTo, until))}`,
  );
  const containment = containing(
    { ...strategyPorts(control, values, host), passEnv: values['pass-env'], signal: host.signal },
    plan,
    start,
    values.severity,
  );
  const checked = await check(plan, before, until, {
    contain: containment.contain,
    open: () => openSources(sources, plan, { ...control, subject, ...beforeIt(control, found) }),
    clock: control.clock,
    signal: host.signal,
  });
  const { verdict, ticks, measurements, contained } = checked;
  control.timeline.say(`Verdict: ${verdict.is}: ${verdict.message}`);
  const endsAt = since + plan.watchMs;
  const report: AnalysisReport = {
    ...start,
    startedAt: since,
    ticks,
    measurements,
    ...(contained.length > 0 ? { contained } : {}),
    verdict,
    check: { before, checkedTo: checked.soFar.checkedTo, endsAt },
    preflight: await preflight(strategyPorts(control, values, host), values.strategy, host.log, found),
    reason: verdict.message,
  };
  const saved = await control.watch.replace(
    held,
    { ...held.state, check: checked.soFar },
    `checked up to ${isoInstant(checked.soFar.checkedTo)}`,
  );
  const told = withContained(report, containment);
  return act(control, values, host, told, { found, read, held: saved, verdict });
}

async function act(
  control: TrafficControl,
  values: Inputs,
  host: Host,
  report: AnalysisReport,
  {
    found,
    read,
    held,
    verdict,
  }: { found: Live; read: RulesRead; held: Held<Watch>; verdict: Checked['verdict'] },
): Promise<AnalysisReport> {
  switch (verdict.is) {
    case 'watching':
      return {
        ...report,
        result: report.contained ? 'contained' : 'watching',
        reason: `${report.reason}; ${left(report)}`,
      };
    case 'healthy': {
      const why = await whyUnconfirmed(control, found.live);
      if (why !== undefined)
        return {
          ...report,
          result: report.contained ? 'contained' : 'watching',
          reason: `${report.reason}, and not confirmed yet: ${why}`,
        };
      await confirmRelease(control, found.live, held);
      return { ...report, result: 'confirmed', reason: verdict.message };
    }
    case 'failed': {
      const moved = await movedAway(control, found.live.payload.colour);
      if (moved !== undefined)
        return { ...report, result: 'held', reason: `someone else moved traffic during the check: ${moved}` };
      return takeBackRelease(
        control,
        values,
        host,
        { ...found, rules: () => Promise.resolve(read.after) },
        { ...report, reason: `${verdict.criterion}: ${report.reason}` },
      );
    }
    case 'inconclusive':
      return endUndecided(control, values, host, { ...report, result: 'inconclusive' }, { found, read });
    // The next check asks for this time again, so nothing is taken back for it.
    case 'unasked':
    case 'interrupted':
      return leaveUnwatched(control, report, values.severity);
  }
}

function left({ check: checked }: AnalysisReport): string {
  const ms = checked!.endsAt - checked!.checkedTo;
  return ms > 0 ? `${formatDuration(ms)} are left until it can be confirmed` : 'what is open decides';
}
