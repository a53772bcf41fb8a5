import type { CommitFact } from '../../../shared/contracts/dora-facts.js';
import type { GitHub } from '../../../shared/github/client.js';
import { graphOf } from '../metrics/changes.js';
import type { DeployedChain, GraphCommit } from '../metrics/commit-graph.js';
import { readClone, touchedInClone, type Git, type ServicePath } from './clone.js';
import { readCommits } from './commits.js';
import { commitFact } from './facts.js';
import { touchedByApi } from './touched.js';

export interface HistoryRequest {
  chains: readonly DeployedChain[];
  paths: readonly ServicePath[];
  /** The clone of the job, where it has one. */
  git: Git | undefined;
  /** Commits that were read before. */
  known: readonly CommitFact[];
}

export interface History {
  graph: ReadonlyMap<string, GraphCommit>;
  commits: CommitFact[];
  liveBefore: string[][];
  missing: string[];
  complete: boolean;
  requests: number;
  /** Whether every commit was known before. */
  cached: boolean;
  notes: string[];
}

/** The commits that the chains brought: from the clone when it has them all, else from what is known and the API. */
export async function readHistory(github: GitHub, request: HistoryRequest): Promise<History> {
  const { chains, paths, git } = request;
  const repository = `${github.owner}/${github.repository}`;
  const notes: string[] = [];
  if (git && chains.length > 0) {
    const answer = await readClone(git, chains, repository);
    const touched = answer.usable ? await touchedInClone(git, paths, chains) : undefined;
    if (answer.usable && touched)
      return {
        graph: answer.commits,
        commits: factsOf(answer.commits, paths, touched),
        liveBefore: answer.liveBefore,
        missing: [],
        complete: true,
        requests: 0,
        cached: false,
        notes,
      };
    notes.push(`Commits were read from GitHub: ${answer.usable ? 'git could not list paths' : answer.why}.`);
  }
  const known = graphOf({ commits: [...request.known] });
  const read = await readCommits(github, { chains, known });
  const needed = reachable(read.commits, chains);
  const touched =
    paths.length > 0 && needed.size > 0
      ? await touchedByApi(github, paths, chains, needed)
      : { touched: new Map<string, Set<string>>(), requests: 0 };
  return {
    graph: needed,
    commits: factsOf(needed, paths, touched.touched),
    liveBefore: [],
    missing: [...read.missing],
    complete: read.complete,
    requests: read.requests + touched.requests,
    cached: read.requests === 0,
    notes,
  };
}

/** What can be reached from the chains: a cache may hold commits of older windows and other services. */
function reachable(
  commits: ReadonlyMap<string, GraphCommit>,
  chains: readonly DeployedChain[],
): Map<string, GraphCommit> {
  const found = new Map<string, GraphCommit>();
  const pending = chains.flat();
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    const commit = found.has(oid) ? undefined : commits.get(oid);
    if (!commit) continue;
    found.set(oid, commit);
    pending.push(...commit.parents);
  }
  return found;
}

function factsOf(
  commits: ReadonlyMap<string, GraphCommit>,
  paths: readonly ServicePath[],
  touched: ReadonlyMap<string, ReadonlySet<string>>,
): CommitFact[] {
  return [...commits.values()].map((commit) =>
    commitFact(
      commit,
      paths.length === 0
        ? undefined
        : [...touched].flatMap(([service, oids]) => (oids.has(commit.oid) ? [service] : [])),
    ),
  );
}
