import type { GitHub } from '../../github/client.js';
import type { DeploymentPayload } from '../../contracts/deployment.js';
import { doubtRollback } from './doubt-rollback.js';
import { doubtStatuses, runsOf } from './doubt-statuses.js';
import { distrustUnread, type DeploymentRecord, type Identity } from '../record.js';
import { runProofs, type ReleaseRuns, type RunProof } from './run-proof.js';
import { outsideSpan, runGone } from './run-span.js';
import { isoInstant } from '../../time/instant.js';

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
 * Proves records by their runs, but for what a rollback of the run that asks rests on, which was proved before it began;
 * and says of each status whether it counts.
 */
export function prover(
  github: GitHub,
  release: ReleaseRuns = { workflows: undefined },
  own?: { runId: number; proof: RunProof },
): Prove {
  const repository = `${github.owner}/${github.repository}`;
  const proofOf = runProofs(github, own);

  const statusesOf = async (record: DeploymentRecord): Promise<DeploymentRecord> => {
    const { ids, more } = runsOf(record, repository);
    const runs = new Map(await Promise.all(ids.map(async (id) => [id, await proofOf(id)] as const)));
    const statuses = doubtStatuses(record, { repository, release, runs });
    const unread = more ? `its statuses name more runs than can be looked up` : record.unread;
    return { ...record, statuses, ...(unread === undefined ? {} : { unread }) };
  };

  const proveOne = async (
    record: DeploymentRecord,
    history: readonly DeploymentRecord[],
  ): Promise<DeploymentRecord> => {
    const { kind, run } = record.payload;
    const doubts = doubtRun(record, await proofOf(run.id), repository, release);
    if (doubts.length === 0 && kind === 'rollback') {
      const restsOn = async (other: DeploymentRecord) =>
        run.id === own?.runId ? other : proveOne(other, history);
      doubts.push(...[await doubtRollback(record, history, restsOn)].filter((doubt) => doubt !== undefined));
    }
    const proved = await statusesOf(record);
    return doubts.length > 0 ? { ...proved, distrust: [...record.distrust, ...doubts] } : proved;
  };
  return (records, history) => Promise.all(records.map((record) => proveOne(record, history)));
}

/** The same for verdicts that rest on statuses: a record of which not all are known does not count. */
export function statusProver(github: GitHub, release: ReleaseRuns): Prove {
  const prove = prover(github, release);
  return async (records, history) => distrustUnread(await prove(records, history));
}
