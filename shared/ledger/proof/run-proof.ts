import type { GitHub } from '../../github/client.js';
import { GitHubError } from '../../github/problem.js';
import { spanOf, type RunSpan } from './run-span.js';

/** What GitHub says of a run. */
export interface RunProof {
  repository: string;
  path: string;
  event: string;
  headSha: string;
  attempt: number;
  /** When it was at work; left out for the run that asks, which is. */
  span?: RunSpan | undefined;
}

/** Which runs may write the ledger: those of these workflow files. Undefined for any workflow. */
export interface ReleaseRuns {
  workflows: readonly string[] | undefined;
}

/** Facts of a run by its id, undefined where there is none. */
export type ProofOf = (runId: number) => Promise<RunProof | undefined>;

/** Looks runs up, one REST call for each (`actions: read`), none for the run that asks, whose facts the runner gave. */
export function runProofs(github: GitHub, own?: { runId: number; proof: RunProof }): ProofOf {
  const proofs = new Map<number, Promise<RunProof | undefined>>();
  if (own) proofs.set(own.runId, Promise.resolve(own.proof));
  return (runId) => {
    const known = proofs.get(runId);
    if (known) return known;
    const asked = readProof(github, runId);
    proofs.set(runId, asked);
    // What failed is asked again by the next who needs it.
    asked.catch(() => proofs.delete(runId));
    return asked;
  };
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
      span: spanOf(run),
    };
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}
