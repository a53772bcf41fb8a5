import type { Rules } from '../../../shared/analysis/criteria/criteria-file.js';
import { watch } from '../../../shared/analysis/course/watch.js';
import { ConfigurationError } from '../../../shared/config/problem.js';
import { openSources } from '../../../shared/analysis/registry.js';
import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Host } from '../../../shared/runner/host.js';
import { formatDuration } from '../../../shared/time/duration.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { liveColour } from '../../../shared/traffic/router.js';
import { subjectOf } from '../../../shared/traffic/subject.js';
import { incidentOf } from '../incident.js';
import { timelineOf } from '../outcome.js';
import { page } from '../page.js';
import { movedAway } from '../subject.js';

/** What was restored, and the rules it is judged by; asked for once traffic has moved, and not before. */
export interface Restored {
  good: DeploymentRecord | undefined;
  rules: () => Promise<Rules>;
}

/**
 * Judges the restored release by its own samples, once those that are older than the rollback are out of every query's
 * range: a fault may be somewhere else than in the release. Nothing is moved by it; a person hears of it.
 */
export async function lookAfter(
  control: TrafficControl,
  host: Host,
  report: AnalysisReport,
  restored: Restored,
): Promise<AnalysisReport> {
  if (report.result !== 'rolled-back') return report;
  try {
    return await judgeRestored(control, host, report, restored);
  } catch (error) {
    // The rollback is done and stands, whatever becomes of a look at it.
    const told = unjudged(control, report, wordsOf(error));
    return { ...told, reason: `${report.reason}. ${notJudged(wordsOf(error))}` };
  }
}

const notJudged = (why: string) => `Whether what is restored is well was not judged: ${why}`;

/** A file that is not there, or wrong, in one line: nobody corrects it while users wait. */
function wordsOf(error: unknown): string {
  if (error instanceof ConfigurationError)
    return error.problems.map(({ file, got }) => `${file}: ${got}`).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The report with why nobody knows whether what was restored is well. */
function unjudged(control: TrafficControl, report: AnalysisReport, why: string): AnalysisReport {
  control.timeline.say(notJudged(why));
  return {
    ...report,
    restored: { is: 'not known', message: why },
    timeline: timelineOf(control.timeline.events),
  };
}

async function judgeRestored(
  control: TrafficControl,
  host: Host,
  report: AnalysisReport,
  { good, rules }: Restored,
): Promise<AnalysisReport> {
  const { settleMs, plan, sources } = await rules();
  if (settleMs === undefined)
    return unjudged(control, report, 'the criteria have no "settle", which says from when on it is judged');
  if (!good) throw new Error('the ledger does not know which release it is');
  const colour = liveColour((await control.router.survey()).partial.weights);
  if (colour === undefined) throw new Error('traffic goes to several colours');
  const { version } = good.payload;
  const { contain: _, ...rest } = plan;
  const longest = Math.max(...plan.criteria.map(({ forMs }) => forMs));
  const own = { ...rest, warmUpMs: settleMs, watchMs: settleMs + longest + plan.intervalMs };
  control.timeline.say(
    `Looking after ${version} on ${colour} for ${formatDuration(own.watchMs)}, by its own samples`,
  );
  const subject = subjectOf(control, { ...good.payload, colour, sha: good.sha });
  const { verdict } = await watch(own, {
    sources: openSources(sources, own, { ...control, subject }),
    clock: control.clock,
    signal: host.signal,
    movedAway: () => movedAway(control, colour),
    onTick: () => undefined,
  });
  const found = `${version}, judged by its own samples after the rollback, is ${is[verdict.is]}: ${verdict.message}`;
  control.timeline.say(found);
  const told = {
    ...report,
    restored: { is: is[verdict.is], message: verdict.message },
    reason: `${report.reason}. ${found}`,
    timeline: timelineOf(control.timeline.events),
  };
  if (verdict.is === 'healthy') return told;
  // The incident says that traffic is back; whoever reads it would take what was not seen for well.
  const now =
    verdict.is === 'failed'
      ? 'look for a cause outside of the release, such as a database, a dependency or the load'
      : `look at the metrics of ${version} yourself before you close this`;
  const next = `${found}. Nothing more is moved: ${now}`;
  const incident = incidentOf({ ...told, reason: next }, 'critical', control.github.now());
  return { ...told, ...(incident ? await page(control, told.reason, incident) : {}) };
}

const is = {
  healthy: 'well',
  failed: 'bad too',
  inconclusive: 'not known',
  interrupted: 'not known',
  moved: 'not known',
} as const;
