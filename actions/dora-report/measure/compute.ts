import type { DoraFacts } from '../../../shared/contracts/dora-facts.js';
import type {
  Before,
  DeploymentRow,
  DoraQuestion,
  DoraReport,
  Measures,
} from '../../../shared/contracts/reports/dora-report.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { spreadOf } from '../metrics/figures/statistics.js';
import { byService, isChosen, ofServices } from '../metrics/units.js';
import { calendarOf, type Calendar } from './buckets.js';
import { hotfixesIn, valueStreamIn } from './delivery.js';
import { evidencesOf, type Evidences } from './evidence.js';
import { judge, type Judged, type Judgement } from './judge.js';
import { leftOutOf } from './left-out.js';
import {
  figuresIn,
  isCounted,
  trendOf,
  windowOf,
  within,
  type Measured,
  type Measuring,
  type Window,
} from './measure.js';
import { notesOf } from './notes.js';
import { windowBefore } from './period.js';

/** What one repository says, judged. */
export interface Part {
  facts: DoraFacts;
  judgement: Judgement;
  say: Evidences;
  /** Services that were found, in order. */
  services: string[];
  failuresKnown: boolean;
}

/** Judges the facts of one repository; `prefix` stands before everything that is named of it. */
export function partOf(facts: DoraFacts, question: DoraQuestion, prefix = ''): Part {
  const chosen = { ...facts, deployments: ofServices(facts.deployments, question.services) };
  const judged = judge(chosen, question);
  const judgement = {
    ...judged,
    incidents: judged.incidents.filter(
      ({ marker }) => marker?.service === undefined || isChosen(marker.service, question.services),
    ),
  };
  return {
    facts,
    judgement,
    say: evidencesOf(facts, prefix),
    services: [...byService(judgement.deployments).keys()].sort(),
    failuresKnown: knowsFailures(facts, question, judgement),
  };
}

/**
 * The report: a pure function of the facts and the question, so that it can be made again from its own `facts` and
 * `question`.
 */
export function compute(facts: DoraFacts, question: DoraQuestion, notes: readonly string[] = []): DoraReport {
  const part = partOf(facts, question);
  const { judgement, say, services, failuresKnown } = part;
  const measure = measureIn({ question, say, failuresKnown: () => failuresKnown }, facts.pulls !== undefined);
  const rows = rowsOf(part, question);
  const total = measure(allOf(judgement, nameOfTotal(services, question)));
  return {
    schema: 'devops-actions/dora-report@1',
    result: rows.length > 0 ? 'measured' : 'no-deployments',
    question,
    total,
    services: services.map((name) => measure(serviceOf(judgement, name))),
    deployments: rows,
    leftOut: leftOutOf(question, judgement, say),
    notes: [
      ...notes,
      ...notesOf({ facts, question, services, total, failuresKnown, measured: rows.length > 0 }),
    ],
    facts,
  };
}

/** Measures one thing after the other in the window of the question. */
export function measureIn(measuring: Measuring, pullsRead: boolean): (measured: Measured) => Measures {
  const window = windowOf(measuring.question);
  const calendar = calendarOf(window);
  return (measured) => measuresOf(measured, window, calendar, measuring, pullsRead);
}

/** The deployments of the window, newest first. */
export function rowsOf({ judgement, say }: Part, question: DoraQuestion): DeploymentRow[] {
  const window = windowOf(question);
  return judgement.deployments
    .filter((d) => within(window, d.at))
    .map((deployment) => rowOf(deployment, question, say))
    .reverse();
}

/**
 * Whether a source of failures was named, or anything that is believed ever said that a deployment failed: an issue that
 * is not believed is in no rate, so it must not make one of 0 either.
 */
function knowsFailures(
  facts: DoraFacts,
  { incidentSource }: DoraQuestion,
  { deployments }: Judgement,
): boolean {
  return (
    incidentSource ||
    facts.incidents.some(({ marker }) => marker !== undefined) ||
    deployments.some(({ failures, rollback, kind }) => failures.length > 0 || rollback || kind === 'hotfix')
  );
}

/** Everything of a repository together. */
export function allOf({ deployments, incidents, since }: Judgement, service: string): Measured {
  const first = Math.min(Infinity, ...since.values());
  return { service, deployments, incidents, since: Number.isFinite(first) ? first : undefined };
}

function serviceOf({ deployments, incidents, since }: Judgement, service: string): Measured {
  return {
    service,
    deployments: deployments.filter((d) => d.service === service),
    incidents: incidents.filter(({ marker }) => marker!.service?.toLowerCase() === service),
    since: since.get(service),
  };
}

function measuresOf(
  measured: Measured,
  window: Window,
  calendar: Calendar,
  measuring: Measuring,
  pullsRead: boolean,
): Measures {
  const { question, say } = measuring;
  const before = beforeOf(measured, window, measuring);
  const hotfixes = hotfixesIn(window, measured.deployments, question, say);
  return {
    ...figuresIn(window, measured, measuring),
    ...(pullsRead ? { valueStream: valueStreamIn(window, measured.deployments, say) } : {}),
    ...(hotfixes.n > 0 ? { hotfixes } : {}),
    ...(before ? { before } : {}),
    ...trendOf(calendar, measured.deployments, measuring),
  };
}

/** The figures of the window before; undefined where the records do not reach back over all of it. */
function beforeOf(measured: Measured, window: Window, measuring: Measuring): Before | undefined {
  const earlier = windowBefore(window);
  if (measured.since === undefined || measured.since > earlier.from) return undefined;
  const { leadTime, frequency, changeFailRate, recovery, timeToRestore, reworkRate } = figuresIn(
    earlier,
    measured,
    measuring,
  );
  const spread = ({ n, mean, p50, p75, p90, p95 }: Before['leadTime']) => ({ n, mean, p50, p75, p90, p95 });
  return {
    from: isoInstant(earlier.from),
    to: isoInstant(earlier.to),
    deployments: frequency.n,
    perDay: frequency.perDay,
    leadTime: spread(leadTime),
    changeFailRate: changeFailRate.value,
    recovery: spread(recovery),
    timeToRestore: spread(timeToRestore),
    reworkRate: reworkRate.value,
  };
}

function nameOfTotal(services: readonly string[], question: DoraQuestion): string {
  if (services.length === 1) return services[0]!;
  return services.length === 0 ? question.services.join(', ') : `all ${services.length} services`;
}

function rowOf(deployment: Judged, question: DoraQuestion, say: Evidences): DeploymentRow {
  const signs = deployment.failures.map(({ sign }) => sign);
  const counted = isCounted(deployment, question.countRollbacks);
  const takenBack = signs.some((sign) => sign !== 'incident' && sign !== 'reverted');
  const recoveredBy = deployment.recovery?.by === 'deployment' ? deployment.recovery.unit.id : undefined;
  return {
    id: deployment.id,
    url: say.deployment(deployment).url,
    service: deployment.service,
    version: deployment.version,
    sha: deployment.sha,
    kind: deployment.rollback ? 'rollback' : deployment.kind,
    at: isoInstant(deployment.at),
    outcome: takenBack ? 'taken back' : signs.length > 0 ? 'failed' : 'succeeded',
    counted,
    rework: counted && deployment.rework.length > 0,
    commits: deployment.leadTimes.samples.length,
    leadTimeP50: spreadOf(deployment.leadTimes.samples.map((sample) => sample.hours)).p50,
    ...(recoveredBy === undefined ? {} : { recoveredBy }),
  };
}
