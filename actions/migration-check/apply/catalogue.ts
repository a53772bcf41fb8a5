import type { Row, Session } from '../../../shared/database/session.js';
import type { Mark } from '../../../shared/ledger/refs/migration.js';
import type { Since } from './proof.js';

/** Sessions in a database that are not the asker's own and not of a migration's name, nor the server's own workers. */
const othersQuery = `
  SELECT coalesce(usename, 'somebody') || coalesce(' from ' || host(client_addr), '') ||
         coalesce(' (' || nullif(application_name, '') || ')', '') AS who, usename
    FROM pg_stat_activity
   WHERE datname = $1 AND pid <> pg_backend_pid() AND application_name <> $2
     AND coalesce(backend_type, 'client backend') NOT IN ('autovacuum worker', 'parallel worker')
   ORDER BY 1`;

/**
 * Whether nothing but the asker's role can connect to a database: no role that may log in, no subscription that writes,
 * no transaction that was prepared and waits. Superusers are told apart, since nothing keeps them out.
 */
const reachQuery = `
  SELECT d.oid::text AS oid, d.xmin::text AS row,
         (SELECT system_identifier::text FROM pg_control_system()) AS system,
         (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM pg_roles
           WHERE rolsuper AND rolcanlogin AND rolname <> session_user)::text AS superusers,
         (SELECT count(*) FROM pg_roles r
           WHERE rolcanlogin AND NOT rolsuper AND rolname <> session_user
             AND has_database_privilege(r.oid, d.oid, 'CONNECT'))::text AS reach,
         (SELECT count(*) FROM pg_subscription WHERE subdbid = d.oid AND subenabled)::text AS fed,
         (SELECT count(*) FROM pg_prepared_xacts WHERE database = d.datname)::text AS prepared
    FROM pg_database d WHERE d.datname = $1`;

/** Who else is connected to a database, as people know them. `role`: only sessions of the asker's own role. */
export async function othersIn(
  session: Session,
  { database, claim, role }: { database: string; claim: string; role?: string },
): Promise<string[]> {
  const rows = await session.query(othersQuery, [database, claim]);
  return rows.filter(({ usename }) => role === undefined || usename === role).map(({ who }) => who ?? '');
}

/** Takes the mark that a proof begins with. `shared`: the application logs in as the migration's own role. */
export async function takeMark(
  session: Session,
  { database, claim, shared }: { database: string; claim: string; shared: boolean },
): Promise<Mark> {
  const reached = await reachOf(session, database);
  const others = await othersIn(session, { database, claim });
  const [snapshot] = await session.query(
    `SELECT pg_snapshot_xmin(s)::text AS low, pg_snapshot_xmax(s)::text AS next FROM pg_current_snapshot() s`,
  );
  return {
    system: reached.system,
    database: reached.database,
    // Ids below the lowest one at work are settled: from there on each is counted.
    nextXid: snapshot!['low']!,
    closed: reached.closed && others.length === 0 && !shared,
    superusers: reached.superusers,
  };
}

/** Ids that are looked at one by one; a migration has a few, and a server that works on has given out more. */
const mostIds = 20_000n;

/** What became of a database since a mark. `own`: transactions that the migration is known to have made. */
export async function readSince(
  session: Session,
  { database, claim, mark, own }: { database: string; claim: string; mark: Mark; own: ReadonlySet<string> },
): Promise<Since> {
  const reached = await reachOf(session, database);
  const others = await othersIn(session, { database, claim });
  return {
    system: reached.system,
    database: reached.database,
    closed: reached.closed,
    others: reached.prepared ? [...others, 'a prepared transaction'] : others,
    foreign: await committedSince(session, mark, own),
  };
}

/** Transactions that were committed, or are at work, since a mark; undefined when there are too many. */
export async function committedSince(
  session: Session,
  { nextXid }: Pick<Mark, 'nextXid'>,
  own: ReadonlySet<string>,
): Promise<string[] | undefined> {
  const [snapshot] = await session.query(`SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next`);
  const next = BigInt(snapshot!['next']!);
  if (next - BigInt(nextXid) > mostIds) return undefined;
  const rows = await session.query(
    `SELECT id::text AS id FROM generate_series($1::numeric, $2::numeric - 1) id
      WHERE coalesce(pg_xact_status(id::text::xid8), 'unknown') <> 'aborted'
        AND id::text <> coalesce(pg_current_xact_id_if_assigned()::text, '') ORDER BY id`,
    [nextXid, next.toString()],
  );
  return rows.map(({ id }) => id!).filter((id) => !own.has(id));
}

async function reachOf(session: Session, database: string) {
  const [row] = await session.query(reachQuery, [database]);
  if (!row) throw new Error(`The server has no database ${database}.`);
  return {
    system: row['system']!,
    database: { oid: row['oid']!, row: row['row']! },
    closed: row['reach'] === '0' && row['fed'] === '0' && row['prepared'] === '0',
    prepared: row['prepared'] !== '0',
    superusers: JSON.parse(row['superusers']!) as string[],
  };
}

/** Ends what sessions of a name are left in the whole server; undefined when they do not go. */
export async function endSessions(
  session: Session,
  sleep: (ms: number) => Promise<void>,
  name: string,
): Promise<number | undefined> {
  let ended = 0;
  for (let look = 0; look < 100; look++) {
    const left: Row[] = await session.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()`,
      [name],
    );
    if (left.length === 0) return ended;
    ended = Math.max(ended, left.length);
    await sleep(100);
  }
  return undefined;
}
