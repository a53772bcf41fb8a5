import type { DoraFacts } from '../../../shared/contracts/dora-facts.js';
import type {
  DeploymentRow,
  DoraQuestion,
  DoraReport,
  LeftOut,
  Measures,
  RepositoryFacts,
} from '../../../shared/contracts/reports/dora-report.js';
import { groupBy } from '../metrics/units.js';
import { allOf, measureIn, partOf, rowsOf, type Part } from './compute.js';
import type { Said } from './evidence.js';
import { examplesShown, leftOutOf } from './left-out.js';
import type { Measured } from './measure.js';
import { notesOf } from './notes.js';

interface NamedPart extends Part {
  repository: string;
  measured: Measured;
}

/**
 * The report over several repositories: each judged by its own records alone, then measured by itself and together with
 * the others. Pure.
 */
export function computeMany(
  all: readonly RepositoryFacts[],
  question: DoraQuestion,
  notes: readonly string[] = [],
): DoraReport {
  const parts = all.map(({ repository, facts }): NamedPart => {
    const part = partOf(facts, question, `${repository}: `);
    return { ...part, repository, measured: allOf(part.judgement, repository) };
  });
  const known = new Set(
    parts.filter(({ failuresKnown }) => failuresKnown).flatMap(({ judgement }) => judgement.deployments),
  );
  const measuring = { question, say: sayOf(parts), failuresKnown: known.has.bind(known) };
  const measure = measureIn(
    measuring,
    parts.some(({ facts }) => facts.pulls !== undefined),
  );
  const each = parts.map(({ measured }) => measure(measured));
  const total = totalOf(measure(together(parts)), each);
  const rows = parts.flatMap((part) => namedRows(part, question)).sort((a, b) => b.at.localeCompare(a.at));
  return {
    schema: 'devops-actions/dora-report@1',
    result: rows.length > 0 ? 'measured' : 'no-deployments',
    question,
    total,
    services: each,
    deployments: rows,
    leftOut: joined(parts.flatMap(({ judgement, say }) => leftOutOf(question, judgement, say))),
    notes: [
      ...notes,
      ...notesOfTotal(parts, each),
      ...parts.flatMap((part, n) => notesOfPart(part, each[n]!, question)),
    ],
    facts: readOf(all),
    repositories: all.map(({ repository, facts }) => ({ repository, facts })),
  };
}

/** Evidence of a thing in the words of its own repository: numbers alone may mean another thing elsewhere. */
function sayOf(parts: readonly Part[]): Said {
  const whose = new Map<object, Said>();
  for (const { judgement, say } of parts) {
    for (const incident of judgement.incidents) whose.set(incident, say);
    for (const deployment of judgement.deployments)
      for (const thing of [deployment, ...deployment.pulls]) whose.set(thing, say);
  }
  const of = (thing: object) => whose.get(thing)!;
  return {
    deployment: (unit) => of(unit).deployment(unit),
    incident: (incident) => of(incident).incident(incident),
    pull: (pull) => of(pull).pull(pull),
    recovery: (recovery, unit) => of(unit).recovery(recovery, unit),
    failure: (failure, unit) => of(unit).failure(failure, unit),
    rework: (reason, unit) => of(unit).rework(reason, unit),
    leadTimes: (unit) => of(unit).leadTimes(unit),
  };
}

function together(parts: readonly NamedPart[]): Measured {
  const sinces = parts.flatMap(({ measured }) => measured.since ?? []);
  return {
    service: `all ${parts.length} repositories`,
    deployments: parts.flatMap(({ judgement }) => judgement.deployments).sort((a, b) => a.at - b.at),
    incidents: parts.flatMap(({ judgement }) => judgement.incidents),
    since: sinces.length > 0 ? Math.min(...sinces) : undefined,
  };
}

/** Compared with the window before only where each repository can be: one that began later would look like progress. */
function totalOf(total: Measures, each: readonly Measures[]): Measures {
  if (each.every((measures) => measures.before !== undefined || isEmpty(measures))) return total;
  const { before: _, ...rest } = total;
  return rest;
}

const isEmpty = ({ frequency, changeFailRate, timeToRestore }: Measures) =>
  frequency.n + changeFailRate.n + timeToRestore.n === 0;

function namedRows(part: NamedPart, question: DoraQuestion): DeploymentRow[] {
  return rowsOf(part, question).map((row) => ({ ...row, service: `${part.repository}: ${row.service}` }));
}

function joined(all: readonly LeftOut[]): LeftOut[] {
  return [...groupBy(all, ({ what, why }) => `${what} ${why}`).values()].map((same) => ({
    ...same[0]!,
    count: same.reduce((sum, { count }) => sum + count, 0),
    examples: same.flatMap(({ examples }) => examples).slice(0, examplesShown),
  }));
}

function notesOfTotal(parts: readonly NamedPart[], each: readonly Measures[]): string[] {
  const named = (which: (part: NamedPart, n: number) => boolean) =>
    parts.filter(which).map(({ repository }) => repository);
  const unknown = named(({ failuresKnown, judgement }) => !failuresKnown && judgement.deployments.length > 0);
  const later = named((_, n) => each[n]!.before === undefined && !isEmpty(each[n]!));
  return [
    'The figures of all repositories together are a sum, not a comparison: DORA means its metrics for one service.',
    ...(unknown.length > 0
      ? [
          `Deployments of ${unknown.join(', ')} are not in the change fail rate: no failure was ever recorded there.`,
        ]
      : []),
    ...(later.length > 0
      ? [`All together are not compared with the window before, since ${later.join(', ')} cannot be.`]
      : []),
  ];
}

function notesOfPart(part: NamedPart, total: Measures, question: DoraQuestion): string[] {
  const { facts, services, failuresKnown, judgement } = part;
  const measured = judgement.deployments.length > 0;
  return notesOf({ facts, question, services, total, failuresKnown, measured }).map(
    (note) => `${part.repository}: ${note}`,
  );
}

/** How much was read of all; what was read stands with each. */
function readOf(all: readonly RepositoryFacts[]): DoraFacts {
  const every = all.map(({ facts }) => facts);
  const sum = (key: keyof DoraFacts['requests']) =>
    every.reduce((total, { requests }) => total + requests[key], 0);
  return {
    readAt: every.map(({ readAt }) => readAt).sort()[0]!,
    repositoryUrl: every[0]!.repositoryUrl,
    deployments: [],
    incidents: [],
    commits: [],
    chains: [],
    liveBefore: [],
    missingCommits: [],
    complete: {
      deployments: every.every(({ complete }) => complete.deployments),
      commits: every.every(({ complete }) => complete.commits),
    },
    notes: [],
    requests: {
      deployments: sum('deployments'),
      commits: sum('commits'),
      incidents: sum('incidents'),
      pulls: sum('pulls'),
    },
  };
}
