import { isoInstant } from '../../time/instant.js';
import type { DeploymentRecord, DeploymentState, DeploymentStatus } from '../record.js';
import { runGone, workedAt } from './run-span.js';
import type { ReleaseRuns, RunProof } from './run-proof.js';

/** What a status is proved by. */
export interface StatusProofs {
  /** `owner/name`. */
  repository: string;
  release: ReleaseRuns;
  /** The runs that were looked up, of those that `runsOf` names; undefined where GitHub has no such run. */
  runs: ReadonlyMap<number, RunProof | undefined>;
}

/** States that make a release live or end it: those must be proved. */
const decisive: readonly DeploymentState[] = ['success', 'inactive', 'failure', 'error'];
const decides = ({ state }: DeploymentStatus) => decisive.includes(state);

/** Runs that are looked up for one record; the suite's own statuses are of four at most. */
const mostRuns = 20;

/** The run that a status names by its log; undefined where that is something else. */
export function runNamed(status: Pick<DeploymentStatus, 'log'>, repository: string): number | undefined {
  if (!status.log) return undefined;
  const path = `/${repository}/actions/runs/`.toLowerCase();
  const at = status.log.toLowerCase().indexOf(path);
  const id = at < 0 ? NaN : Number.parseInt(status.log.slice(at + path.length), 10);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** The run that a status is of: the record's own where it names nothing. */
const runOf = (status: DeploymentStatus, record: Pick<DeploymentRecord, 'payload'>, repository: string) =>
  status.log ? runNamed(status, repository) : record.payload.run.id;

/**
 * The runs that must be known to say which statuses of a record count, its own first. `more`: there are further ones,
 * which are too many to look up.
 */
export function runsOf(
  record: Pick<DeploymentRecord, 'payload' | 'statuses'>,
  repository: string,
): { ids: number[]; more: boolean } {
  const named = record.statuses.filter(decides).map((status) => runOf(status, record, repository));
  const ids = [...new Set([record.payload.run.id, ...named.filter((id) => id !== undefined)])];
  return { ids: ids.slice(0, mostRuns), more: ids.length > mostRuns };
}

/**
 * The statuses of a record, those that do not count with the reason. Every workflow's token can write one, and GitHub
 * itself writes `inactive` when anything succeeds in the environment. So what makes a release live or ends it counts
 * only from the record's own run, or from a switch or rescue: a run of a release workflow that the status names as its
 * log and that was at work then. Pure.
 */
export function doubtStatuses(
  record: Pick<DeploymentRecord, 'payload' | 'statuses'>,
  proofs: StatusProofs,
): DeploymentStatus[] {
  let [succeeded, failed] = [false, false];
  return record.statuses.map((status) => {
    const doubt = decides(status) ? doubtOf(status, record, proofs, { succeeded, failed }) : undefined;
    if (doubt !== undefined) return { ...status, doubt };
    if (status.state === 'success') succeeded = true;
    if (!succeeded && (status.state === 'failure' || status.state === 'error')) failed = true;
    return status;
  });
}

function doubtOf(
  status: DeploymentStatus,
  record: Pick<DeploymentRecord, 'payload' | 'statuses'>,
  { repository, release, runs: lookedUp }: StatusProofs,
  { succeeded, failed }: { succeeded: boolean; failed: boolean },
): string | undefined {
  const what = `${status.state} of ${isoInstant(status.at)}`;
  if (status.state === 'success' && failed)
    return `${what}: the deployment had failed before, and a new try has a record of its own`;
  if (status.state === 'inactive' && succeeded && !status.log)
    return `${what}: it names no run, and a switch that ends a release does`;
  const id = runOf(status, record, repository);
  if (id === undefined) return `${what}: its log is no run of ${repository}`;
  if (!lookedUp.has(id)) return `${what}: run ${id} is one of too many to look up`;
  const proof = lookedUp.get(id);
  // Whoever can write can delete a run. The end that it wrote still stands, since a release is not brought back by
  // that; its success does not.
  if (!proof) return status.state === 'success' ? `${what}: ${runGone(id)}` : undefined;
  const path = proof.path.split('@')[0]!;
  if (release.workflows && !release.workflows.includes(path))
    return `${what}: run ${id} is of ${path}, which is no release workflow (${release.workflows.join(', ')})`;
  if (proof.repository.toLowerCase() !== repository.toLowerCase())
    return `${what}: run ${id} is of ${proof.repository}`;
  if (proof.event.startsWith('pull_request')) return `${what}: run ${id} ran for a ${proof.event}`;
  if (proof.span && !workedAt(proof.span, status.at)) return `${what}: run ${id} was not at work then`;
  return undefined;
}
