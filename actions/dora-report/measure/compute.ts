import type {
  DeploymentRow,
  DoraFacts,
  DoraQuestion,
  DoraReport,
  Measures,
} from '../../../shared/contracts/dora-report.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { calendarOf } from './buckets.js';
import { evidencesOf, type Evidences } from './evidence.js';
import type { IncidentFact } from '../metrics/failures.js';
import { judge, type Judged } from './judge.js';
import { leftOutOf } from './left-out.js';
import { isCounted, measure, windowOf, within, type Measuring } from './measure.js';
import { spreadOf } from '../metrics/statistics.js';
import { byService, isChosen, ofServices } from '../metrics/units.js';

/**
 * The report: a pure function of the facts and the question, so that it can be made again from its own `facts` and
 * `question`.
 */
export function compute(facts: DoraFacts, question: DoraQuestion, notes: readonly string[] = []): DoraReport {
  const chosen = { ...facts, deployments: ofServices(facts.deployments, question.services) };
  const judgement = judge(chosen, question.environment);
  const say = evidencesOf(facts);
  const incidents = judgement.incidents.filter((incident) =>
    isChosen(incident.marker!.service, question.services),
  );
  const services = [...byService(judgement.deployments).keys()].sort();
  const window = windowOf(question);
  const failuresKnown =
    facts.incidents.length > 0 ||
    judgement.deployments.some(
      ({ failures, rollback, kind }) => failures.length > 0 || rollback || kind === 'hotfix',
    );
  const measuring = { question, calendar: calendarOf(window), say, failuresKnown };
  const rows = judgement.deployments.filter((d) => within(window, d.at));
  return {
    schema: 'devops-actions/dora-report@1',
    result: rows.length > 0 ? 'measured' : 'no-deployments',
    question,
    total: measure(nameOfTotal(services, question), judgement.deployments, incidents, measuring),
    services: services.map((name) => measureService(name, judgement.deployments, incidents, measuring)),
    deployments: rows.map((deployment) => rowOf(deployment, question, say)).reverse(),
    leftOut: leftOutOf(question, { ...judgement, incidents }, say),
    notes: [
      ...notes,
      ...notesOf(facts, question, services),
      ...(failuresKnown || rows.length === 0
        ? []
        : [
            'No incident, rollback, revert or hotfix was ever recorded here, so the change fail rate is not known. Open incidents with the label "incident" to measure it.',
          ]),
    ],
    facts,
  };
}

function measureService(
  name: string,
  deployments: readonly Judged[],
  incidents: readonly IncidentFact[],
  measuring: Measuring,
): Measures {
  return measure(
    name,
    deployments.filter((d) => d.service === name),
    incidents.filter((incident) => incident.marker!.service.toLowerCase() === name),
    measuring,
  );
}

function nameOfTotal(services: readonly string[], question: DoraQuestion): string {
  if (services.length === 1) return services[0]!;
  return services.length === 0 ? question.services.join(', ') : `all ${services.length} services`;
}

function rowOf(deployment: Judged, question: DoraQuestion, say: Evidences): DeploymentRow {
  const signs = deployment.failures.map(({ sign }) => sign);
  const counted = isCounted(deployment, question.countRollbacks);
  const takenBack = signs.includes('taken back') || signs.includes('rolled back');
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

function notesOf(facts: DoraFacts, question: DoraQuestion, services: readonly string[]): string[] {
  const unseen = question.services.filter((name) => !services.includes(name.toLowerCase()));
  return [
    ...(facts.complete.deployments
      ? []
      : ['More deployments exist than were read: the oldest of the window may be missing.']),
    ...(facts.complete.commits
      ? []
      : ['More commits exist than were read: some deployments have no lead time.']),
    ...unseen.map((name) => `No finished deployment of service "${name}" in ${question.environment}.`),
    ...(services.length > 1
      ? [
          'The figures of all services together are a sum, not a comparison: DORA means its metrics for one service.',
        ]
      : []),
  ];
}
