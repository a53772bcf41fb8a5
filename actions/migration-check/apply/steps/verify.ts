import { createHash } from 'node:crypto';
import type { Session } from '../../../../shared/database/session.js';
import type { Before } from '../../../../shared/ledger/refs/migration.js';
import { messageOf, StepFailed, withSession, type ApplyPorts } from '../ports.js';
import { runTeam, toolVariables } from './team.js';

/** Constraints and indexes that do not hold: made NOT VALID, or left by a build that failed. */
const invalidQuery = `
  SELECT format('constraint %s of %s', conname, conrelid::regclass) AS what
    FROM pg_constraint WHERE NOT convalidated
  UNION ALL
  SELECT format('index %s', indexrelid::regclass) FROM pg_index WHERE NOT indisvalid
  ORDER BY 1`;

/** Lines of a dump that differ between two of the same database: comments with versions, and random keys. */
export const isOfDump = (line: string): boolean => /^(--|\\(un)?restrict )/.test(line);

/** SHA-256 of the schema as pg_dump, or the team's command, writes it. */
export async function schemaSum(ports: ApplyPorts, claim: string): Promise<string> {
  const { schema } = ports.config.verify;
  if (schema) {
    const { stdout } = await runTeam(ports, claim, 'Schema', schema);
    if (stdout.trim() === '')
      throw new StepFailed(`The schema cannot be read: ${schema.join(' ')} printed nothing`);
    return createHash('sha256').update(stdout).digest('hex');
  }
  const digested = await ports.digest(
    {
      argv: ['pg_dump', '--schema-only', '--lock-wait-timeout=60s'],
      env: toolVariables(ports.address, claim),
      timeoutMs: ports.config['time-limit'],
    },
    isOfDump,
  );
  if (!digested.ok) throw new StepFailed(`The schema cannot be read: ${digested.why}`);
  return digested.sha256;
}

/** What is compared after the migration with what it is then. */
export async function lookBefore(ports: ApplyPorts, claim: string): Promise<Before> {
  const schemaSha256 = await schemaSum(ports, claim);
  return withSession(ports, claim, async (session) => {
    const version = await versionOf(ports, session);
    return {
      schemaSha256,
      ...(version === undefined ? {} : { version }),
      rows: await countRows(session, ports.config.verify.rows),
      invalid: await invalidIn(session),
    };
  });
}

/** The version that the schema says it has; undefined when nobody asks or there is none yet. */
export async function versionOf(
  { config: { verify } }: ApplyPorts,
  session: Session,
): Promise<string | undefined> {
  if (!verify.version) return undefined;
  const rows = await session.query(verify.version.query).catch((error: unknown) => {
    // Before the first migration there is no table of versions.
    if ((error as { code?: string }).code === '42P01') return [];
    throw error;
  });
  const values = Object.values(rows[0] ?? {});
  if (rows.length > 1 || values.length > 1)
    throw new StepFailed(
      `verify.version.query gives ${rows.length} rows of ${values.length} columns instead of one value`,
    );
  return values[0] ?? undefined;
}

/** Checks the migrated database; throws StepFailed with everything that is wrong. */
export async function verifyMigration(ports: ApplyPorts, claim: string, before: Before): Promise<void> {
  const { verify } = ports.config;
  const wrong = await withSession(ports, claim, async (session) => {
    const found: string[] = [];
    const version = await versionOf(ports, session);
    const expected = verify.version?.expect;
    if (expected !== undefined && version !== expected)
      found.push(`the schema's version is ${version ?? 'nothing'} instead of ${expected}`);
    for (const [name, query] of Object.entries(verify.integrity)) {
      try {
        const rows = await session.query(query);
        if (rows.length > 0)
          found.push(
            `integrity.${name} finds ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}, the first ${JSON.stringify(rows[0]).slice(0, 200)}`,
          );
      } catch (error) {
        found.push(`integrity.${name} cannot be asked: ${messageOf(error)}`);
      }
    }
    const rows = await countRows(session, verify.rows);
    for (const [table, count] of Object.entries(before.rows))
      if (rows[table] === undefined || BigInt(rows[table]) < BigInt(count))
        found.push(`${table} has ${rows[table] ?? 'no'} rows instead of ${count} as before`);
    const invalid = (await invalidIn(session)).filter((what) => !before.invalid.includes(what));
    if (invalid.length > 0) found.push(`not valid: ${invalid.join(', ')}`);
    return found;
  });
  if (wrong.length > 0) throw new StepFailed(`Verification: ${wrong.join('; ')}`);
  if (verify.run) await runTeam(ports, claim, 'Verification', verify.run);
}

const invalidIn = async (session: Session) => (await session.query(invalidQuery)).map(({ what }) => what!);

/** Rows by table; a table that is not there has no count. */
async function countRows(session: Session, tables: readonly string[]): Promise<Record<string, string>> {
  const counts: Record<string, string> = {};
  for (const table of tables) {
    const [found] = await session.query('SELECT to_regclass($1)::text AS name', [table]);
    if (!found?.['name']) continue;
    const [row] = await session.query(`SELECT count(*)::text AS n FROM ${found['name']}`);
    counts[table] = row!['n']!;
  }
  return counts;
}
