import { compute } from '../../../actions/dora-report/measure/compute.js';
import { chainsOf, ofServices, unitsOf } from '../../../actions/dora-report/metrics/units.js';
import type { DoraFacts, DoraQuestion, DoraReport } from '../../../shared/contracts/reports/dora-report.js';

type Deployment = DoraFacts['deployments'][number];
type Commit = DoraFacts['commits'][number];
type Incident = DoraFacts['incidents'][number];
type Pull = NonNullable<DoraFacts['pulls']>[number];

/** A full sha that stands for a short name. */
export function sha(name: string): string {
  return Buffer.from(name, 'utf8').toString('hex').padEnd(40, '0').slice(0, 40);
}

/** `'03-02 10:00'` of 2026, or a whole instant. */
export function instant(text: string): string {
  const short = /^(\d{2}-\d{2}) (\d{2}:\d{2}(?::\d{2})?)$/.exec(text);
  return short ? new Date(`2026-${short[1]}T${short[2]}Z`).toISOString() : text;
}

/** Epoch milliseconds of the same. */
export function epoch(text: string): number {
  return Date.parse(instant(text));
}

let run = 1_000;

/** A deployment that became a success at `at` with the commit of that name; states after it by name and time. */
export function deployment(
  id: number,
  at: string,
  commit: string,
  more: Partial<Omit<Deployment, 'statuses' | 'sha'>> & {
    then?: [state: string, at: string][];
    first?: string;
  } = {},
): Deployment {
  const { then = [], first = 'success', ...fields } = more;
  const done = instant(at);
  return {
    id,
    source: 'ledger',
    service: 'shop',
    environment: 'production',
    sha: sha(commit),
    version: `1.${id}.0`,
    kind: 'release',
    run: { id: run++, attempt: 1 },
    createdAt: new Date(Date.parse(done) - 60_000).toISOString(),
    distrust: [],
    ...fields,
    statuses: [
      { state: 'in_progress', at: new Date(Date.parse(done) - 30_000).toISOString() },
      { state: first, at: done },
      ...then.map(([state, when]) => ({ state, at: instant(when) })),
    ],
  };
}

/** A commit of that name with its parents by name. */
export function commit(name: string, at: string, parents: string[] = [], more: Partial<Commit> = {}): Commit {
  const committedAt = instant(at);
  return {
    oid: sha(name),
    parents: parents.map(sha),
    committedAt,
    authoredAt: committedAt,
    headline: `Change ${name}`,
    reverts: [],
    revertsPulls: [],
    ...more,
  };
}

/** An incident of ours, caused by that deployment when one is given. */
export function incident(
  number: number,
  openedAt: string,
  more: Partial<Incident> & { causedBy?: number } = {},
): Incident {
  const { causedBy, closedAt, ...fields } = more;
  return {
    key: String(number),
    source: 'suite',
    url: `https://github.example/acme/shop/issues/${number}`,
    title: `Trouble ${number}`,
    openedAt: instant(openedAt),
    ...(closedAt ? { closedAt: instant(closedAt) } : {}),
    marker: { service: 'shop', environment: 'production', ...(causedBy ? { causedBy } : {}) },
    ...fields,
  };
}

/** Four weeks of March 2026, from Monday to Monday. */
export const question: DoraQuestion = {
  environment: 'production',
  services: [],
  from: '2026-03-02T00:00:00.000Z',
  to: '2026-03-30T00:00:00.000Z',
  timezone: 'UTC',
  tiers: 'seed',
  leadTimeStart: 'commit',
  countRollbacks: false,
  filters: { paths: [], excludeAuthors: [], excludeBots: false, labels: [] },
  incidentSource: false,
  linkWithinHours: null,
  hotfixTargetMinutes: 35,
};

export interface World {
  deployments?: Deployment[];
  commits?: Commit[];
  incidents?: Incident[];
  missing?: string[];
  pulls?: Pull[];
}

/** Facts as gather would hand them over for that window. */
export function factsOf(world: World, asked: DoraQuestion = question): DoraFacts {
  const deployments = world.deployments ?? [];
  const units = unitsOf(ofServices(deployments, asked.services)).units;
  return {
    readAt: '2026-03-30T08:00:00.000Z',
    repositoryUrl: 'https://github.example/acme/shop',
    deployments: deployments.toReversed(),
    incidents: world.incidents ?? [],
    commits: world.commits ?? [],
    chains: chainsOf(units, Date.parse(asked.from), Date.parse(asked.to)).map((chain) =>
      chain.map((unit) => unit.id),
    ),
    ...(world.pulls ? { pulls: world.pulls } : {}),
    liveBefore: [],
    notes: [],
    missingCommits: (world.missing ?? []).map(sha),
    complete: { deployments: true, commits: true },
    requests: { deployments: 1, commits: 1, incidents: 1, pulls: 0 },
  };
}

/** The report of that world. */
export function reportOf(world: World, more: Partial<DoraQuestion> = {}): DoraReport {
  const asked = { ...question, ...more };
  return compute(factsOf(world, asked), asked);
}
