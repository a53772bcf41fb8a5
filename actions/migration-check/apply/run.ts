import { GitHubError } from '../../../shared/github/problem.js';
import type { Migration } from '../../../shared/ledger/refs/migration.js';
import { LostStateError } from '../../../shared/ledger/refs/state.js';
import { describeHolder } from '../../../shared/ledger/refs/holder.js';
import { applyMigrations } from './steps/apply.js';
import { takeBackup } from './steps/backup.js';
import { endSessions, readSince } from './catalogue.js';
import { claimMigration, claimOwn, wayOut } from './claim.js';
import { maintenance, placesOf, whyNotExchange } from './steps/exchange.js';
import { liftFence, raiseFence } from './steps/fence.js';
import { isDone, nextForOther, nextStep, type Ending, type Next } from './journal.js';
import { Keeper } from './keeper.js';
import { messageOf, withSession, type ApplyPorts } from './ports.js';
import { proveNoWrites } from './proof.js';
import { changeKept, sealBackup, sealOf } from './seal.js';
import { ensureHistory } from './steps/statements.js';
import { ownOf, takeBack } from './steps/take-back.js';
import { lookBefore, verifyMigration } from './steps/verify.js';

/** What became of a migration. */
export interface MigrationEnd {
  /** failed: it did not hold, and the database is what it was. */
  result: 'applied' | 'failed' | 'restored' | 'held' | 'settled' | 'busy';
  message: string;
  /** The journal as it was last; undefined when somebody else's was in the way. */
  journal: Migration | undefined;
  /** Database to use from now on; empty when it is the one it was. */
  endpoint: string;
}

/**
 * Runs a migration from back-up to verified, or brings to its end what a dead run began. Without `mayApply` nothing is
 * applied any more: what a dead run began is taken back.
 */
export async function runMigration(ports: ApplyPorts, mayApply = true): Promise<MigrationEnd> {
  const claimed = await claimMigration(ports);
  if (!claimed.claimed)
    return { result: claimed.result, message: claimed.why, journal: undefined, endpoint: '' };
  const keeper = new Keeper(ports, claimed.held);
  const { left } = claimed;
  let next: Next = { next: 'begin' };
  if (left) {
    next = mayApply && left.version === ports.version ? nextStep(left) : nextForOther(left);
    ports.say(
      `Taking over the migration to ${left.version} that ${describeHolder(left.holder)} left: ${describeNext(next)}`,
    );
    // Before anything was applied there is nothing to go on with or to take back.
    if (!left.steps.some(({ step }) => step === 'apply') && next.next !== 'apply-first')
      next = { next: 'begin' };
    const doubt = next.next === 'begin' ? undefined : await doubtLeft(ports, left);
    if (doubt !== undefined) return hold(ports, keeper, doubt);
    await endLeftSessions(ports, keeper);
    // Nobody's word makes a release green: what is said to be done is applied, which does nothing, and verified again.
    if (next.next === 'lift' && next.ending === 'applied')
      next = { next: mayApply ? 'apply-again' : 'verify' };
    if (next.next === 'apply-first' && !(await isStillBackedUp(ports, keeper))) next = { next: 'begin' };
  }
  if (!mayApply && (next.next === 'begin' || next.next === 'apply-first'))
    return giveUp(ports, keeper, 'the check stops this release, and the run before had applied nothing');
  return goOn(ports, keeper, next);
}

/**
 * Brings to its end what this very job began before it was cancelled or killed. Nothing is applied any more: what was
 * begun is taken back. Undefined when nothing is left.
 */
export async function endMigration(ports: ApplyPorts): Promise<MigrationEnd | undefined> {
  const held = await claimOwn(ports);
  if (!held) return undefined;
  const keeper = new Keeper(ports, held);
  const next = nextForOther(held.state);
  await endLeftSessions(ports, keeper);
  if (next.next === 'begin' || next.next === 'apply-first')
    return giveUp(ports, keeper, 'The run was cancelled or killed before anything was applied');
  const doubt = await doubtLeft(ports, held.state);
  return doubt === undefined ? goOn(ports, keeper, next) : hold(ports, keeper, doubt);
}

const describeNext = ({ next }: Next): string =>
  ({
    begin: 'nothing was changed, so it begins anew',
    'apply-first': 'the back-up is there, nothing was applied',
    'apply-again': 'it died while applying, so what is not applied yet is applied now',
    verify: 'it was applied and is verified now',
    'take-back': 'it is taken back',
    undo: 'it died while taking back, so that is done again',
    restore: 'it died while restoring, so that is done again',
    lift: 'only the fence is left to lift',
  })[next];

/** Each turn does what the journal says comes next, until nothing does. */
async function goOn(ports: ApplyPorts, keeper: Keeper, first: Next): Promise<MigrationEnd> {
  for (let next = first; ; next = nextStep(keeper.journal)) {
    switch (next.next) {
      case 'begin': {
        const why = await begin(ports, keeper);
        if (why !== undefined) return giveUp(ports, keeper, why);
        break;
      }
      case 'apply-first':
        if (ports.signal.aborted)
          return giveUp(ports, keeper, 'The run was cancelled before anything was applied');
        await attempt(ports, keeper, 'apply');
        break;
      case 'apply-again':
        await attempt(ports, keeper, 'apply');
        break;
      case 'verify':
        await attempt(ports, keeper, 'verify');
        break;
      case 'take-back':
      case 'undo':
      case 'restore': {
        const taken = await takeBack(toTheEnd(ports), keeper);
        const failure = keeper.journal.failure ?? 'the run died';
        if (taken.ending === 'held') return hold(ports, keeper, `${failure}; ${taken.why}`);
        return end(ports, keeper, taken.ending, {
          message: `The migration to ${keeper.journal.version} failed: ${failure}. ${taken.message}`,
          endpoint: taken.ending === 'restored' ? taken.endpoint : '',
        });
      }
      case 'lift':
        return end(ports, keeper, next.ending, {
          message:
            next.ending === 'applied'
              ? `Migrated to ${keeper.journal.version} and verified; the back-up is ${keeper.journal.backup?.location}`
              : `The migration to ${keeper.journal.version} failed: ${keeper.journal.failure ?? 'the run died'}. It was ${next.ending}`,
          endpoint: '',
        });
    }
  }
}

/** Fence, a look at what is there, and the back-up. Says why it cannot be gone on; nothing was changed then. */
async function begin(ports: ApplyPorts, keeper: Keeper): Promise<string | undefined> {
  try {
    if (ports.config.restore?.by === 'exchange') {
      const why = await whyNotExchange(ports, keeper.claim);
      if (why !== undefined) return `The back-up could not be restored: ${why}`;
    }
    if (ports.config.apply.by === 'sql')
      await withSession(ports, keeper.claim, (session) => ensureHistory(ports, session), 'usual');
    await raiseFence(ports, keeper);
    const before = await lookBefore(ports, keeper.claim);
    await keeper.begin('back-up', { before });
    const backup = await takeBackup(ports, keeper);
    await seal(ports, { ...keeper.journal, backup });
    await keeper.done('back-up', { backup });
    ports.say(
      `Back-up: ${backup.location}, ${backup.size} bytes, SHA-256 ${backup.sha256 ?? 'unknown'}, ${backup.encrypted ? 'encrypted' : 'not encrypted'}; ${backup.proof}`,
    );
    return undefined;
  } catch (error) {
    if (isOurs(error)) return messageOf(error);
    throw error;
  }
}

/** Lets the database bear the back-up out, so that a later run may go by the journal. */
async function seal(ports: ApplyPorts, journal: Migration): Promise<void> {
  try {
    await withSession(ports, journal.claim, (session) =>
      sealBackup(session, ports.address.database, journal),
    );
  } catch (error) {
    ports.say(
      `The role does not own the database, so that a run which dies from here on is held for a person: ${messageOf(error)}`,
    );
  }
}

/** Why the journal of a dead run is not gone on with: the database does not bear its back-up out. */
async function doubtLeft(ports: ApplyPorts, left: Migration): Promise<string | undefined> {
  const { address, config } = ports;
  const asks = left.steps.some(({ step }) => step === 'restore') && config.restore?.by === 'exchange';
  const session = await ports.open(asks ? { ...address, database: maintenance } : address, left.claim);
  try {
    const { live, failed } = left.backup
      ? placesOf(ports, left.backup)
      : { live: address.database, failed: '' };
    for (const database of [failed, live])
      if ((await sealOf(session, database, left)) !== undefined) return undefined;
    // Once the names are exchanged, the failed database still bears it out; without it nothing does.
    return `the journal that ${describeHolder(left.holder)} left is not borne out by the database ${live}: it was written by somebody else, or by a role that does not own the database`;
  } finally {
    await session.close();
  }
}

/** Applies or verifies; what goes wrong becomes the failure that the journal holds. */
async function attempt(ports: ApplyPorts, keeper: Keeper, step: 'apply' | 'verify'): Promise<void> {
  await keeper.begin(step);
  try {
    if (step === 'apply') await applyMigrations(ports, keeper);
    else await verifyMigration(ports, keeper.claim, keeper.journal.before!);
  } catch (error) {
    if (!isOurs(error)) throw error;
    ports.say(`Failed: ${messageOf(error)}`);
    await keeper.note({ failure: messageOf(error) }, `${step}: failed`);
    return;
  }
  await keeper.done(step);
}

/** What makes things whole again is not broken off by a cancelled run: its commands do not hear of that. */
const toTheEnd = (ports: ApplyPorts): ApplyPorts => ({ ...ports, signal: new AbortController().signal });

/** Lifts the fence and lets the next migration come; what cannot be lifted is held for a person. */
async function end(
  ports: ApplyPorts,
  keeper: Keeper,
  ending: Ending,
  { message, endpoint }: { message: string; endpoint: string },
): Promise<MigrationEnd> {
  try {
    await liftFence(toTheEnd(ports), keeper);
  } catch (error) {
    if (!isOurs(error)) throw error;
    return hold(ports, keeper, `${message}. The fence could not be lifted: ${messageOf(error)}`);
  }
  const { journal } = keeper;
  await keeper.release();
  await withSession(ports, keeper.claim, (session) =>
    changeKept(session, ports.address.database, { backup: undefined }),
  ).catch(() =>
    ports.say('What bears the back-up out is left in the comment of the database; the next run replaces it'),
  );
  ports.say(message);
  const result = ending === 'applied' ? 'applied' : ending === 'restored' ? 'restored' : 'failed';
  return { result, message, journal, endpoint };
}

const giveUp = (ports: ApplyPorts, keeper: Keeper, why: string): Promise<MigrationEnd> =>
  end(ports, keeper, 'untouched', { message: `Nothing was changed: ${why}`, endpoint: '' });

async function hold(ports: ApplyPorts, keeper: Keeper, why: string): Promise<MigrationEnd> {
  const fenced = isDone(keeper.journal, 'fence') && ports.config.fence ? ' The fence is still up.' : '';
  await keeper.hold(why);
  const message = `On hold for a person: ${why}.${fenced} ${wayOut(ports.file.ref)}`;
  ports.say(message);
  return { result: 'held', message, journal: keeper.journal, endpoint: '' };
}

/** What the dead run left at work in the database must not go on beside us. */
async function endLeftSessions(ports: ApplyPorts, keeper: Keeper): Promise<void> {
  const { me, random } = ports;
  const fresh = `migration ${me.runId}.${me.attempt}.${me.job}.${Math.floor(random() * 2 ** 48).toString(16)}`;
  // While a restore exchanges names there may be no live database.
  const exchanging = keeper.journal.steps.some(({ step }) => step === 'restore');
  const database =
    exchanging && ports.config.restore?.by === 'exchange' ? maintenance : ports.address.database;
  const session = await ports.open({ ...ports.address, database }, fresh);
  try {
    const ended = await endSessions(session, (ms) => ports.clock.sleep(ms), keeper.claim);
    if (ended === undefined)
      throw new Error(
        `The sessions "${keeper.claim}" of the dead run do not end. Fix: end them by hand and run the step again`,
      );
    if (ended > 0) ports.say(`Ended ${ended} of its sessions that were still at work`);
  } finally {
    await session.close();
  }
  await keeper.note({ claim: fresh }, 'its sessions were ended');
}

/** Whether the dead run's back-up still is what the database is now. */
async function isStillBackedUp(ports: ApplyPorts, keeper: Keeper): Promise<boolean> {
  const { mark, backup } = keeper.journal;
  if (!mark || !backup) return false;
  const own = await ownOf(ports, keeper);
  return withSession(ports, keeper.claim, async (session) => {
    const { database } = ports.address;
    const proof = proveNoWrites(mark, await readSince(session, { database, claim: keeper.claim, mark, own }));
    if (!proof.proved) ports.say(`Its back-up is too old: ${proof.why}`);
    return proof.proved;
  });
}

/** Whatever goes wrong is the migration's failure, unless the journal itself cannot be written. */
const isOurs = (error: unknown): boolean =>
  !(error instanceof LostStateError) && !(error instanceof GitHubError);
