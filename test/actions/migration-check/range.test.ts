import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configPath, migrationStage, plainConfig, refusalOf, type MigrationStage } from './stage.js';

let at: MigrationStage;
beforeEach(async () => {
  at = await migrationStage();
});
afterEach(() => at.close());

const users = 'CREATE TABLE users (id bigint PRIMARY KEY, name text);\n';

describe('the migrations of a release', () => {
  it('are those that the live release does not have', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    const deployment = await at.released(live, { version: '1.4.0' });
    at.change({ 'db/002.sql': 'ALTER TABLE users ADD COLUMN age int;\n' });
    const sha = at.change({ 'src/app.js': 'x' });
    const { ok, report, outputs, message, summary } = await at.migrate(sha);
    expect(report.from).toEqual({ sha: live, version: '1.4.0', deployment, by: 'ledger' });
    expect(report.files.map(({ path }) => path)).toEqual(['db/002.sql']);
    expect({ ok, message, findings: report.findings }).toEqual({
      ok: true,
      message: '1 migration, safe',
      findings: [],
    });
    expect(outputs).toMatchObject({
      result: 'safe',
      allowed: 'true',
      'schema-version': '002',
      'oldest-compatible-app': '1.4.0',
    });
    expect(summary).toContain('1 migration, safe');
  });

  it('are none where only the app changed, and that is said', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    await at.released(live, {
      version: '1.4.0',
      payload: { schema: { version: '001', oldestCompatibleApp: '1.2.0' } },
    });
    const { outputs, message } = await at.migrate(at.change({ 'src/app.js': 'x' }));
    expect(message).toBe('No migration changed');
    expect(outputs).toMatchObject({
      result: 'none-changed',
      'schema-version': '001',
      'oldest-compatible-app': '1.2.0',
    });
  });

  it('are all of them in a first deployment', async () => {
    const sha = at.change({
      [configPath]: plainConfig,
      'db/001.sql': users,
      'db/002.sql': 'DROP TABLE users;\n',
    });
    const { report, outputs } = await at.migrate(sha, { version: '1.0.0' });
    expect(report.from).toBeNull();
    expect(report.files).toHaveLength(2);
    expect(outputs).toMatchObject({ result: 'safe', 'oldest-compatible-app': '1.0.0' });
  });

  it('stop the release where one would break the live version, with rule, line and recipe', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    await at.released(live, { version: '1.4.0' });
    const { ok, report, outputs, summary } = await at.migrate(
      at.change({ 'db/002.sql': '-- two\n\nALTER TABLE users\n  DROP COLUMN name;\n' }),
      { version: '1.5.0' },
    );
    expect(ok).toBe(false);
    expect(report.findings).toMatchObject([
      { rule: 'drop-column', file: 'db/002.sql', line: 3, level: 'error' },
    ]);
    expect(outputs).toMatchObject({ result: 'unsafe', allowed: 'false', 'oldest-compatible-app': '1.5.0' });
    expect(summary).toContain('db/002.sql:3');
  });

  it('go through with a waiver in the file, which the report shows, and bind apps to the live version', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    await at.released(live, {
      version: '1.4.0',
      payload: { schema: { version: '001', oldestCompatibleApp: '1.2.0' } },
    });
    const { ok, report, outputs, summary } = await at.migrate(
      at.change({
        'db/002.sql':
          '-- migration-check: allow drop-column until 2027-06-30 because nothing reads it since 1.4.0\nALTER TABLE users DROP COLUMN name;\n',
      }),
    );
    expect(ok).toBe(true);
    expect(report.findings).toMatchObject([
      {
        rule: 'drop-column',
        waiver: { reason: 'nothing reads it since 1.4.0', until: '2027-06-30', expired: false },
      },
    ]);
    expect(outputs).toMatchObject({ result: 'waived', 'oldest-compatible-app': '1.4.0' });
    expect(summary).toContain('nothing reads it since 1.4.0');
  });

  it('may say the oldest app themselves, and not one that is newer than the live one', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    await at.released(live, { version: '1.4.0' });
    const waived = (oldest: string) =>
      `-- migration-check: oldest-app ${oldest}\n-- migration-check: allow drop-column until 2027-06-30 because unread\nALTER TABLE users DROP COLUMN name;\n`;
    const older = await at.migrate(at.change({ 'db/002.sql': waived('1.3.0') }));
    expect(older.outputs).toMatchObject({ result: 'waived', 'oldest-compatible-app': '1.3.0' });
    const newer = await at.migrate(at.change({ 'db/002.sql': waived('1.4.1') }));
    expect(newer.rules).toContain('live-app-too-old');
    expect(newer.ok).toBe(false);
  });

  it('are read from the commit: what a step wrote into the workspace does not count', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    await at.released(live, { version: '1.4.0' });
    const sha = at.change({ 'db/002.sql': 'DROP TABLE users;\n' });
    writeFileSync(join(at.gitDir, 'db/002.sql'), 'SELECT 1;\n');
    writeFileSync(join(at.gitDir, configPath), plainConfig.replace('folder: db', 'folder: other'));
    expect((await at.migrate(sha)).rules).toEqual(['drop-table']);
  });
});

describe('a migration that ran', () => {
  beforeEach(async () => {
    await at.released(
      at.change({ [configPath]: plainConfig, 'db/001.sql': users, 'db/002.sql': 'SELECT 1;\n' }),
      {
        version: '1.4.0',
      },
    );
  });

  it('must not change', async () => {
    const { ok, report } = await at.migrate(at.change({ 'db/001.sql': `${users}-- nicer\n` }));
    expect(ok).toBe(false);
    expect(report.findings).toMatchObject([
      { rule: 'changed-after-release', file: 'db/001.sql', line: null },
    ]);
  });

  it('must not go, unless the migrations file waives that', async () => {
    const gone = await at.migrate(at.change({ 'db/002.sql': undefined }));
    expect(gone).toMatchObject({ ok: false, rules: ['deleted-after-release'] });
    const waivers = `${plainConfig}waivers:\n  - { rule: deleted-after-release, file: db/002.sql, until: 2027-06-30, because: squashed }\n`;
    expect((await at.migrate(at.change({ [configPath]: waivers }))).outputs['result']).toBe('waived');
    const over = waivers.replace('2027-06-30', '2026-01-01');
    expect((await at.migrate(at.change({ [configPath]: over }))).ok).toBe(false);
  });

  it('must not be renamed', async () => {
    const text = 'SELECT 1;\n';
    const { rules } = await at.migrate(at.change({ 'db/002.sql': undefined, 'db/003.sql': text }));
    expect(rules).toContain('deleted-after-release');
  });

  it('counts too where its release was rolled back', async () => {
    const bad = at.change({ 'db/003.sql': 'CREATE TABLE carts (id int);\n' });
    await at.released(bad, { version: '1.5.0', states: ['in_progress', 'success', 'failure'] });
    at.git('checkout', '-q', '-B', 'main', `${bad}~1`);
    const edited = await at.migrate(at.change({ 'db/003.sql': 'CREATE TABLE carts (id bigint);\n' }));
    expect(edited.report.from?.version).toBe('1.4.0');
    expect(edited.report.findings).toMatchObject([
      {
        rule: 'changed-after-release',
        file: 'db/003.sql',
        detail: expect.stringContaining('1.5.0') as unknown,
      },
    ]);
    const left = await at.migrate(at.change({ 'db/003.sql': undefined }));
    expect(left.rules).toEqual(['deleted-after-release']);
    const again = await at.migrate(at.change({ 'db/003.sql': 'CREATE TABLE carts (id int);\n' }));
    expect(again.ok).toBe(true);
  });
});

describe('what cannot be known stops the release', () => {
  it('a clone without the live commit', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    await at.released(live, { version: '1.4.0' });
    const sha = at.change({ 'db/002.sql': 'DROP TABLE users;\n' });
    const shallow = mkdtempSync(join(tmpdir(), 'shallow-'));
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${at.gitDir}`, shallow], { stdio: 'ignore' });
    const said = await refusalOf(at.migrate(sha, {}, { workspace: shallow }));
    rmSync(shallow, { recursive: true, force: true });
    expect(said).toContain(`does not have ${live}`);
    expect(said).toContain('fetch-depth: 0');
  });

  it('a workspace that is no clone, and a commit that is not there', async () => {
    const sha = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    const empty = mkdtempSync(join(tmpdir(), 'empty-'));
    expect(await refusalOf(at.migrate(sha, {}, { workspace: empty }))).toContain('is no clone');
    rmSync(empty, { recursive: true, force: true });
    expect(await refusalOf(at.migrate('1'.repeat(40)))).toContain('is no clone that has');
  });

  it('a live release that nobody believes', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    await at.released(live, { version: '1.4.0', by: 'hubot' });
    const sha = at.change({ 'db/002.sql': 'DROP TABLE users;\n' });
    expect(await refusalOf(at.migrate(sha))).toContain('Deployment');
  });

  it('no migrations file, or a wrong one, with the place and the fix', async () => {
    const none = at.change({ 'src/app.js': 'x' });
    expect(await refusalOf(at.migrate(none))).toContain('docs/migrations.md');
    const wrong = at.change({
      [configPath]: 'version: 1\ndatabase: postgresql\nmigrations:\n  - { tool: flywy, folder: db }\n',
    });
    expect(await refusalOf(at.migrate(wrong))).toContain('flywy');
  });

  it('a folder that holds nothing, in the release and before', async () => {
    const sha = at.change({ [configPath]: plainConfig.replace('folder: db', 'folder: database') });
    expect((await at.migrate(sha)).rules).toEqual(['wrong-name']);
  });

  it('a folder that the migrations file names no more', async () => {
    const live = at.change({ [configPath]: plainConfig, 'db/001.sql': users, 'new/001.sql': users });
    await at.released(live, { version: '1.4.0' });
    const sha = at.change({
      [configPath]: plainConfig.replace('folder: db', 'folder: new'),
      'db/002.sql': 'DROP TABLE users;\n',
    });
    const { rules, ok } = await at.migrate(sha);
    expect(rules).toContain('folder-left-out');
    expect(ok).toBe(false);
  });

  it.each(['mysql', 'mariadb'])(
    'SQL of %s, which nothing here reads, until somebody waives it',
    async (database) => {
      const config = plainConfig.replace('postgresql', database);
      const live = at.change({ [configPath]: config, 'db/001.sql': 'CREATE TABLE `users` (id int);\n' });
      await at.released(live, { version: '1.4.0' });
      const sql = 'ALTER TABLE `users` ADD COLUMN plan enum("a");\n';
      const { ok, report, rules } = await at.migrate(at.change({ 'db/002.sql': sql }));
      expect([ok, report.result, report.database]).toEqual([false, 'unsafe', database]);
      expect(rules).toContain('not-judged');
      expect(report.files).toMatchObject([{ path: 'db/002.sql', statements: null }]);
      const waiver =
        '-- migration-check: allow not-judged until 2026-12-31 because runs INSTANT, seen by mona\n';
      const waived = await at.migrate(at.change({ 'db/002.sql': waiver + sql }));
      expect(waived.report).toMatchObject({ result: 'waived', allowed: true, oldestCompatibleApp: '1.4.0' });
      // What ran is compared all the same.
      const changed = await at.migrate(at.change({ 'db/001.sql': 'CREATE TABLE `users` (id bigint);\n' }));
      expect(changed.rules).toContain('changed-after-release');
      const run = at.migrate(at.change({ 'db/001.sql': undefined, [configPath]: config }), { mode: 'run' });
      await expect(run).rejects.toThrow(/database: mysql|database: mariadb|not run/);
    },
  );

  it('a link in place of a migration', async () => {
    await at.released(at.change({ [configPath]: plainConfig, 'db/001.sql': users }), { version: '1.4.0' });
    execFileSync('ln', ['-s', '/etc/passwd', join(at.gitDir, 'db/002.sql')]);
    at.git('add', 'db/002.sql');
    expect((await at.migrate(at.change({ 'src/app.js': 'x' }))).rules).toEqual(['unreadable']);
  });
});

describe('the input base', () => {
  it('is compared with instead of the ledger, and the report says so', async () => {
    at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    at.git('tag', 'v1.4.0');
    const sha = at.change({ 'db/002.sql': 'DROP TABLE users;\n' });
    const { report, rules } = await at.migrate(sha, { base: 'v1.4.0' });
    expect(report.from).toMatchObject({ by: 'input', version: 'v1.4.0', deployment: null });
    expect(rules).toEqual(['drop-table']);
  });

  it('must be in the clone', async () => {
    const sha = at.change({ [configPath]: plainConfig, 'db/001.sql': users });
    expect(await refusalOf(at.migrate(sha, { base: '--upload-pack=x' }))).toContain('no commit');
    expect(await refusalOf(at.migrate(sha, { base: 'v9' }))).toContain('fetch-depth: 0');
  });
});
