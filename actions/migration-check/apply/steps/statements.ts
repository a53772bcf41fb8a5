import { createHash } from 'node:crypto';
import { DatabaseError, type Session } from '../../../../shared/database/session.js';
import { formatDuration } from '../../../../shared/time/duration.js';
import { messageOf, StepFailed, type ApplyPorts, type SqlMigration } from '../ports.js';

type HistoryPorts = Pick<ApplyPorts, 'config' | 'timeouts' | 'migrations' | 'clock' | 'random' | 'say'>;

/** SQLSTATE of a lock that was not had in time: nothing was changed, and another try may get it. */
const lockNotAvailable = '55P03';

/** SQLSTATE of a statement that the server does not run within a transaction, such as CREATE INDEX CONCURRENTLY. */
const notInTransaction = '25001';

const isRefused = (error: unknown, code: string) => error instanceof DatabaseError && error.code === code;

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');

const tableOf = ({ config: { apply } }: Pick<ApplyPorts, 'config'>): string => {
  if (apply.by !== 'sql') throw new Error('only statements run from here are noted in a history');
  return apply.history;
};

/** Makes the table in which each file is noted; before the back-up, so that it is in there too. */
export async function ensureHistory(ports: HistoryPorts, session: Session): Promise<void> {
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${tableOf(ports)} (
       name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
       xid text NOT NULL, undone_by text)`,
  );
}

/** Transactions that the history bears out as the migration's own, and as its inverse's. */
export async function ownTransactions(ports: HistoryPorts, session: Session): Promise<Set<string>> {
  const rows = await session.query(`SELECT xid, undone_by FROM ${tableOf(ports)}`);
  return new Set(
    rows.flatMap(({ xid, undone_by }) => [xid, undone_by].filter((id) => typeof id === 'string')),
  );
}

/** Applies the files that the history does not have, in order; those of a run that died are there already. */
export async function applyStatements(ports: HistoryPorts, session: Session): Promise<number> {
  const table = tableOf(ports);
  const known = new Map(
    (await session.query(`SELECT name, sha256 FROM ${table}`)).map(({ name, sha256 }) => [name!, sha256!]),
  );
  const changed = ports.migrations.filter(({ name, up }) => known.has(name) && known.get(name) !== sumOf(up));
  if (changed.length > 0)
    throw new StepFailed(
      `${changed.map(({ name }) => name).join(', ')} was changed after it had been applied. Fix: put it back as it was and write a new file`,
    );
  const pending = ports.migrations.filter(({ name }) => !known.has(name));
  for (const [index, migration] of pending.entries()) {
    ports.say(`Apply ${index + 1} of ${pending.length}: ${migration.name}`);
    await tryForLock(ports, migration.name, () => applyOne(ports, session, migration));
  }
  return pending.length;
}

async function applyOne(ports: HistoryPorts, session: Session, { name, up }: SqlMigration): Promise<void> {
  const table = tableOf(ports);
  const note = `INSERT INTO ${table} (name, sha256, xid) VALUES ($1, $2, pg_current_xact_id()::text)`;
  try {
    await inTransaction(ports, session, async () => {
      await session.query(up);
      await session.query(asBefore);
      await session.query(note, [name, sumOf(up)]);
    });
  } catch (error) {
    if (!isRefused(error, notInTransaction)) throw error;
    await limit(ports, session, 'SESSION');
    await session.query(up).catch((second: unknown) => {
      throw isRefused(second, notInTransaction)
        ? new StepFailed(`${name}: ${messageOf(second)}. Fix: put that statement into a file of its own`)
        : second;
    });
    await session.query(asBefore);
    await session.query(note, [name, sumOf(up)]);
  }
}

/** A file may set what it likes, such as the search path; the next statement is not to feel it. */
const asBefore = 'RESET ALL; RESET ROLE';

/** Takes back what was applied from a transaction on, the last first. */
export async function undoStatements(ports: HistoryPorts, session: Session, nextXid: string): Promise<void> {
  const table = tableOf(ports);
  const rows = await session.query(
    `SELECT name FROM ${table} WHERE undone_by IS NULL AND xid::numeric >= $1::numeric ORDER BY xid::numeric DESC`,
    [nextXid],
  );
  const steps = rows.map(({ name }) => ({
    name: name!,
    down: ports.migrations.find((migration) => migration.name === name)?.down,
  }));
  const without = steps.filter(({ down }) => down === undefined);
  if (without.length > 0)
    throw new StepFailed(`${without.map(({ name }) => name).join(', ')} has no inverse`);
  for (const { name, down } of steps) {
    ports.say(`Undo: ${name}`);
    await tryForLock(ports, `the inverse of ${name}`, () =>
      inTransaction(ports, session, async () => {
        await session.query(down!);
        await session.query(asBefore);
        // The line stays, since both transactions must be known as the migration's own.
        await session.query(
          `UPDATE ${table} SET undone_by = pg_current_xact_id()::text, name = name || ' undone by ' || pg_current_xact_id()
            WHERE name = $1`,
          [name],
        );
      }),
    );
  }
}

const limit = ({ timeouts }: HistoryPorts, session: Session, scope: 'LOCAL' | 'SESSION') =>
  session.query(
    `SET ${scope} lock_timeout = ${timeouts.lock}; SET ${scope} statement_timeout = ${timeouts.statement}`,
  );

async function inTransaction(ports: HistoryPorts, session: Session, work: () => Promise<void>) {
  await session.query('BEGIN');
  try {
    await limit(ports, session, 'LOCAL');
    const [begun] = await session.query('SELECT pg_current_xact_id()::text AS xid');
    await work();
    const [ended] = await session.query('SELECT pg_current_xact_id()::text AS xid');
    if (begun!['xid'] !== ended!['xid'])
      throw new StepFailed(
        'The file ends the transaction that it runs in. Fix: take BEGIN, COMMIT and ROLLBACK out of it',
      );
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Between two tries, in milliseconds: doubled each time, with up to half as much on top so that two do not keep step. */
const firstPause = 1_000;
const longestPause = 30_000;

/** Does something again that only waited too long for a lock. */
export async function tryForLock<T>(
  { config, clock, random, say }: Pick<ApplyPorts, 'config' | 'clock' | 'random' | 'say'>,
  what: string,
  work: () => Promise<T>,
  isLock: (error: unknown) => boolean = (error) => isRefused(error, lockNotAvailable),
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (!isLock(error) || tried >= config.attempts) throw error;
      const pause = Math.min(firstPause * 2 ** (tried - 1), longestPause) * (1 + random() / 2);
      say(`${what}: no lock in time (try ${tried} of ${config.attempts}); again in ${formatDuration(pause)}`);
      await clock.sleep(pause);
    }
  }
}
