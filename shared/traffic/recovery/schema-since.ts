import { coded, type Refusal } from '../../contracts/refusal-codes.js';
import { firstProved } from '../../ledger/proof/first-proved.js';
import type { DeploymentRecord } from '../../ledger/record.js';
import type { TrafficControl } from '../control.js';
import { readHistory } from '../switch/ledger-outcome.js';
import { olderThanSchemaAllows } from '../switch/schema-guard.js';

/**
 * Why the good release must not run on the schema that a release after the bad one may have left: one that never was
 * live, and migrated the database before it failed. Where the ledger cannot be read a rescue does not wait for it.
 */
export async function olderThanSchemaSince(
  control: Pick<TrafficControl, 'github' | 'environment' | 'service' | 'writers' | 'prove' | 'timeline'>,
  { bad, good }: { bad: DeploymentRecord; good: DeploymentRecord },
): Promise<Refusal | undefined> {
  const { version } = good.payload;
  try {
    const history = await readHistory(control);
    const narrower = history.filter(
      ({ id, payload }) =>
        id > bad.id &&
        payload.kind !== 'rollback' &&
        olderThanSchemaAllows(payload.schema, version) !== undefined,
    );
    const { found } = await firstProved(control.prove, history, narrower, () => true);
    if (!found) return undefined;
    const why = olderThanSchemaAllows(found.payload.schema, version)!;
    return coded(
      'schema-too-new',
      `${why}: the migrations of ${found.payload.version} (Deployment ${found.id}), which never was live, may have run`,
    );
  } catch (error) {
    control.timeline.say(
      `Whether a release since then migrated the database could not be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}
