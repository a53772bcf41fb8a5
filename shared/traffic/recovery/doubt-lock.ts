import { isDeepStrictEqual } from 'node:util';
import { coded, retold, type Refusal } from '../../contracts/refusal-codes.js';
import { GitHubError } from '../../github/problem.js';
import type { Lock } from '../../ledger/refs/lock.js';
import { outcomeOf, type DeploymentRecord } from '../../ledger/record.js';
import { describeDoubted } from '../../ledger/proof/first-proved.js';
import type { TrafficControl } from '../control.js';
import { liveColour, type Weights } from '../router.js';

/**
 * Why nothing may be done by a lock; undefined when something may. Whoever may push refs can write a lock,
 * so nothing is moved or recorded for one unless its Deployment, which is given as it proved itself, says the same.
 * `history` is newest first. Pure.
 */
export function doubtLock(
  lock: Lock,
  proved: DeploymentRecord | undefined,
  history: readonly DeploymentRecord[],
): Refusal | undefined {
  if (!proved)
    return coded(
      'deployment-deleted',
      `the lock proves nothing by itself, and its Deployment ${lock.deployment} does not exist: somebody deleted it, or nobody made it`,
    );
  const why = strangeOf(lock, proved, history);
  return why === undefined ? undefined : notProved(why);
}

const notProved = (why: string) =>
  coded('lock-not-proved', `the lock was not written by a release of this service: ${why}`);

/** What of a lock no release of this suite can have written. */
function strangeOf(
  lock: Lock,
  proved: DeploymentRecord,
  history: readonly DeploymentRecord[],
): string | undefined {
  const { deployment, payload, from, to, version, digest } = lock;
  if (proved.distrust.length > 0) return describeDoubted([proved]);
  if (!isDeepStrictEqual(proved.payload, payload))
    return `its Deployment ${deployment} has another payload than the lock`;
  if (to !== payload.colour || version !== payload.version || digest !== payload.digest)
    return `it moves traffic to ${to} with ${version} (${digest}), and its Deployment ${deployment} says ${payload.colour} with ${payload.version} (${payload.digest})`;
  // A switch says so in the ledger before it writes its journal; that takes more than a push. A rescue does not wait
  // for it.
  const claimsToMove = lock.journal !== undefined || lock.phase === 'paused';
  if (
    claimsToMove &&
    payload.kind !== 'rollback' &&
    proved.unread === undefined &&
    !proved.statuses.some(({ state }) => state === 'in_progress')
  )
    return `it says that traffic was moved, and its Deployment ${deployment} was never in_progress`;
  const outcome = outcomeOf(proved);
  if (outcome.is === 'succeeded' && outcome.supersededAt !== undefined)
    return `its Deployment ${deployment} was live and has been superseded`;
  if (payload.previous === undefined) return undefined;
  // A Deployment that proved itself vouches for the one it names: reserve proved that one before it wrote the name.
  const previous = history.find(({ id }) => id === payload.previous);
  if (!previous)
    return `Deployment ${payload.previous}, which its Deployment names as live before, does not exist`;
  if (previous.distrust.length > 0) return describeDoubted([previous]);
  return previous.payload.colour === from
    ? undefined
    : `it comes from ${from ?? 'nothing'}, and Deployment ${previous.id}, which was live before, ran on ${previous.payload.colour}`;
}

/**
 * The same, asked of GitHub, with the lock's Deployment as it proved itself: a request or two, none when only the run
 * that asks wrote it. Where GitHub does not say whether a run exists, it throws, but for a person's word to go back:
 * that is then carried out by what the ledger says without it.
 */
export async function askDoubt(
  control: Pick<TrafficControl, 'prove' | 'timeline'>,
  lock: Lock,
  history: readonly DeploymentRecord[],
  { byPerson = false }: { byPerson?: boolean } = {},
): Promise<{ doubt: Refusal | undefined; proved: DeploymentRecord | undefined }> {
  const own = history.find(({ id }) => id === lock.deployment);
  let proved = own;
  try {
    if (own) [proved] = await control.prove([own], history);
  } catch (error) {
    if (!byPerson || !(error instanceof GitHubError)) throw error;
    control.timeline.say(
      `Run ${lock.payload.run.id} of the lock's Deployment could not be looked up: ${error.message}`,
    );
  }
  return { doubt: doubtLock(lock, proved, history), proved };
}

/**
 * Why a lock that this run would go on with is not its own; undefined when it is. Nothing is written for one that is
 * not: it may name the Deployment of another release. `weights` are the router's.
 */
export async function forgedLock(
  control: Pick<TrafficControl, 'me' | 'prove' | 'timeline' | 'github' | 'lock'>,
  lock: Lock,
  { weights, history }: { weights: Weights; history: readonly DeploymentRecord[] },
): Promise<Refusal | undefined> {
  const { doubt, proved } = await askDoubt(control, lock, history);
  const strange = doubt ?? doubtOwn(lock, control.me, proved, weights);
  return strange && describeForged(control, strange);
}

/**
 * A run goes on only with what it reserved itself and what is still to be moved. That it is live already takes the
 * router's word too: any workflow's token can write a success.
 */
function doubtOwn(
  { deployment, to, payload: { run } }: Lock,
  me: TrafficControl['me'],
  proved: DeploymentRecord | undefined,
  weights: Weights,
): Refusal | undefined {
  if (run.id !== me.runId || run.attempt !== me.attempt)
    return notProved(
      `its Deployment ${deployment} is of run ${run.id} attempt ${run.attempt}, not of run ${me.runId} attempt ${me.attempt}`,
    );
  return proved && outcomeOf(proved).is === 'succeeded' && liveColour(weights) === to
    ? notProved(`its Deployment ${deployment} is live already`)
    : undefined;
}

/** What is said of a doubted lock, and what is left to a person: nothing that trusts the lock. */
export function describeForged(
  { lock, github }: Pick<TrafficControl, 'github' | 'lock'>,
  doubt: Refusal,
): Refusal {
  const path = lock.ref.split('/').map(encodeURIComponent).join('/');
  return retold(
    '',
    doubt,
    `. No mode moves traffic by it. Fix: give all traffic to the right colour by hand, if it is elsewhere (mode status), then remove the lock:  gh api -X DELETE repos/${github.owner}/${github.repository}/git/${path}`,
  );
}
