import type { MigrationStep } from '../../shared/contracts/reports/migration-report.js';
import type { Session } from '../../shared/database/session.js';

/** What tables and the tables of indexes are about, by the statistics that are there already: nothing is counted. */
const query = `
SELECT asked.name, t.reltuples::bigint AS rows, pg_catalog.pg_total_relation_size(t.oid) AS bytes
FROM pg_catalog.json_array_elements_text($1::json) AS asked(name)
JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(asked.name)
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
JOIN pg_catalog.pg_class t ON t.oid = coalesce(i.indrelid, c.oid)`;

const ofIndex = 'the table of ';

/** A relation's name as SQL writes it, so that capitals and blanks are part of it. */
function quoted(relation: string): string {
  const name = relation.startsWith(ofIndex) ? relation.slice(ofIndex.length) : relation;
  const parts = name.includes('.') ? name.split('.') : ['public', name];
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
}

/** Steps with the sizes of what they lock; what the database does not have, or has no statistics of, stays null. */
export async function withSizes(
  steps: readonly MigrationStep[],
  session: Pick<Session, 'query'>,
): Promise<MigrationStep[]> {
  const names = [...new Set(steps.flatMap(({ lock }) => (lock ? [quoted(lock.relation)] : [])))];
  if (names.length === 0) return [...steps];
  await session.query("SET default_transaction_read_only = on; SET statement_timeout = '30s'");
  const rows = await session.query(query, [JSON.stringify(names)]);
  const sizes = new Map(
    rows.map(({ name, rows: tuples, bytes }) => [
      name,
      // PostgreSQL writes -1 for a table that was never analysed.
      { rows: Number(tuples) < 0 ? null : Number(tuples), bytes: Number(bytes) },
    ]),
  );
  return steps.map((step) =>
    step.lock ? { ...step, lock: { ...step.lock, ...sizes.get(quoted(step.lock.relation)) } } : step,
  );
}
