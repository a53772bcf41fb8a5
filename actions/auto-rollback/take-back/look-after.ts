import type { Rules } from '../../../shared/analysis/criteria/criteria-file.js';
import { watch } from '../../../shared/analysis/course/watch.js';
import { openSources } from '../../../shared/analysis/registry.js';
import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import type { Host } from '../../../shared/runner/host.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { liveColour } from '../../../shared/traffic/router.js';
import { subjectOf } from '../../../shared/traffic/subject.js';
import { incidentOf } from '../incident.js';
import { timelineOf } from '../outcome.js';
import { page } from '../page.js';
import { movedAway, type Live } from '../subject.js';

/**
 * Judges the restored release by its own samples, once those that are older than the rollback are out of every query's
 * range: a fault may be somewhere else than in the release. Nothing is moved by it; a person hears of it.
 */
export async function lookAfter(
  control: TrafficControl,
  host: Host,
  report: AnalysisReport,
  known: { found: Live; rules: Rules },
): Promise<AnalysisReport> {
  try {
    return await judgeRestored(control, host, report, known);
  } catch (error) {
    // The rollback is done and stands, whatever becomes of a look at it.
    const why = error instanceof Error ? error.message : String(error);
    return {
      ...report,
      reason: `${report.reason}. Whether what is restored is well could not be judged: ${why}`,
    };
  }
}

async function judgeRestored(
  control: TrafficControl,
  host: Host,
  report: AnalysisReport,
  { found, rules }: { found: Live; rules: Rules },
): Promise<AnalysisReport> {
  const { good } = found;
  const { settleMs, plan, sources } = rules;
  if (report.result !== 'rolled-back' || settleMs === undefined || !good) return report;
  const colour = liveColour((await control.router.survey()).partial.weights);
  if (colour === undefined) return report;
  const { version } = good.payload;
  control.timeline.say(`Looking after ${version} on ${colour}, by its own samples`);
  const subject = subjectOf(control, { ...good.payload, colour, sha: good.sha });
  const { contain: _, ...rest } = plan;
  const longest = Math.max(...plan.criteria.map(({ forMs }) => forMs));
  const own = { ...rest, warmUpMs: settleMs, watchMs: settleMs + longest + plan.intervalMs };
  const { verdict } = await watch(own, {
    sources: openSources(sources, own, { ...control, subject }),
    clock: control.clock,
    signal: host.signal,
    movedAway: () => movedAway(control, colour),
    onTick: () => undefined,
  });
  const said = `${version}, judged by its own samples after the rollback, is ${is[verdict.is]}: ${verdict.message}`;
  control.timeline.say(said);
  const told = {
    ...report,
    restored: { is: is[verdict.is], message: verdict.message },
    reason: `${report.reason}. ${said}`,
    timeline: timelineOf(control.timeline.events),
  };
  if (verdict.is !== 'failed') return told;
  const next = `${said}. Nothing more is moved: look for a cause outside of the release, such as a database, a dependency or the load`;
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
