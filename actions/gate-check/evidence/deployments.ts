import type { EvidenceRecord, GateEvidence, GateRequest } from '../../../shared/contracts/gate-evidence.js';
import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { listDeployments } from '../../../shared/ledger/deployments.js';
import { liveByLedger, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { verifyRuns, type ReleaseRuns } from '../../../shared/ledger/trust.js';
import { dayMs } from '../../../shared/time/zone.js';
import { Unknowable } from './ask.js';

type Known<K extends keyof GateEvidence> = Extract<GateEvidence[K], { is: 'known' }>['value'];

/** How far back the ledger is read, in days; always as far as the deployment before. */
const ledgerDays = 365;

/** Records of one digest whose run and tree are looked up; each costs two requests. */
const mostLookedUp = 20;

/** The service's records in the environments, newest first; those of the digest asked for have their run and tree looked up. Needs `deployments: read`, `actions: read`, `contents: read`. */
export async function readDeployments(
  github: GitHub,
  request: GateRequest,
  environments: readonly string[],
  { now, writers, release }: { now: number; writers: readonly string[]; release: ReleaseRuns },
): Promise<Known<'deployments'>> {
  const { records, complete } = await listDeployments(github, {
    environments,
    service: request.service,
    since: now - ledgerDays * dayMs,
    writers,
  });
  if (!complete)
    throw new Unknowable(`there are more Deployments in ${environments.join(', ')} than can be read`);
  const candidates = records
    .filter(({ payload, distrust }) => payload.digest === request.digest && distrust.length === 0)
    .slice(0, mostLookedUp);
  const doubts = await readDoubts(github, candidates, records, release).catch((error: unknown) =>
    doubtAll(candidates, error),
  );
  return {
    environments: [...environments],
    records: records.map((record): EvidenceRecord => {
      const found = doubts.get(record.id);
      return {
        ...record,
        statuses: [...record.statuses],
        distrust: [...record.distrust],
        ...(found ? { doubts: found } : {}),
      };
    }),
  };
}

async function readDoubts(
  github: GitHub,
  records: readonly DeploymentRecord[],
  history: readonly DeploymentRecord[],
  release: ReleaseRuns,
): Promise<Map<number, string[]>> {
  const verified = await verifyRuns(github, records, release, history);
  const trees = new Map<string, Promise<string | undefined>>();
  const entries = verified.map(async ({ id, payload, distrust }): Promise<[number, string[]]> => {
    const sha = payload.releasedSha;
    if (!trees.has(sha)) trees.set(sha, readTree(github, sha));
    const tree = await trees.get(sha);
    const doubts = [...distrust];
    if (tree === undefined) doubts.push(`its commit ${sha} does not exist`);
    else if (tree !== payload.tree)
      doubts.push(`its commit ${sha} has the tree ${tree}, not the one it claims`);
    return [id, doubts];
  });
  return new Map(await Promise.all(entries));
}

/** What cannot be looked up is doubted, and the rest of the ledger stays known to the gates that do not need it. */
function doubtAll(records: readonly DeploymentRecord[], error: unknown): Map<number, string[]> {
  if (!(error instanceof GitHubError)) throw error;
  const doubt = `its run and tree could not be looked up: ${error.message.replace(/\s+/g, ' ')}`;
  return new Map(records.map(({ id }) => [id, [doubt]]));
}

async function readTree(github: GitHub, sha: string): Promise<string | undefined> {
  try {
    const commit = await github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
      commit_sha: sha,
    });
    return commit.tree.sha;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}

/**
 * The released commit against what the ledger calls live. A live record that does not prove itself makes this unknown: it may hide the real one.
 * Needs `contents: read`, `actions: read`.
 */
export async function readComparison(
  github: GitHub,
  request: GateRequest,
  { records }: Known<'deployments'>,
  release: ReleaseRuns,
): Promise<Known<'comparison'>> {
  const there = records.filter(
    ({ environment }) => environment.toLowerCase() === request.environment.toLowerCase(),
  );
  const live = liveByLedger(there);
  if (!live) return { live: null };
  const [verified] = await verifyRuns(github, [live], release, there);
  if (verified && verified.distrust.length > 0) {
    const why = verified.distrust.join('; ');
    throw new Unknowable(`Deployment ${live.id} is live by the ledger and does not prove itself (${why})`);
  }
  const base = live.payload.releasedSha;
  const status = base === request.sha ? 'identical' : await compare(github, base, request.sha);
  return { live: { deployment: live.id, sha: base, status } };
}

/** How a commit stands to a base: ahead of it, behind it, both or neither. */
export async function compare(
  github: GitHub,
  base: string,
  head: string,
): Promise<'ahead' | 'behind' | 'diverged' | 'identical'> {
  const { status } = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
    basehead: `${base}...${head}`,
    per_page: 1,
  });
  return status;
}
