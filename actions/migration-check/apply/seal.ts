import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Session } from '../../../shared/database/session.js';
import type { Migration } from '../../../shared/ledger/refs/migration.js';

/**
 * Whoever can push can write a journal of a run that never was. So what a later run would restore or lift by is kept in
 * the database itself as well: at the end of its comment, which only its owner can write, which no dump of it holds, and
 * which nobody's sessions feel.
 */
const keptSchema = z.strictObject({
  /** Roles from which the fence took the right to connect; null is everybody. */
  fence: z.array(z.string().nullable()).optional(),
  /** Checksum of what a restore goes by, and the transaction in which this was written. */
  backup: z.strictObject({ sum: z.string(), xid: z.string() }).optional(),
});

export type Kept = z.output<typeof keptSchema>;

const marker = '\ndevops-actions: ';

/** What is kept in a database; empty where there is nothing. */
export async function readKept(session: Session, database: string): Promise<Kept> {
  return splitComment(await commentOf(session, database)).kept;
}

/** Changes what is kept in a database, and nothing else of its comment. */
export async function changeKept(session: Session, database: string, change: Kept): Promise<void> {
  const comment = await commentOf(session, database);
  const { own, kept } = splitComment(comment);
  const next = Object.fromEntries(
    Object.entries({ ...kept, ...change }).filter(([, value]) => value !== undefined),
  );
  const text = Object.keys(next).length === 0 ? own : `${own}${marker}${JSON.stringify(next)}`;
  if (text === comment) return;
  const [row] = await session.query(
    `SELECT format('COMMENT ON DATABASE %I IS %L', $1::text, nullif($2::text, '')) AS statement`,
    [database, text],
  );
  await session.query(row!['statement']!);
}

async function commentOf(session: Session, database: string): Promise<string> {
  const [row] = await session.query(
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [database],
  );
  return row?.['comment'] ?? '';
}

function splitComment(comment: string): { own: string; kept: Kept } {
  const at = comment.lastIndexOf(marker);
  if (at < 0) return { own: comment, kept: {} };
  const parsed = keptSchema.safeParse(jsonOf(comment.slice(at + marker.length)));
  return parsed.success ? { own: comment.slice(0, at), kept: parsed.data } : { own: comment, kept: {} };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Bears the back-up of a journal out. */
export async function sealBackup(session: Session, database: string, journal: Migration): Promise<void> {
  await session.query('BEGIN');
  try {
    const [row] = await session.query('SELECT pg_current_xact_id()::text AS xid');
    await changeKept(session, database, { backup: { sum: sumOf(journal), xid: row!['xid']! } });
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** The transaction that bore a journal's back-up out; undefined when the database does not. */
export async function sealOf(
  session: Session,
  database: string,
  journal: Migration,
): Promise<string | undefined> {
  const { backup } = await readKept(session, database);
  return backup?.sum === sumOf(journal) ? backup.xid : undefined;
}

/** SHA-256 over all that a restore goes by. */
function sumOf({ environment, service, version, mark, before, backup }: Migration): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted({ environment, service, version, mark, before, backup })))
    .digest('hex');
}

/** The same value with its keys in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
