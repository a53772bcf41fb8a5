import { versionSchema } from '../../../shared/contracts/formats.js';
import type { MigrationReport } from '../../../shared/contracts/migration-report.js';
import { isOrdered } from '../../../shared/contracts/version-order.js';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Ledger } from './live.js';
import { wholeFix, type Repository } from './repository.js';

/** What the release is compared with. */
export interface Base {
  from: MigrationReport['from'];
  /** The schema that runs, where the ledger says. */
  schema: DeploymentPayload['schema'];
  /** Releases whose migrations may have been applied, newest first. */
  earlier: readonly DeploymentRecord[];
}

/** The release that a name of the clone stands for. */
export async function namedBase(repository: Repository, name: string): Promise<Base> {
  const sha = await repository.commitOf(name);
  if (sha === undefined)
    throw new Error(`The clone has no commit "${name}", which the input "base" names.\n${wholeFix}`);
  const version = isOrdered(name) && versionSchema.safeParse(name).success ? name : null;
  return { from: { sha, version, deployment: null, by: 'input' }, schema: undefined, earlier: [] };
}

/** The live release of the ledger, which the clone must have. */
export async function liveBase(repository: Repository, { live, history }: Ledger): Promise<Base> {
  if (!live) return { from: null, schema: undefined, earlier: history };
  const { releasedSha, version, schema } = live.payload;
  if ((await repository.commitOf(releasedSha)) === undefined)
    throw new Error(
      `The clone does not have ${releasedSha}, the commit of ${version}, which is live by Deployment ${live.id}: what changed since is not known.\n${wholeFix}`,
    );
  return {
    from: { sha: releasedSha, version, deployment: live.id, by: 'ledger' },
    schema,
    earlier: history.filter(({ id }) => id !== live.id),
  };
}
