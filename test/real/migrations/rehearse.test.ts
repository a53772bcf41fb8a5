import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { applyKeys } from '../../../actions/migration-check/apply/config.js';
import { openApply } from '../../../actions/migration-check/apply/open.js';
import type { SqlMigration } from '../../../actions/migration-check/apply/ports.js';
import { rehearse } from '../../../actions/migration-check/rehearse/rehearse.js';
import { openGitHub } from '../../../shared/github/client.js';
import { testHost } from '../../support/runner/host.js';
import { goodFiles, openStage, type Stage } from './stage.js';

let at: Stage;
beforeAll(async () => {
  at = await openStage();
});
afterAll(() => at.close());

const first: SqlMigration = {
  name: 'db/migrations/0001_items.sql',
  up: 'CREATE TABLE items (id bigint PRIMARY KEY, name text NOT NULL, price numeric(10,2));',
  down: 'DROP TABLE items;',
};

/** Plays a rehearsal on a new empty database. */
async function play({
  migrations = goodFiles,
  run = {},
  how = {},
}: {
  migrations?: readonly SqlMigration[];
  run?: object;
  how?: object;
}) {
  const shop = at.newShop('');
  const baseFolder = join(at.folder, 'base');
  mkdirSync(baseFolder, { recursive: true });
  writeFileSync(join(baseFolder, 'release'), 'old\n');
  const host = testHost({
    context: { workspace: at.folder, temp: at.folder, apiUrl: at.github.server.url },
    variables: { DATABASE_URL: shop.url },
  });
  const github = await openGitHub({
    token: 'none',
    at: host.context,
    clock: host.clock,
    random: host.random,
  });
  const config = z.strictObject(applyKeys).parse({
    run: { connection: 'DATABASE_URL', apply: { by: 'sql' }, backup: { by: 'pg_dump' }, ...run },
    rehearse: { connection: 'DATABASE_URL', ...how },
  });
  const ports = openApply(host, github, {
    environment: 'production',
    service: 'shop',
    version: '2.0.0',
    config: config.run!,
    timeouts: { lock: 1_000, statement: 60_000 },
    migrations,
    jobId: 0,
  });
  const seen = await rehearse(ports, { how: config.rehearse!, baseFolder, history: [first] });
  return {
    ...seen,
    course: seen.steps.map(({ name, result }) => `${name} ${result}`),
    printed: host.printed,
  };
}

test('a migration that can be reversed is applied, reversed and applied again', async () => {
  const seen = await play({});
  expect(seen).toMatchObject({ ok: true });
  expect(seen.course).toEqual([
    'base done',
    'apply done',
    'old suite skipped',
    'undo done',
    'apply again done',
  ]);
});

test('an inverse that forgets something fails, with the lines that differ', async () => {
  const migrations = [
    { ...goodFiles[0]!, up: `${goodFiles[0]!.up} CREATE INDEX forgotten ON items (stock, name);` },
    goodFiles[1]!,
  ];
  const forgets = migrations.map((one) => ({
    ...one,
    down: one.down?.replace('DROP COLUMN stock', 'ALTER COLUMN stock DROP NOT NULL'),
  }));
  const seen = await play({ migrations: forgets });
  expect(seen.course.at(-1)).toBe('undo failed');
  expect(seen.message).toMatch(/\+ CREATE INDEX forgotten ON public.items/);
});

test('the suite of the release before, run on the new schema, finds what lints cannot', async () => {
  const how = { 'old-suite': at.script('grep -q old release && psql -qc "SELECT price FROM items"') };
  expect((await play({ how })).course).toContain('old suite done');
  const renames = {
    name: 'db/migrations/0002.sql',
    up: 'ALTER TABLE items RENAME price TO cost',
    down: undefined,
  };
  const seen = await play({ how, migrations: [renames] });
  expect(seen.course.at(-1)).toBe('old suite failed');
  expect(seen.message).toContain('column "price" does not exist');
});

test('rows of the release before are there when a seed puts them', async () => {
  const how = { seed: at.script(`psql -qc "INSERT INTO items VALUES (1, 'a', NULL)"`) };
  const migrations = [{ name: 'x.sql', up: 'ALTER TABLE items ALTER price SET NOT NULL', down: undefined }];
  expect((await play({ migrations })).ok).toBe(true);
  const seen = await play({ how, migrations });
  expect([seen.course.at(-1), seen.message]).toEqual([
    'apply failed',
    expect.stringContaining('contains null values'),
  ]);
});

test('a migration without inverse says so and is not called reversible', async () => {
  const seen = await play({ migrations: goodFiles.map((one) => ({ ...one, down: undefined })) });
  expect([seen.ok, seen.course.at(-1)]).toEqual([true, 'apply again skipped']);
  expect(seen.message).toContain('has no inverse');
});

test('commands of the team run in the checkout that they are of', async () => {
  const run = {
    apply: {
      by: 'command',
      run: at.script(
        'if [ -e release ]; then psql -qc "CREATE TABLE a ()"; else psql -qc "CREATE TABLE b ()"; fi',
      ),
    },
    undo: at.script('psql -qc "DROP TABLE b"'),
  };
  const seen = await play({ run, migrations: [] });
  expect(seen.course.filter((line) => line.endsWith('done'))).toEqual([
    'base done',
    'apply done',
    'undo done',
    'apply again done',
  ]);
});
