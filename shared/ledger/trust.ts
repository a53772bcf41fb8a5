import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/problem.js';
import type { DeploymentPayload } from '../contracts/deployment.js';
import type { DeploymentRecord, Identity } from './record.js';

/** Who may write the ledger. `github-actions[bot]` stands for the GITHUB_TOKEN of a workflow; an App is named by its slug with `[bot]`. */
export const defaultWriters: readonly string[] = ['github-actions[bot]'];

/** GraphQL leaves out the `[bot]` that REST writes; a person who calls himself like a bot is none. */
export function isWriter(identity: Identity, writers: readonly string[]): boolean {
  return identity.bot && writers.includes(`${identity.login.replace(/\[bot\]$/, '')}[bot]`);
}

/** What the run a record names must look like. */
export interface RunClaim {
  runId: number;
  attempt: number;
  sha: string;
}

export interface RunProof {
  repository: string;
  path: string;
  event: string;
  headSha: string;
  attempt: number;
}

/** Which runs may write the ledger: those of these workflow files. Undefined for any workflow. */
export interface ReleaseRuns {
  workflows: readonly string[] | undefined;
}

/** Reasons against a record's run: it must exist in this repository with that attempt, be of a release workflow, not of a pull request, and start from a commit the record names. Pure. */
export function doubtRun(
  payload: DeploymentPayload,
  proof: RunProof | undefined,
  repository: string,
  release: ReleaseRuns = { workflows: undefined },
): string[] {
  if (!proof) return [`run ${payload.run.id} does not exist`];
  const doubts: string[] = [];
  const path = proof.path.split('@')[0]!;
  if (release.workflows && !release.workflows.includes(path)) {
    doubts.push(
      `run ${payload.run.id} is of ${path}, which is no release workflow (${release.workflows.join(', ')})`,
    );
  }
  if (proof.event.startsWith('pull_request')) doubts.push(`run ${payload.run.id} ran for a ${proof.event}`);
  if (proof.repository.toLowerCase() !== repository.toLowerCase())
    doubts.push(`run ${payload.run.id} is of ${proof.repository}`);
  if (proof.attempt < payload.run.attempt)
    doubts.push(`run ${payload.run.id} has no attempt ${payload.run.attempt}`);
  if (payload.kind !== 'rollback' && ![payload.releasedSha, payload.builtSha].includes(proof.headSha)) {
    doubts.push(`run ${payload.run.id} ran on ${proof.headSha}, not on the released commit`);
  }
  return doubts;
}

/** Looks the runs of records up (one REST call for each distinct run, `actions: read`) and returns the records with their doubts added. */
export async function verifyRuns(
  github: GitHub,
  records: readonly DeploymentRecord[],
  release: ReleaseRuns = { workflows: undefined },
): Promise<DeploymentRecord[]> {
  const proofs = new Map<number, Promise<RunProof | undefined>>();
  const proofOf = (runId: number) => {
    if (!proofs.has(runId)) proofs.set(runId, readProof(github, runId));
    return proofs.get(runId)!;
  };
  return Promise.all(
    records.map(async (record) => {
      const doubts = doubtRun(
        record.payload,
        await proofOf(record.payload.run.id),
        `${github.owner}/${github.repository}`,
        release,
      );
      return doubts.length > 0 ? { ...record, distrust: [...record.distrust, ...doubts] } : record;
    }),
  );
}

async function readProof(github: GitHub, runId: number): Promise<RunProof | undefined> {
  try {
    const run = await github.rest('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: runId });
    return {
      repository: run.repository.full_name,
      path: run.path,
      event: run.event,
      headSha: run.head_sha,
      attempt: run.run_attempt ?? 1,
    };
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}
