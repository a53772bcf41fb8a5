import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { withSizes } from '../../../actions/migration-check/sizes.js';
import type { MigrationStep } from '../../../shared/contracts/reports/migration-report.js';
import type { Row } from '../../../shared/database/session.js';
import { judgeSql } from '../../support/migrations/judge.js';

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create({ loadDataDir: await dataDir() });
  await database.exec(`
    CREATE TABLE users (id int PRIMARY KEY, name text);
    INSERT INTO users SELECT n, 'x' FROM generate_series(1, 2000) n;
    CREATE INDEX users_name ON users (name);
    ANALYZE users;
    CREATE TABLE "Odd Name" (id int);
    CREATE SCHEMA app;
    CREATE TABLE app.carts (id int);
    ANALYZE app.carts;`);
});
afterAll(() => database.close());

/** What ran, and real answers to it. */
function session() {
  const ran: string[] = [];
  const query = async (text: string, values?: readonly (string | null)[]): Promise<Row[]> => {
    ran.push(text);
    if (!values) return (await database.exec(text)).at(-1)!.rows as Row[];
    return (await database.query<Row>(text, [...values])).rows;
  };
  return { ran, query };
}
const planOf = async (sql: string) => (await judgeSql(sql)).plan;
const sizesOf = async (sql: string, at = session()) =>
  (await withSizes(await planOf(sql), at)).map(
    ({ lock }) => lock && { rows: lock.rows, big: (lock.bytes ?? 0) > 0 },
  );

describe('the sizes of what a plan locks', () => {
  it('are those of the table, by statistics', async () => {
    expect(
      await sizesOf('ALTER TABLE users ADD COLUMN a int; ALTER TABLE app.carts ADD COLUMN a int;'),
    ).toEqual([
      { rows: 2000, big: true },
      { rows: 0, big: false },
    ]);
  });

  it('are those of its table for an index', async () => {
    expect(await sizesOf('DROP INDEX CONCURRENTLY users_name;')).toEqual([{ rows: 2000, big: true }]);
  });

  it('stay unknown for what is not there, was never analysed, or has a name that is no name', async () => {
    const evil = `ALTER TABLE "x'; DROP TABLE users; --" ADD COLUMN a int;`;
    expect(
      await sizesOf(`ALTER TABLE gone ADD COLUMN a int; ALTER TABLE "Odd Name" ADD COLUMN a int; ${evil}`),
    ).toEqual([
      { rows: null, big: false },
      { rows: null, big: false },
      { rows: null, big: false },
    ]);
    expect((await database.query('SELECT 1 FROM users LIMIT 1')).rows).toHaveLength(1);
  });

  it('are asked of a session that can only read, and of none where nothing is locked', async () => {
    const at = session();
    expect(await sizesOf('CREATE TABLE a (id int);', at)).toEqual([null]);
    expect(at.ran).toEqual([]);
    await withSizes((await planOf('ALTER TABLE users ADD COLUMN a int;')) satisfies MigrationStep[], at);
    expect(at.ran[0]).toContain('default_transaction_read_only = on');
  });
});
