import { describeHolder } from '../../../shared/ledger/refs/holder.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { MigrationEnd } from './run.js';
import { Keeper } from './keeper.js';
import { messageOf, StepFailed, withSession, type ApplyPorts } from './ports.js';
import { changeKept } from './seal.js';
import { liftFence } from './steps/fence.js';
import { schemaSum, verifyMigration, versionOf } from './steps/verify.js';

/** What a person says became of a migration that was on hold. */
export interface Settling {
  outcome: 'applied' | 'taken-back' | 'other';
  reason: string;
  by: string;
}

/**
 * Ends a hold as a person says. The database must bear that out, unless they say it is something else; what does not fit
 * stays on hold. It is written into the journal before the fence is lifted and the journal removed.
 */
export async function settleMigration(ports: ApplyPorts, settling: Settling): Promise<MigrationEnd> {
  const held = await ports.file.read();
  if (!held) throw new Error(`Nothing is on hold: ${ports.file.ref} does not exist. Fix: nothing to do.`);
  const { phase, holder, version } = held.state;
  if (phase !== 'held')
    throw new Error(
      `The migration to ${version} is not on hold: ${describeHolder(holder)} runs it. Fix: wait for it, or run mode run again, which goes on with what a dead run left.`,
    );
  const keeper = new Keeper(ports, held);
  const { outcome, reason, by } = settling;
  try {
    const proof = await proveOutcome(ports, keeper, outcome);
    const settled = { outcome, reason, by, at: isoInstant(ports.clock.now()) };
    await keeper.note({ settled }, `settled by ${by}: ${outcome}`);
    await liftFence(ports, keeper);
    await withSession(ports, keeper.claim, (session) =>
      changeKept(session, ports.address.database, { backup: undefined }),
    );
    const { journal } = keeper;
    await keeper.release();
    const message = `The hold of the migration to ${version} was ended by ${by}: ${outcome}, ${proof}. Reason: ${reason}`;
    ports.say(message);
    return { result: 'settled', message, journal, endpoint: '' };
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const message = `Still on hold: the migration to ${version} is not settled as "${outcome}". ${messageOf(error)}. Fix: bring the database to that state, or use  outcome: other  which compares nothing`;
    return { result: 'held', message, journal: keeper.journal, endpoint: '' };
  }
}

/** How the database bears an outcome out; throws StepFailed where it does not. */
async function proveOutcome(
  ports: ApplyPorts,
  { journal, claim }: Keeper,
  outcome: Settling['outcome'],
): Promise<string> {
  if (outcome === 'other') return 'which nothing was compared with';
  const { before } = journal;
  if (!before) throw new StepFailed('The journal does not say what was before');
  if (outcome === 'applied') {
    await verifyMigration(ports, claim, before);
    return 'verified as a run verifies it';
  }
  const version = await withSession(ports, claim, (session) => versionOf(ports, session));
  if (version !== before.version)
    throw new StepFailed(`The version is ${version ?? 'nothing'} instead of ${before.version ?? 'nothing'}`);
  if ((await schemaSum(ports, claim)) !== before.schemaSha256)
    throw new StepFailed('The schema is not what it was before the migration');
  return 'and schema and version are what they were';
}
