import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  configPath,
  migrationStage,
  plainConfig,
  refusalOf,
  type MigrationStage,
} from '../../actions/migration-check/stage.js';
import { action } from '../../../actions/migration-check/main.js';
import { allWrite } from '../../rehearsal/github/support.js';
import { until } from '../../support/until.js';
import { openStage, type Shop, type Stage } from './stage.js';

let databases: Stage;
let at: MigrationStage;
let shop: Shop;
let temp: string;
beforeAll(async () => {
  databases = await openStage();
});
afterAll(() => databases.close());
beforeEach(async () => {
  at = await migrationStage();
  shop = databases.newShop('CREATE TABLE users (id bigint PRIMARY KEY, name text);');
  temp = mkdtempSync(join(tmpdir(), 'job-'));
});
afterEach(async () => {
  rmSync(temp, { recursive: true, force: true });
  await at.close();
});

const users = 'CREATE TABLE users (id bigint PRIMARY KEY, name text);\n';
const config = `${plainConfig}run:
  connection: DATABASE_URL
  apply: { by: sql }
  fence: { by: connections }
  backup: { by: pg_dump }
  restore: { by: exchange }
  verify: { rows: [users] }
rehearse:
  connection: DATABASE_URL
  old-suite: [psql, -qc, SELECT name FROM users]
`;

/** A live release with one migration, and a release with more; gives the sha of that. */
async function release(files: Record<string, string>, file = config): Promise<string> {
  const live = at.change({ [configPath]: file, 'db/001.sql': users });
  await at.released(live, { version: '1.4.0' });
  return at.change(files);
}

const migrate = (sha: string, inputs: Record<string, string>, workspace = at.gitDir) =>
  at.migrate(sha, inputs, {
    workspace,
    temp,
    variables: { DATABASE_URL: shop.url },
    permissions: allWrite,
  });

test('mode run applies what is safe and says what it did', async () => {
  const sha = await release({ 'db/002.sql': 'ALTER TABLE users ADD COLUMN age int;\n' });
  const { ok, outputs, report, summary, message } = await migrate(sha, { mode: 'run' });
  expect({ ok, message }).toEqual({ ok: true, message: expect.stringContaining('Migrated to 9.0.0') });
  expect(outputs).toMatchObject({ result: 'applied', 'schema-version': '002', endpoint: '' });
  expect(outputs['backup']).toMatch(/migration-backups\/.*\.dump$/);
  expect(report.applied?.steps.map(({ name, result }) => `${name} ${result}`)).toEqual([
    'fence done',
    'back-up done',
    'apply done',
    'verify done',
    'lift done',
  ]);
  expect(summary).toContain('sha256:');
  expect(shop.app('SELECT count(age) FROM users')).toBe('0');
});

test('mode run touches nothing where the check stops the release', async () => {
  const sha = await release({ 'db/002.sql': 'ALTER TABLE users DROP COLUMN name;\n' });
  const before = shop.dump();
  const { ok, outputs, report } = await migrate(sha, { mode: 'run' });
  expect([ok, outputs['result'], report.applied]).toEqual([false, 'unsafe', undefined]);
  expect(shop.dump()).toBe(before);
});

test('what is held pages a person once, gives no schema on, and is ended by mode settle', async () => {
  const file = config
    .replace('fence: { by: connections }', 'fence: { by: command, run: ["true"], lift: ["true"] }')
    .replace('  restore: { by: exchange }\n', '')
    .replace('verify: { rows: [users] }', 'verify: { integrity: { never: SELECT 1 } }');
  const sha = await release({ 'db/002.sql': 'ALTER TABLE users ADD COLUMN age int;\n' }, file);
  const { ok, outputs, message } = await migrate(sha, { mode: 'run' });
  expect([ok, outputs['result'], outputs['schema-version']]).toEqual([false, 'held', '']);
  expect(message).toContain('002.sql has no inverse');
  const titles = async () =>
    (await at.octokit().rest.issues.listForRepo(at.at)).data.map(({ title }) => title);
  expect(await titles()).toEqual([
    'shop: the migration to 9.0.0 in production is on hold and needs a person',
  ]);
  expect((await migrate(sha, { mode: 'run' })).outputs['result']).toBe('held');
  expect(await titles()).toHaveLength(1);

  const settle = (outcome: string) =>
    migrate(sha, { mode: 'settle', outcome, reason: 'the column is wanted; "never" was wrong' });
  // The database still fails what "applied" has to hold.
  const refused = await settle('applied');
  expect([refused.ok, refused.outputs['result'], refused.message]).toEqual([
    false,
    'held',
    expect.stringContaining('integrity.never'),
  ]);
  const taken = await settle('taken-back');
  expect([taken.outputs['result'], taken.message]).toEqual([
    'held',
    expect.stringContaining('Still on hold'),
  ]);
  const { ok: settled, outputs: ended, report } = await settle('other');
  expect([settled, ended['result'], ended['schema-version'], report.notes]).toEqual([
    true,
    'settled',
    '',
    [],
  ]);
  const { data: comments } = await at.octokit().rest.issues.listComments({ ...at.at, issue_number: 1 });
  expect(comments.at(-1)?.body).toContain('"never" was wrong');
  expect(at.git('for-each-ref', 'refs/devops-actions/production/shop/migration')).toBe('');
  expect(await refusalOf(settle('other'))).toContain('Nothing is on hold');
  expect(shop.app('SELECT count(age) FROM users')).toBe('0');
});

test('a cancelled run takes back what it began, and lifts the fence', async () => {
  const file = config
    .replace(
      'apply: { by: sql }',
      `apply: { by: command, run: ${JSON.stringify(databases.script('psql -qc "DROP TABLE users"; touch begun; sleep 600'))} }`,
    )
    .replace('verify: { rows: [users] }', '');
  const sha = await release({ 'db/002.sql': 'ALTER TABLE users ADD COLUMN age int;\n' }, file);
  const before = shop.dump();
  const running = at.start(
    sha,
    { mode: 'run' },
    { temp, variables: { DATABASE_URL: shop.url }, permissions: allWrite },
  );
  await until(() => existsSync(join(at.gitDir, 'begun')), 'it is applying');
  running.host.stop();
  const { outputs, message } = await running.ended;
  expect([outputs['result'], message]).toEqual([
    'restored',
    expect.stringContaining('was stopped (cancelled)'),
  ]);
  expect(shop.dump()).toBe(before);
  expect(shop.app('SELECT 1')).toBe('1');
});

test('what a killed main left is taken back after the job by post, once', async () => {
  const kills = databases.script('psql -qc "DROP TABLE users"; exit 0');
  const file = config
    .replace('apply: { by: sql }', `apply: { by: command, run: ${JSON.stringify(kills)} }`)
    .replace(
      'verify: { rows: [users] }',
      `verify: { run: ${JSON.stringify(databases.script('touch begun; sleep 600'))} }`,
    );
  const sha = await release({ 'db/002.sql': 'ALTER TABLE users ADD COLUMN age int;\n' }, file);
  const before = shop.dump();
  const how = { temp, variables: { DATABASE_URL: shop.url }, permissions: allWrite };
  // As a killed process, this one never comes back; its command ends with the stage.
  const dead = at.start(sha, { mode: 'run' }, how);
  await until(() => existsSync(join(at.gitDir, 'begun')), 'it is verifying');
  const post = await action.post!({
    ...dead.host,
    log: dead.host.log,
    variable: (name) => ({ DATABASE_URL: shop.url, 'INPUT_GITHUB-TOKEN': dead.token })[name],
  });
  expect(post?.outputs).toMatchObject({ result: 'restored', 'schema-version': '' });
  expect(shop.dump()).toBe(before);
  dead.host.stop();
  await dead.ended.catch(() => undefined);
  expect(
    await action.post!({ ...dead.host, state: { ...dead.host.state, read: () => undefined } }),
  ).toBeUndefined();
});

test('mode run refuses a workspace at another commit', async () => {
  const sha = await release({ 'db/002.sql': 'ALTER TABLE users ADD COLUMN age int;\n' });
  at.change({ 'src/app.js': 'x' });
  expect(await refusalOf(migrate(sha, { mode: 'run' }))).toContain(`add  ref: ${sha}`);
});

test('mode rehearse plays the release on the schema of the one before', async () => {
  const sha = await release({
    'db/002.sql': 'ALTER TABLE users ADD COLUMN age int;\n',
    'db/002.down.sql': 'ALTER TABLE users DROP COLUMN age;\n',
  });
  const { ok, outputs, report } = await migrate(sha, { mode: 'rehearse' });
  expect(
    report.applied?.steps.map(({ name, result, detail }) => `${name} ${result} ${detail}`.trim()),
  ).toEqual(['base done', 'apply done', 'old suite done', 'undo done', 'apply again done']);
  expect([ok, outputs['result']]).toEqual([true, 'rehearsed']);
  expect(
    execFileSync('git', ['worktree', 'list'], { cwd: at.gitDir, encoding: 'utf8' }).trim().split('\n'),
  ).toHaveLength(1);
  expect(shop.sql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'rehearsal%'`)).toBe('0');
});

test('a rehearsal in which the release before breaks stops the release, though the check is waived', async () => {
  const sha = await release({
    'db/002.sql':
      '-- migration-check: allow rename-column until 2099-01-01: nobody reads it\nALTER TABLE users RENAME name TO title;\n',
  });
  const { ok, outputs, message } = await migrate(sha, { mode: 'rehearse' });
  expect([ok, outputs['result'], message]).toEqual([
    false,
    'failed',
    expect.stringContaining('column "name" does not exist'),
  ]);
});

test.each([
  ['run', 'rehearse'],
  ['rehearse', 'run'],
])('mode %s without its key says which is missing', async (mode) => {
  const sha = await release({ 'db/002.sql': 'CREATE TABLE a ();\n' }, plainConfig);
  expect(await refusalOf(migrate(sha, { mode }))).toContain('add the key');
});
