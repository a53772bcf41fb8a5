import { isoInstant } from '../../../../shared/time/instant.js';
import { outcomeOf, succeededAt, type DeploymentRecord } from '../../../../shared/ledger/record.js';
import { describeDoubted } from '../../../../shared/ledger/proof/first-proved.js';
import type { Prove } from '../../../../shared/ledger/proof/trust.js';
import { Unknowable } from '../evidence.js';

/** Records looked up before it is given up; each costs a request or two. */
const mostLookedUp = 30;

/** The newest success that anybody wrote onto a record. */
const lastSuccess = ({ statuses }: DeploymentRecord): number =>
  Math.max(-Infinity, ...statuses.filter(({ state }) => state === 'success').map(({ at }) => at));

/**
 * The record that is live: the one that succeeded last, if nothing ended it. Undefined when nothing ever succeeded.
 * Throws Unknowable where something did and what is live now is not proved: taking that for a first deployment would
 * ship old code.
 */
export async function findLive(
  prove: Prove,
  records: readonly DeploymentRecord[],
): Promise<DeploymentRecord | undefined> {
  const succeeded = records
    .filter((record) => Number.isFinite(lastSuccess(record)))
    .sort((a, b) => lastSuccess(b) - lastSuccess(a) || b.id - a.id);
  const usable = succeeded.filter(({ distrust }) => distrust.length === 0);
  const doubted: DeploymentRecord[] = succeeded.filter(({ distrust }) => distrust.length > 0);
  let best: { record: DeploymentRecord; at: number } | undefined;
  for (const [tries, record] of usable.entries()) {
    if (best && lastSuccess(record) < best.at) break;
    if (tries >= mostLookedUp)
      throw new Unknowable(`${mostLookedUp} Deployments were looked up, and none proves what is live`);
    const [proved = record] = await prove([record], records);
    if (proved.distrust.length > 0) {
      const outcome = outcomeOf(proved);
      if (!best && outcome.is === 'succeeded' && outcome.supersededAt === undefined)
        throw new Unknowable(
          `Deployment ${proved.id} is live by the ledger and does not prove itself (${proved.distrust.join('; ')})`,
        );
      doubted.push(proved);
      continue;
    }
    const at = succeededAt(proved);
    if (at === undefined) doubted.push(withStatusDoubts(proved));
    else if (!best || at > best.at || (at === best.at && proved.id > best.record.id))
      best = { record: proved, at };
  }
  if (!best) {
    if (doubted.length === 0) return undefined;
    throw new Unknowable(`Deployments succeeded, and none of them counts: ${describeDoubted(doubted)}`);
  }
  const outcome = outcomeOf(best.record);
  if (outcome.is === 'succeeded' && outcome.supersededAt === undefined) return best.record;
  const ended =
    outcome.is === 'succeeded'
      ? `was superseded at ${isoInstant(outcome.supersededAt ?? outcome.at)}`
      : `was rolled back at ${isoInstant('at' in outcome ? outcome.at : best.at)}`;
  throw new Unknowable(
    `Deployment ${best.record.id} succeeded last and ${ended}, and no Deployment says what is live since. Fix: run blue-green-switch with mode: reconcile, or deploy what is live again`,
  );
}

const withStatusDoubts = (record: DeploymentRecord): DeploymentRecord => ({
  ...record,
  distrust: record.statuses.flatMap(({ doubt }) => (doubt === undefined ? [] : [doubt])),
});
