import type { GitHub } from '../github/client.js';
import type { DeploymentPayload } from '../contracts/deployment.js';
import { doubtRollback } from './doubt-rollback.js';
import { doubtStatuses, runsOf } from './doubt-statuses.js';
import type { DeploymentRecord, Identity } from './record.js';
import { runProofs, type ProofOf, type ReleaseRuns, type RunProof } from './run-proof.js';
import { outsideSpan, runGone } from './run-span.js';
import { isoInstant } from '../time/instant.js';

export type { ReleaseRuns, RunProof };

/**
 * Who may write the ledger. `github-actions[bot]` stands for the GITHUB_TOKEN of a workflow; an App is named by its
 * slug with `[bot]`.
 */
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

const gone = ({ run }: DeploymentPayload) => runGone(run.id);

/**
 * Whether the run of a record is not there (any more), which is the only thing that may then be held against it: a run
 * can be deleted by whoever can write.
 */
export const runIsGone = ({ distrust, payload }: DeploymentRecord) =>
  distrust.length === 1 && distrust[0] === gone(payload);

/**
 * Reasons against a record's run: it must exist in this repository with that attempt, be of a release workflow, not of
 * a pull request, have been at work when the record was written, and start from a commit the record names. Pure.
 */
export function doubtRun(
  { payload, createdAt }: Pick<DeploymentRecord, 'payload' | 'createdAt'>,
  proof: RunProof | undefined,
  repository: string,
  release: ReleaseRuns = { workflows: undefined },
): string[] {
  if (!proof) return [gone(payload)];
  const doubts: string[] = [];
  const path = proof.path.split('@')[0]!;
  if (release.workflows && !release.workflows.includes(path)) {
    const allowed = release.workflows.length > 0 ? `only ${release.workflows.join(', ')}` : 'no workflow';
    doubts.push(`run ${payload.run.id} is of ${path}, and ${allowed} may release here`);
  }
  if (proof.event.startsWith('pull_request')) doubts.push(`run ${payload.run.id} ran for a ${proof.event}`);
  if (proof.repository.toLowerCase() !== repository.toLowerCase())
    doubts.push(`run ${payload.run.id} is of ${proof.repository}`);
  if (proof.attempt < payload.run.attempt)
    doubts.push(`run ${payload.run.id} has no attempt ${payload.run.attempt}`);
  const outside =
    proof.span &&
    outsideSpan(proof.span, { at: createdAt, attempt: payload.run.attempt, newest: proof.attempt });
  if (outside)
    doubts.push(
      `run ${payload.run.id} was not at work when it was written, at ${isoInstant(createdAt)}: ${outside}`,
    );
  if (payload.kind !== 'rollback' && ![payload.releasedSha, payload.builtSha].includes(proof.headSha)) {
    doubts.push(`run ${payload.run.id} ran on ${proof.headSha}, not on the released commit`);
  }
  return doubts;
}

/**
 * Looks the runs of records up and returns the records with their doubts added. A rollback is proved by the records it
 * rests on too, which are looked for in `history`. Throws GitHubError when a run cannot be looked up: nothing is known
 * then.
 */
export type Prove = (
  records: readonly DeploymentRecord[],
  history: readonly DeploymentRecord[],
) => Promise<DeploymentRecord[]>;

/**
 * Proves records by their runs, but for what a rollback of the run that asks rests on: it was proved before it began.
 */
export function prover(
  github: GitHub,
  release: ReleaseRuns = { workflows: undefined },
  own?: { runId: number; proof: RunProof },
  proofOf: ProofOf = runProofs(github, own),
): Prove {
  const proveOne = async (
    record: DeploymentRecord,
    history: readonly DeploymentRecord[],
  ): Promise<DeploymentRecord> => {
    const { kind, run } = record.payload;
    const proof = await proofOf(run.id);
    const doubts = doubtRun(record, proof, `${github.owner}/${github.repository}`, release);
    if (doubts.length === 0 && kind === 'rollback') {
      const counts = async (other: DeploymentRecord) =>
        run.id === own?.runId || (await proveOne(other, history)).distrust.length === 0;
      doubts.push(...[await doubtRollback(record, history, counts)].filter((doubt) => doubt !== undefined));
    }
    return doubts.length > 0 ? { ...record, distrust: [...record.distrust, ...doubts] } : record;
  };
  return (records, history) => Promise.all(records.map((record) => proveOne(record, history)));
}

/**
 * Proves records by their runs, and says of each status whether it counts: whoever asks what is live, or was for how
 * long, needs both.
 */
export function statusProver(github: GitHub, release: ReleaseRuns): Prove {
  const repository = `${github.owner}/${github.repository}`;
  const proofOf = runProofs(github);
  const prove = prover(github, release, undefined, proofOf);
  return async (records, history) => {
    const verified = await prove(records, history);
    return Promise.all(
      verified.map(async (record) => {
        const ids = runsOf(record, repository);
        const proofs = new Map(await Promise.all(ids.map(async (id) => [id, await proofOf(id)] as const)));
        const known = { repository, release, proofOf: (id: number) => proofs.get(id) };
        return { ...record, statuses: doubtStatuses(record, known) };
      }),
    );
  };
}

/** Records in a row that do not prove themselves before a decision is given up; each costs a request. */
const mostDoubted = 30;

/**
 * The first record that `pick` chooses and that proves itself. One that does not is doubted from then on, and `pick`,
 * which must leave doubted ones out, chooses again: only the records a decision rests on are looked up. `records` come
 * back with the doubts found.
 */
export async function firstProved(
  prove: Prove,
  records: readonly DeploymentRecord[],
  pick: (records: readonly DeploymentRecord[]) => DeploymentRecord | undefined,
): Promise<{ found: DeploymentRecord | undefined; records: DeploymentRecord[] }> {
  let known = [...records];
  for (let doubted = 0; doubted < mostDoubted; doubted++) {
    const picked = pick(known);
    const [found] = picked ? await prove([picked], known) : [];
    if (!found || found.distrust.length === 0) return { found, records: known };
    known = known.map((record) => (record.id === found.id ? found : record));
  }
  throw new Error(
    `${mostDoubted} Deployments in a row do not prove themselves, so the ledger decides nothing: ${describeDoubted(known)}. Someone writes records that no release made: list them with gh api repos/{owner}/{repo}/deployments`,
  );
}

/** The newest record that does not count, with its reasons; empty when all do. */
export function describeDoubted(records: readonly DeploymentRecord[]): string {
  const doubted = records.find(({ distrust }) => distrust.length > 0);
  return doubted ? `Deployment ${doubted.id} does not count: ${doubted.distrust.join('; ')}` : '';
}
