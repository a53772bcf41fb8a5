import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  configPath,
  migrationStage,
  refusalOf,
  type MigrationStage,
} from '../../actions/migration-check/stage.js';
import { startMariadb, type Database } from '../../support/servers/databases.js';

/** Migrations of MariaDB that MariaDB itself runs: found and compared with what ran, and never called safe. */
let at: MigrationStage;
let server: Database;
let temp: string;
beforeAll(async () => {
  [at, server] = await Promise.all([migrationStage(), startMariadb()]);
  temp = mkdtempSync(join(tmpdir(), 'job-'));
  server.admin('CREATE DATABASE shop');
});
afterAll(async () => {
  rmSync(temp, { recursive: true, force: true });
  await Promise.all([at.close(), server.stop()]);
});

const config = `version: 1
database: mariadb
migrations: [{ tool: sql, folder: db }]
run: { connection: DATABASE_URL, apply: { by: sql }, backup: { by: pg_dump } }
`;
const first = 'CREATE TABLE users (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50)) ENGINE=InnoDB;\n';
const second = 'ALTER TABLE users ADD COLUMN plan VARCHAR(20), ALGORITHM=INSTANT, LOCK=NONE;\n';
const waiver =
  '-- migration-check: allow not-judged until 2027-06-30 because INSTANT on this server, read by mona\n';

const columns = () =>
  server
    .admin(`SELECT column_name FROM information_schema.columns WHERE table_schema = 'shop'`)
    .trim()
    .split('\n');

test('what MariaDB runs is found and compared, stops until somebody read it, and is not run', async () => {
  const live = at.change({ [configPath]: config, 'db/001.sql': first });
  await at.released(live, { version: '1.4.0' });
  server.admin(first, 'shop');

  const unread = await at.migrate(at.change({ 'db/002.sql': second }), { mode: 'plan' });
  expect([unread.ok, unread.outputs['result'], unread.rules]).toEqual([false, 'unsafe', ['not-judged']]);
  expect(unread.report).toMatchObject({
    database: 'mariadb',
    files: [{ path: 'db/002.sql', version: '002', statements: null }],
    plan: [],
  });

  const sha = at.change({ 'db/002.sql': `${waiver}${second}` });
  const read = await at.migrate(sha, { mode: 'check' });
  expect(read.outputs).toMatchObject({
    result: 'waived',
    'schema-version': '002',
    'oldest-compatible-app': '1.4.0',
  });
  for (const mode of ['run', 'rehearse'])
    expect(
      await refusalOf(
        at.migrate(sha, { mode }, { temp, variables: { DATABASE_URL: 'mysql://root@127.0.0.1/shop' } }),
      ),
    ).toContain('migrations of other databases are found and compared, and not run');
  expect(columns()).toEqual(['id', 'name']);

  // The team's own step, behind the gate; then the release is live.
  server.admin(`${waiver}${second}`, 'shop');
  expect(columns()).toEqual(['id', 'name', 'plan']);
  await at.released(sha, { version: '1.5.0' });
  const changed = await at.migrate(at.change({ 'db/002.sql': second }));
  expect([changed.ok, changed.rules]).toEqual([false, ['changed-after-release']]);
});
