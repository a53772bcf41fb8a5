import { coded, retold, type Refusal } from '../../contracts/refusal-codes.js';
import { describeHolder, holderIsDead } from '../../ledger/refs/holder.js';
import type { Lock } from '../../ledger/refs/lock.js';
import { LostStateError, type Held } from '../../ledger/refs/state.js';
import { describeDoubted } from '../../ledger/proof/first-proved.js';
import type { Watch } from '../../ledger/refs/watch.js';
import { isoInstant, parseInstant } from '../../time/instant.js';
import { formatDuration } from '../../time/duration.js';
import type { LedgerPorts, RecoveryPorts, TrafficControl } from '../control.js';
import { readHistory } from '../switch/ledger-outcome.js';
import { askDoubt, describeForged } from './doubt-lock.js';
import { recoverLock, type Recovery } from './recover.js';
import { leftAlone } from './still-at-work.js';

export type Free = { free: true } | { free: false; why: Refusal };

/**
 * Between the first two looks at a lock that is taken, and at most between later ones, in milliseconds: each look costs
 * GitHub a few calls.
 */
const [firstPause, longestPause] = [2_000, 20_000];

/**
 * Waits until nobody holds the lock (and nobody watches a release, unless told otherwise), taking over what dead runs
 * left.
 */
export async function waitUntilFree(
  control: RecoveryPorts & Pick<TrafficControl, 'watch'>,
  patienceMs: number,
  past: { watch: boolean },
): Promise<Free> {
  const start = control.clock.now();
  let message: string | undefined;
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    const why = (await lockInTheWay(control)) ?? (past.watch ? undefined : await watchInTheWay(control));
    if (!why) return { free: true };
    if (control.signal.aborted)
      return { free: false, why: retold('', why, '; the run was cancelled while waiting') };
    const waited = control.clock.now() - start;
    if (waited >= patienceMs)
      return {
        free: false,
        why: retold('', await withDoubt(control, why), `; waited ${formatDuration(waited)}`),
      };
    if (why !== message) control.timeline.say(`Waiting: ${why}`);
    message = why;
    await control.clock.sleep(Math.min(pause, patienceMs - waited), control.signal);
  }
}

async function lockInTheWay(control: RecoveryPorts): Promise<Refusal | undefined> {
  const held = await control.lock.read();
  if (!held) return undefined;
  let recovery: Recovery;
  try {
    recovery = await recoverLock(control, held);
  } catch (error) {
    // Another waiter was faster at taking over what the dead run left: look again.
    if (error instanceof LostStateError) return inTheWay(control, 'another run is taking over a lock');
    throw error;
  }
  if (recovery.result === 'busy' || recovery.result === 'held') return inTheWay(control, recovery.message);
  control.timeline.say(recovery.message);
  return undefined;
}

/** A lock of a run that lives keeps everybody waiting, whoever wrote it: one that no release wrote is named as such. */
async function withDoubt(
  control: LedgerPorts & Pick<TrafficControl, 'lock'>,
  why: Refusal,
): Promise<Refusal> {
  const held = await control.lock.read();
  const doubt = held && (await doubtHeld(control, held.state));
  return doubt ? retold('', why, `. ${doubt}`) : why;
}

/**
 * Why a lock was not written by a release, with the line that removes it; undefined where it was, or nobody knows. A
 * retirement names a Deployment that it is not of, and one that is held says it itself.
 */
export async function doubtHeld(
  control: LedgerPorts & Pick<TrafficControl, 'lock'>,
  lock: Lock,
): Promise<Refusal | undefined> {
  if (lock.phase === 'retiring' || lock.phase === 'held') return undefined;
  const { doubt } = await askDoubt(control, lock, await readHistory(control), { byPerson: true });
  return doubt && describeForged(control, doubt);
}

const inTheWay = ({ lock }: Pick<TrafficControl, 'lock'>, message: string) =>
  coded('lock-busy', `${message} (${lock.ref})`);

/**
 * The lock that `waitUntilFree` would wait for now, in its words; undefined when there is none or its run is dead.
 * Changes nothing.
 */
export async function lockThatBlocks(
  control: LedgerPorts & Pick<TrafficControl, 'me' | 'runFacts' | 'lock'>,
): Promise<Refusal | undefined> {
  const held = await control.lock.read();
  const message = held && (await leftAlone(control, held.state));
  return message === undefined ? undefined : withDoubt(control, inTheWay(control, message));
}

/**
 * Who watches a release now, and so needs the idle colour; undefined when nobody does. Removes the watch that a dead
 * run left, and one that nobody can have.
 */
export async function watchInTheWay(
  control: LedgerPorts & Pick<TrafficControl, 'watch' | 'me' | 'runFacts'>,
): Promise<Refusal | undefined> {
  const watch = await control.watch.read();
  if (!watch) return undefined;
  const { holder, deployment, until } = watch.state;
  const facts = await control.runFacts(holder.runId, holder.attempt);
  const dead = holderIsDead(holder, facts, 'job', control.me);
  const doubt = dead ? undefined : await doubtWatch(control, watch.state);
  if (!dead && doubt === undefined) {
    return coded(
      'watch-busy',
      `Deployment ${deployment} is being watched until ${until} by ${describeHolder(holder)}; a rollback needs the idle colour (${control.watch.ref})`,
    );
  }
  // Between two checks it holds what they have seen; the next release's checks replace it.
  if (dead && watch.state.check) return undefined;
  await control.watch.remove(watch);
  control.timeline.say(
    doubt === undefined
      ? `Removed the watch that ${describeHolder(holder)} left`
      : `Removed the watch in ${control.watch.ref}, which is not one that auto-rollback keeps: ${doubt}. Find out who wrote it`,
  );
  return undefined;
}

/** A watch that should have ended may still be about to, for so many milliseconds. */
const watchSlack = 300_000;

/**
 * Why a watch of a living job is none: whoever may push can write one. It must not be over, and be of a Deployment that
 * a writer of the ledger made.
 */
export async function doubtWatch(
  control: Pick<LedgerPorts, 'github' | 'environment' | 'service' | 'writers'>,
  { deployment, until }: Watch,
): Promise<string | undefined> {
  if (control.github.now() > (parseInstant(until) ?? 0) + watchSlack) return `it was over at ${until}`;
  const record = (await readHistory(control)).find(({ id }) => id === deployment);
  if (!record) return `its Deployment ${deployment} does not exist here`;
  return record.distrust.length > 0 ? describeDoubted([record]) : undefined;
}

/** A claim that no other lock has. */
export function newClaim({ me, random }: Pick<TrafficControl, 'me' | 'random'>): string {
  return `${me.runId}.${me.attempt}.${me.job}.${Math.floor(random() * 2 ** 48).toString(16)}`;
}

/**
 * Takes the lock for a Deployment; undefined when someone else was faster. `over` is the lock to take from its holder;
 * throws LostStateError when that has changed.
 */
export function takeLock(
  control: Pick<TrafficControl, 'random' | 'me' | 'github' | 'environment' | 'service' | 'lock'>,
  lock: Pick<Lock, 'from' | 'to' | 'deployment' | 'payload'> & {
    phase?: 'reserved' | 'retiring';
    claim?: string;
  },
  over?: Held<Lock>,
): Promise<Held<Lock> | undefined> {
  const { payload } = lock;
  const state: Lock = {
    schema: 'devops-actions/lock@1',
    environment: control.environment,
    service: control.service,
    claim: newClaim(control),
    holder: control.me,
    phase: 'reserved',
    ...lock,
    version: payload.version,
    digest: payload.digest,
    since: isoInstant(control.github.now()),
  };
  const message = `${payload.kind} ${payload.version}: ${lock.from ?? 'nothing'} to ${lock.to}`;
  return over ? control.lock.replace(over, state, message) : control.lock.create(state, message);
}
