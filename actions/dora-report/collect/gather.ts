import type {
  DeploymentFact,
  DoraFacts,
  IncidentFact,
  PullFact,
} from '../../../shared/contracts/dora-facts.js';
import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { chainsOf, ofServices, unitsOf } from '../metrics/units.js';
import type { Cached } from './cache.js';
import type { Git, ServicePath } from './clone.js';
import { incidentFact } from './facts.js';
import { readHistory, type History } from './history.js';
import { requireEnvironment } from './known-environment.js';
import { listLabelled } from './incidents/labelled.js';
import { listMergedPulls } from './pulls.js';
import type { SourceRequest } from './sources/request.js';
import { readDeployments } from './sources/read.js';

export interface GatherRequest extends SourceRequest {
  services: readonly string[];
  /** The end of the window, epoch milliseconds; `from` is that of the window before, where it is compared. */
  to: number;
  /** Address of the repository's pages. */
  repositoryUrl: string;
  readAt: number;
  /** Whether to read pull requests, for their stages and labels. */
  pulls: boolean;
  /** Whether labels decide what counts: they may change after a pull request went live. */
  labels: boolean;
  paths: readonly ServicePath[];
  /** Issues of this label are incidents though the suite did not write them; undefined: only the suite's. */
  incidentLabel: string | undefined;
  /** Incidents that were exported from other tools. */
  exported: readonly IncidentFact[];
  git: Git | undefined;
  cached: Cached | undefined;
  /** What a reader should know of what was given. */
  notes: readonly string[];
}

/** Reads what the report is made of: 100 deployments, incidents, pull requests or commits a request. */
export async function gather(github: GitHub, request: GatherRequest): Promise<DoraFacts> {
  const listed = await readDeployments(github, request);
  if (listed.deployments.length === 0 && listed.byEnvironment)
    await requireEnvironment(github, request.environment);
  const units = unitsOf(ofServices(listed.deployments, request.services)).units;
  const chains = chainsOf(units, request.from, request.to);
  const shas = chains.map((chain) => chain.map((unit) => unit.sha));
  const history = await readHistory(github, {
    chains: shas,
    paths: request.paths,
    git: request.git,
    known: request.cached?.commits ?? [],
  });
  const incidents = await readIncidents(github, request, listed.deployments);
  const pulls = await readPulls(github, request, history, shas);
  return {
    readAt: isoInstant(request.readAt),
    repositoryUrl: request.repositoryUrl,
    deployments: listed.deployments,
    incidents: incidents.incidents,
    commits: history.commits,
    ...(pulls.pulls ? { pulls: pulls.pulls } : {}),
    chains: chains.map((chain) => chain.map((unit) => unit.id)),
    liveBefore: history.liveBefore,
    missingCommits: history.missing,
    complete: { deployments: listed.complete, commits: history.complete },
    requests: {
      deployments: listed.requests,
      commits: history.requests,
      incidents: incidents.requests,
      pulls: pulls.requests,
    },
    notes: [...request.notes, ...history.notes, ...pulls.notes],
  };
}

async function readIncidents(
  github: GitHub,
  { from, writers, incidentLabel, environment, exported }: GatherRequest,
  deployments: readonly DeploymentFact[],
): Promise<{ incidents: IncidentFact[]; requests: number }> {
  const since = isoInstant(from);
  const ours = await listIncidents(github, { states: ['OPEN', 'CLOSED'], since, writers });
  const incidents = ours.incidents.map(incidentFact);
  const services = new Set(deployments.map(({ service }) => service.toLowerCase()));
  const labelled =
    incidentLabel === undefined
      ? { incidents: [], requests: 0 }
      : await listLabelled(github, { label: incidentLabel, since, environment, services });
  // The suite's own marker says more than a label does.
  const marked = new Set(incidents.flatMap(({ key, marker }) => (marker ? [key] : [])));
  const added = labelled.incidents.filter(({ key }) => !marked.has(key));
  const replaced = new Set(added.map(({ key }) => key));
  return {
    incidents: [...incidents.filter(({ key }) => !replaced.has(key)), ...added, ...once(exported)],
    requests: ours.requests + labelled.requests,
  };
}

/** Pages of an export overlap where incidents came in between: each incident once, as it was read last. */
function once(exported: readonly IncidentFact[]): IncidentFact[] {
  const key = (incident: IncidentFact, place: number) =>
    incident.key === '' ? `${place}` : `${incident.source} ${incident.key}`;
  return [...new Map(exported.map((incident, place) => [key(incident, place), incident])).values()];
}

async function readPulls(
  github: GitHub,
  request: GatherRequest,
  history: History,
  chains: readonly (readonly string[])[],
): Promise<{ pulls: PullFact[] | undefined; requests: number; notes: string[] }> {
  if (!request.pulls) return { pulls: undefined, requests: 0, notes: [] };
  const before = request.cached?.pulls ?? [];
  const merged = new Set(history.commits.map(({ oid }) => oid));
  const needed = (pulls: readonly PullFact[]) =>
    pulls.filter(({ mergeCommit }) => mergeCommit !== undefined && merged.has(mergeCommit));
  if (history.commits.length === 0) return { pulls: [], requests: 0, notes: [] };
  if (history.cached && request.cached?.pulls && !request.labels)
    return { pulls: needed(before), requests: 0, notes: [] };
  try {
    const { pulls, requests } = await listMergedPulls(github, oldestMerge(history, chains, request.from));
    const fresh = new Set(pulls.map(({ number }) => number));
    const all = [...pulls, ...before.filter(({ number }) => !fresh.has(number))];
    return { pulls: needed(all), requests, notes: [] };
  } catch (error) {
    if (!(error instanceof GitHubError) || (error.status !== 403 && error.status !== 404)) throw error;
    const note =
      'Pull requests may not be read, so nothing is said of their stages. Fix: under permissions add  pull-requests: read';
    return { pulls: undefined, requests: 1, notes: [note] };
  }
}

/**
 * The oldest date on the lines of first parents above what was live before: a pull request was merged, and so changed,
 * when its merge was committed. Side branches may be years older and say nothing of merges.
 */
function oldestMerge({ graph }: History, chains: readonly (readonly string[])[], from: number): number {
  let oldest = from;
  for (const [first, ...later] of chains) {
    const seen = new Set([first]);
    for (const sha of later)
      for (let oid: string | undefined = sha; oid !== undefined && !seen.has(oid);) {
        seen.add(oid);
        const commit = graph.get(oid);
        if (commit && commit.committedAt > 0) oldest = Math.min(oldest, commit.committedAt);
        oid = commit?.parents[0];
      }
  }
  return oldest;
}
