import type { DoraFacts } from '../../../shared/contracts/dora-facts.js';
import type { DoraQuestion, Measures } from '../../../shared/contracts/reports/dora-report.js';
import { fewEvents } from '../metrics/figures/statistics.js';

interface Noted {
  facts: DoraFacts;
  question: DoraQuestion;
  /** Services that were found. */
  services: readonly string[];
  total: Measures;
  failuresKnown: boolean;
  /** Whether there was anything to measure. */
  measured: boolean;
}

/** What a reader must know before he believes a figure, a sentence each. */
export function notesOf(noted: Noted): string[] {
  return [...noted.facts.notes, ...gaps(noted), ...ofServices(noted), ...ofFailures(noted), ...ofSize(noted)];
}

function gaps({ facts, question, total }: Noted): string[] {
  const { since, days } = total.frequency;
  return [
    ...(facts.complete.deployments
      ? []
      : ['More deployments exist than were read: the oldest of the window may be missing.']),
    ...(facts.complete.commits
      ? []
      : ['More commits exist than were read: some deployments have no lead time.']),
    ...(since === undefined
      ? []
      : [
          `The records begin on ${since.slice(0, 10)}, inside the window: frequency is over the ${count(days, 'day')} since then${days < 7 ? ', too few for a tier' : ''}.`,
        ]),
    ...(question.leadTimeStart !== 'commit' && facts.pulls === undefined
      ? ['Pull requests were not read, so lead times begin at the commits.']
      : []),
    ...(question.filters.labels.length > 0 && facts.pulls === undefined
      ? ['Pull requests were not read, so none has the labels that were asked for.']
      : []),
  ];
}

function ofServices({ question, services }: Noted): string[] {
  const unseen = question.services.filter((name) => !services.includes(name.toLowerCase()));
  const paths = question.filters.paths.map((name) => name.toLowerCase());
  const pathless = services.filter((name) => !paths.includes(name));
  return [
    ...unseen.map((name) => `No finished deployment of service "${name}" in ${question.environment}.`),
    ...(services.length > 1
      ? [
          'The figures of all services together are a sum, not a comparison: DORA means its metrics for one service.',
        ]
      : []),
    ...(services.length > 1 && pathless.length > 0
      ? [
          `Lead times of ${pathless.join(', ')} are those of the whole repository: name the paths of each service (input "paths") to tell them apart.`,
        ]
      : []),
  ];
}

function ofFailures({ failuresKnown, measured }: Noted): string[] {
  return failuresKnown || !measured
    ? []
    : [
        'No incident, rollback, revert or hotfix was ever recorded here, so the change fail rate is not known. Open incidents with the label "incident" to measure it.',
      ];
}

function ofSize({ total, measured }: Noted): string[] {
  const { n, value, interval } = total.changeFailRate;
  if (!measured || n >= fewEvents || n === 0) return [];
  const share = (part: number) => `${Math.round(part * 100)} %`;
  const wide =
    value !== null && interval !== null
      ? ` A change fail rate of ${share(value)} may well be anything from ${share(interval.low)} to ${share(interval.high)}.`
      : '';
  return [`Few data: ${count(n, 'deployment')}. One more or less moves every figure.${wide}`];
}

function count(n: number, what: string): string {
  const shown = Number(n.toFixed(1));
  return `${shown} ${what}${shown === 1 ? '' : 's'}`;
}
