import type { DeploymentRecord } from '../record.js';
import type { Prove } from './trust.js';

/** Records that are looked up in vain before a decision is given up; each costs a request or more. */
const mostInVain = 30;

/**
 * The first of the candidates that proves itself and then `is` what is looked for; only those are looked up that come
 * before it. Candidates are chosen by what anybody may have written, so they must be all that could be it. `records` is
 * the history with the doubts found.
 */
export async function firstProved(
  prove: Prove,
  history: readonly DeploymentRecord[],
  candidates: readonly DeploymentRecord[],
  is: (proved: DeploymentRecord) => boolean,
): Promise<{ found: DeploymentRecord | undefined; records: DeploymentRecord[] }> {
  let records = [...history];
  for (const [tries, candidate] of candidates.entries()) {
    if (tries >= mostInVain)
      throw new Error(
        `${mostInVain} Deployments in a row do not prove themselves, so the ledger decides nothing: ${describeDoubted(records)}. Someone writes records that no release made: list them with gh api repos/{owner}/{repo}/deployments`,
      );
    const [proved = candidate] = await prove([candidate], records);
    records = records.map((record) => (record.id === proved.id ? proved : record));
    if (proved.distrust.length === 0 && is(proved)) return { found: proved, records };
  }
  return { found: undefined, records };
}

/** What is held against a record, or against statuses of it; empty when nothing is. */
function doubtsOf({ id, distrust, statuses, unread }: DeploymentRecord): string {
  if (distrust.length > 0) return `Deployment ${id} does not count: ${distrust.join('; ')}`;
  if (unread !== undefined) return `What became of Deployment ${id} is not known: ${unread}`;
  const doubts = statuses.flatMap(({ doubt }) => doubt ?? []);
  const [first, ...more] = doubts;
  return first === undefined
    ? ''
    : `A status of Deployment ${id} does not count: ${first}${more.length > 0 ? `, and ${more.length} more` : ''}`;
}

/** The newest record that does not count, or else has a status that does not, with the reasons; empty when all do. */
export function describeDoubted(records: readonly DeploymentRecord[]): string {
  const worst =
    records.find(({ distrust }) => distrust.length > 0) ?? records.find((record) => doubtsOf(record));
  return worst ? doubtsOf(worst) : '';
}
