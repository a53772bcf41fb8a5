import type { Refusal } from '../../contracts/refusal-codes.js';
import { describeHolder } from '../../ledger/refs/holder.js';
import type { Lock } from '../../ledger/refs/lock.js';
import { outcomeOf, type DeploymentRecord } from '../../ledger/record.js';
import type { Held } from '../../ledger/refs/state.js';
import { goBack, type SwitchEnd, type Orders } from '../switch/end-switch.js';
import { runWatchedSwitch } from '../switch/run-watched-switch.js';
import { checkFit } from '../colour/fit.js';
import type { PagerPorts, RecoveryPorts, SwitchPorts, TrafficControl } from '../control.js';
import { decideRecovery } from './decide.js';
import { atWork, heldSince, lockIsDead } from './still-at-work.js';
import { askDoubt, describeForged } from './doubt-lock.js';
import { holdForPerson, pageIfNobodyDid, tellSettled } from '../switch/hold.js';
import { readHistory, recordLive, recordNotLive } from '../switch/ledger-outcome.js';
import { wayBack } from '../switch/way-back.js';
import {
  describeWeights,
  liveColour,
  readable,
  RouterError,
  sameWeights,
  type Survey,
  type Weights,
} from '../router.js';

/** What was done about a lock. */
export interface Recovery {
  result: 'nothing' | 'busy' | 'released' | 'completed' | 'reverted' | 'held';
  message: string;
}

/**
 * Brings a lock that a dead run left to an end: one colour live, the ledger true, the lock released; or held for a
 * person. A living one is left alone. What was held only because nodes could not be read goes on once all can be,
 * unless somebody changed the others meanwhile.
 */
export async function recoverLock(
  control: RecoveryPorts,
  held: Held<Lock>,
  known: { dead?: boolean; claim?: string } = {},
): Promise<Recovery> {
  const lock = held.state;
  const who = describeHolder(lock.holder);
  const dead = known.dead || (await lockIsDead(control, lock));
  const stillHeld = async (more: string): Promise<Recovery> => {
    control.timeline.held = lock;
    if (dead) await pageIfNobodyDid(control, lock);
    return { result: 'held', message: `${heldSince(lock)}${more}` };
  };
  if (lock.phase === 'held' && !(dead && lock.awaits)) return stillHeld('');
  if (!dead) return { result: 'busy', message: atWork(lock) };
  control.timeline.say(`Found what ${who} left: phase ${lock.phase}, ${lock.from ?? 'nothing'} → ${lock.to}`);
  const survey = await control.router.survey();
  const { seen, lost } = readable(survey);
  if (lock.phase === 'held') {
    if (lost.length > 0) return stillHeld(`. Still: ${lost.join(' ')}`);
    const strange = changedSince(lock.awaits?.seen ?? {}, seen);
    if (strange) {
      const why = `${lock.reason ?? 'some nodes could not be read'}. Every node can be read now, but somebody changed traffic meanwhile: ${strange}`;
      await holdForPerson(control, held, why);
      return { result: 'held', message: why };
    }
  }
  const { reason: _reason, awaits: _awaits, doubted: _doubted, ...state } = lock;
  const phase = lock.phase === 'held' ? 'switching' : lock.phase;
  const { claim = lock.claim } = known;
  held = await control.lock.replace(
    held,
    { ...state, claim, phase, holder: control.me },
    `taken over from ${who}`,
  );
  const recovery = await bringToEnd(control, held, who, survey);
  if (lock.phase === 'held' && recovery.result !== 'held') await tellSettled(control, lock, recovery.message);
  return recovery;
}

/** What nodes had that have something else now; undefined when there are none. */
function changedSince(
  before: Readonly<Record<string, Weights>>,
  now: Readonly<Record<string, Weights>>,
): string | undefined {
  const changed = Object.entries(before).filter(([node, weights]) => !sameWeights(weights, now[node] ?? {}));
  return (
    changed
      .map(
        ([node, had]) => `${node} had ${describeWeights(had)}, and has ${describeWeights(now[node] ?? {})}`,
      )
      .join('; ') || undefined
  );
}

/** What is to be done about a lock that a dead run left, or why no release can have written it. Changes nothing. */
export async function judgeLeft(
  control: Pick<TrafficControl, 'prove' | 'timeline'>,
  lock: Lock,
  history: readonly DeploymentRecord[],
  { partial, observed }: Survey,
) {
  // A retirement is of a Deployment that is live: it moves nothing and records nothing.
  const { doubt, proved } =
    lock.phase === 'retiring'
      ? { doubt: undefined, proved: undefined }
      : await askDoubt(control, lock, history);
  const written = proved && outcomeOf(proved).is;
  // A reservation moved nothing: that it succeeded takes the router's word too.
  const strange =
    lock.phase === 'reserved' && written === 'succeeded' && liveColour(partial.weights) !== lock.to;
  const outcome = strange ? 'in-flight' : written;
  return { doubt, outcome, decision: decideRecovery(lock, partial, outcome, observed !== undefined) };
}

async function bringToEnd(
  control: SwitchPorts,
  held: Held<Lock>,
  who: string,
  survey: Survey,
): Promise<Recovery> {
  const lock = held.state;
  const { seen, lost } = readable(survey);
  const observed = survey.partial;
  const live = survey.observed
    ? `${liveColour(observed.weights) ?? 'mixed'} is live`
    : 'not every node can be read';
  const history = await readHistory(control);
  const { doubt, outcome, decision } = await judgeLeft(control, lock, history, survey);
  if (doubt) return { result: 'held', message: await holdForged(control, held, doubt) };
  switch (decision) {
    case 'unlock':
      if (lock.phase === 'retiring') {
        await control.lock.remove(held);
        return {
          result: 'released',
          message: `Released the lock of ${who}, which was removing ${lock.to} and may not have finished; run mode retire again (${live})`,
        };
      }
      if (outcome === 'succeeded') await recordLive(control, lock);
      await control.lock.remove(held);
      return { result: 'completed', message: `${who} had finished but for its lock (${live})` };
    case 'release':
      await recordNotLive(control, lock, 'inactive', 'the run ended before traffic moved');
      await control.lock.remove(held);
      return {
        result: 'released',
        message: `Released the lock of ${who}; it had not moved traffic (${live})`,
      };
    case 'hold':
      await holdForPerson(control, held, `a run was interrupted while switching, and on-interrupt says hold`);
      return { result: 'held', message: 'Held for a person, as on-interrupt says' };
    case 'wait':
      return holdUntilRead(control, held, lost.join(' '), seen);
    case 'complete':
      return complete(control, held, ordersOf(lock, history));
    case 'revert':
      return revert(control, held, ordersOf(lock, history));
  }
}

/**
 * Keeps a lock that no release wrote, for a person: who removes it may want to know who wrote it. Returns what is to be
 * done by hand.
 */
export async function holdForged(control: PagerPorts, held: Held<Lock>, doubt: Refusal): Promise<Refusal> {
  const why = describeForged(control, doubt);
  await holdForPerson(control, { ...held, state: { ...held.state, doubted: true } }, why);
  return why;
}

/** Nothing is moved that could not be proved; the next recovery that can read every node goes on. */
async function holdUntilRead(
  control: PagerPorts,
  held: Held<Lock>,
  why: string,
  seen: Readonly<Record<string, Weights>>,
): Promise<Recovery> {
  const message = `what an interrupted run left cannot be brought to an end: ${why}`;
  await holdForPerson(control, held, message, seen);
  return { result: 'held', message };
}

export async function complete(control: SwitchPorts, held: Held<Lock>, orders: Orders): Promise<Recovery> {
  const { to, version, digest, payload } = held.state;
  const partly = payload.kind === 'rollback';
  const well = await checkFit(control, to, { version, digest }, { partly });
  if (!well.ok) return revert(control, held, orders, well.why);
  let done: SwitchEnd;
  try {
    done = await runWatchedSwitch(control, held, orders);
  } catch (error) {
    // Only the look before the first call throws this: the lock is as it was.
    if (!(error instanceof RouterError)) throw error;
    return holdUntilRead(control, held, error.message, readable(await control.router.survey()).seen);
  }
  const results = {
    live: 'completed',
    paused: 'held',
    back: 'reverted',
    'not-moved': 'released',
    held: 'held',
  } as const;
  return { result: results[done.result], message: done.message };
}

export async function revert(
  control: SwitchPorts,
  held: Held<Lock>,
  orders: Orders,
  why = 'the run was interrupted while switching',
): Promise<Recovery> {
  const done = await goBack(control, held, orders, why);
  return { result: done.result === 'held' ? 'held' : 'reverted', message: done.message };
}

/**
 * How a lock's switch ends, as the lock itself says: it names the release it replaces, which was proved when it was
 * reserved, so no run is looked up.
 */
export function ordersOf(lock: Lock, history: readonly DeploymentRecord[]): Orders {
  const previous = history.find((candidate) => candidate.id === lock.payload.previous);
  return {
    onInterrupt: lock.journal?.onInterrupt ?? 'revert',
    wayBack: wayBack(lock.from, previous, lock.payload.kind),
  };
}
