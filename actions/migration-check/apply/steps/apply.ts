import type { Keeper } from '../keeper.js';
import { withSession, type ApplyPorts } from '../ports.js';
import { applyStatements, tryForLock } from './statements.js';
import { runTeam } from './team.js';

/**
 * How PostgreSQL and its drivers say that a lock was not had in time: the server in English, its code, and the class of
 * Python's driver. What is not known for one is a failure.
 */
const lockTold = /\b55P03\b|canceling statement due to lock timeout|LockNotAvailable/;

/** Applies what is not applied yet. Throws with what went wrong. */
export async function applyMigrations(ports: ApplyPorts, keeper: Keeper): Promise<void> {
  const { apply } = ports.config;
  if (apply.by === 'sql') {
    const applied = await withSession(
      ports,
      keeper.claim,
      (session) => applyStatements(ports, session),
      'usual',
    );
    ports.say(`Applied ${applied} of ${ports.migrations.length} files`);
    return;
  }
  await tryForLock(
    ports,
    'Apply',
    () => runTeam(ports, keeper.claim, 'Apply', apply.run),
    (error) => error instanceof Error && lockTold.test(error.message),
  );
}
