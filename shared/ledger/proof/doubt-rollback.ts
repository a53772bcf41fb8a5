import { isDeepStrictEqual } from 'node:util';
import { isSuccess, type DeploymentRecord } from '../record.js';

/** Earlier successes of a digest that are looked up before its rollback is doubted; each costs a request. */
const mostLookedUp = 5;

/** What a record of kind rollback rests on, as far as the records themselves say; newest first. */
export type Basis = { bad: DeploymentRecord; good: DeploymentRecord[] } | { doubt: string };

/**
 * A rollback restores an older commit than its run's, so the commit proves nothing. Instead it must agree with the
 * ledger: it names the Deployment that it takes back and keeps that one's schema, and before that one the very same
 * artifact succeeded on the same colour. Pure.
 */
export function basisOfRollback(record: DeploymentRecord, history: readonly DeploymentRecord[]): Basis {
  const { previous, version, digest, colour, schema } = record.payload;
  const earlier = history.filter(
    (other) =>
      other.id < record.id &&
      other.service.toLowerCase() === record.service.toLowerCase() &&
      other.environment.toLowerCase() === record.environment.toLowerCase(),
  );
  const bad = earlier.find(({ id }) => id === previous);
  if (!bad) return { doubt: `it takes back ${nameOf(previous)}, which is not there` };
  if (bad.distrust.length > 0) return { doubt: `it takes back ${nameOf(previous)}, which does not count` };
  if (!isDeepStrictEqual(schema, bad.payload.schema))
    return { doubt: `it says another database schema than ${nameOf(previous)}, which it takes back` };
  const good = earlier.filter(
    ({ id, payload, distrust, statuses }) =>
      id < bad.id &&
      distrust.length === 0 &&
      payload.kind !== 'rollback' &&
      payload.version === version &&
      payload.digest === digest &&
      payload.colour === colour &&
      statuses.some(isSuccess),
  );
  return good.length > 0 ? { bad, good } : { doubt: neverSucceeded(record) };
}

/**
 * Why a rollback's record does not count, once the records it rests on are proved by `prove`; undefined when it does.
 */
export async function doubtRollback(
  record: DeploymentRecord,
  history: readonly DeploymentRecord[],
  prove: (other: DeploymentRecord) => Promise<Pick<DeploymentRecord, 'distrust' | 'statuses'>>,
): Promise<string | undefined> {
  const basis = basisOfRollback(record, history);
  if ('doubt' in basis) return basis.doubt;
  if ((await prove(basis.bad)).distrust.length > 0)
    return `it takes back ${nameOf(basis.bad.id)}, which does not count`;
  for (const good of basis.good.slice(0, mostLookedUp)) {
    const { distrust, statuses } = await prove(good);
    if (distrust.length === 0 && statuses.some(isSuccess)) return undefined;
  }
  return neverSucceeded(record);
}

const nameOf = (id: number | undefined) => (id === undefined ? 'no Deployment' : `Deployment ${id}`);
const neverSucceeded = ({ payload: { version, digest, colour } }: DeploymentRecord) =>
  `it restores ${version} (${digest}) on ${colour}, which never succeeded there before`;
