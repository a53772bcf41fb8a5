import type { Lock, OnInterrupt } from '../../ledger/refs/lock.js';
import type { DeploymentOutcome } from '../../ledger/record.js';
import { liveColour, type Observed } from '../router.js';

/**
 * What a dead run's lock asks for: release it, as nothing was moved; only unlock, as all is done; bring the switch to
 * what was ordered; or wait until every node can be read.
 */
export type Decision = 'release' | 'unlock' | 'wait' | OnInterrupt;

/**
 * Decides from the lock, the router and what the ledger says of the lock's Deployment. `whole` is false when `observed`
 * lacks nodes that cannot be read: then nothing is decided that takes a proof by the router, and traffic is moved only
 * back: to what had it before, or, by a rollback, to the good release.
 */
export function decideRecovery(
  {
    phase,
    journal,
    stops,
    from,
    to,
    payload,
  }: Pick<Lock, 'phase' | 'journal' | 'stops' | 'from' | 'to' | 'payload'>,
  observed: Observed,
  outcome: DeploymentOutcome['is'] | undefined,
  whole: boolean,
): Decision {
  if (phase === 'retiring' || (phase === 'reserved' && outcome === 'succeeded')) return 'unlock';
  if (phase === 'reserved' || !journal) return 'release';
  const live = liveColour(observed.weights);
  const recorded =
    outcome === 'succeeded' ? to : outcome === 'taken-back' || outcome === 'failed' ? from : undefined;
  // The ledger has an outcome already: only the whole router may contradict it.
  if (!whole && recorded !== undefined) return 'wait';
  if (recorded !== undefined && recorded === live) return 'unlock';
  if (journal.direction === 'back') return 'revert';
  // Nobody has judged the stops that are left, nor resumed a pause: such a switch is not completed by itself.
  const unjudged = stops !== undefined && stops.length > 0 && (live !== to || !whole);
  const wish = unjudged && journal.onInterrupt !== 'hold' ? 'revert' : journal.onInterrupt;
  if (whole) {
    const untouched = journal.done === 0 && observed.version === journal.observed && live === from;
    const release = untouched && journal.calls.length > 0 && wish !== 'complete' && !unjudged;
    return release ? 'release' : wish;
  }
  const nothingToGoBack =
    journal.done === 0 && Object.values(observed.nodes).every((weights) => liveColour(weights) === from);
  const wait = wish === 'complete' ? payload.kind !== 'rollback' : wish === 'revert' && nothingToGoBack;
  return wait ? 'wait' : wish;
}
