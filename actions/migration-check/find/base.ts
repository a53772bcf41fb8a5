import { versionSchema } from '../../../shared/contracts/formats.js';
import type { MigrationReport } from '../../../shared/contracts/reports/migration-report.js';
import { isOrdered } from '../../../shared/contracts/version-order.js';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import type { EarlierRelease } from './collect.js';
import type { Ledger } from './live.js';
import { wholeFix, type Repository } from './repository.js';

/** What the release is compared with. */
export interface Base {
  from: MigrationReport['from'];
  /** The schema that runs, where the ledger says. */
  schema: DeploymentPayload['schema'];
  /** Releases beside the live one whose migrations may have run, newest first. */
  earlier: readonly EarlierRelease[];
  notes: string[];
}

/** The release that a name of the clone stands for. */
export async function namedBase(repository: Repository, name: string): Promise<Base> {
  const sha = await repository.commitOf(name);
  if (sha === undefined)
    throw new Error(`The clone has no commit "${name}", which the input "base" names.\n${wholeFix}`);
  const version = isOrdered(name) && versionSchema.safeParse(name).success ? name : null;
  return { from: { sha, version, deployment: null, by: 'input' }, schema: undefined, earlier: [], notes: [] };
}

/** The live release of the ledger, which the clone must have. */
export async function liveBase(repository: Repository, { live, history }: Ledger): Promise<Base> {
  if (!live)
    return { from: null, schema: undefined, ...(await releasesBeside(repository, history, undefined)) };
  const { releasedSha, version, schema } = live.payload;
  if ((await repository.commitOf(releasedSha)) === undefined)
    throw new Error(
      `The clone does not have ${releasedSha}, the commit of ${version}, which is live by Deployment ${live.id}: what changed since is not known.\n${wholeFix}`,
    );
  return {
    from: { sha: releasedSha, version, deployment: live.id, by: 'ledger' },
    schema,
    ...(await releasesBeside(repository, history, releasedSha)),
  };
}

/** Releases looked at beside the live one. */
const mostBeside = 20;

/**
 * Releases that are not in what is live: one that was rolled back, or given up half-way, may have changed the schema
 * before that.
 */
async function releasesBeside(
  repository: Repository,
  history: readonly DeploymentRecord[],
  live: string | undefined,
): Promise<Pick<Base, 'earlier' | 'notes'>> {
  const earlier = new Map<string, EarlierRelease>();
  const notes: string[] = [];
  for (const { id, payload } of history.filter(({ payload }) => payload.kind !== 'rollback')) {
    const { releasedSha: sha, version } = payload;
    if (earlier.size >= mostBeside) break;
    if (earlier.has(sha) || sha === live) continue;
    const label = `${version} (Deployment ${id})`;
    if ((await repository.commitOf(sha)) === undefined)
      notes.push(
        `The clone does not have ${sha}, the commit of ${label}: whether its migrations changed since is not known.`,
      );
    else if (live === undefined || !(await repository.isAncestor(sha, live)))
      earlier.set(sha, { sha, label });
  }
  return { earlier: [...earlier.values()], notes };
}
