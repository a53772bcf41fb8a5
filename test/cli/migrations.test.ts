import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dispatch } from '../../cli/dispatch.js';
import { migrationReportSchema } from '../../shared/contracts/reports/migration-report.js';
import { testShell } from './terminal.js';

let folder: string;
const env = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', HOME: tmpdir() };
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=mona', '-c', 'user.email=mona@example.org', ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  }).toString();
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrations-cli-'));
  git('init', '-q', '-b', 'main');
  write(
    '.github/migrations.yml',
    'version: 1\ndatabase: postgresql\nmigrations:\n  - { tool: sql, folder: db }\n',
  );
  write('db/001.sql', 'CREATE TABLE users (id bigint, name text);\n');
  git('add', '-A');
  git('commit', '-qm', 'First');
  git('tag', 'v1.4.0');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function cli(...args: string[]) {
  const shell = testShell(folder);
  const code = await dispatch(['migrations', ...args], shell);
  return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
}

describe('cli migrations', () => {
  it('judges files that are not committed, since the newest tag, and leaves the repository as it was', async () => {
    write('db/002.sql', 'ALTER TABLE users DROP COLUMN name;\n');
    const before = git('status', '--porcelain') + git('count-objects', '-v');
    const { code, out } = await cli();
    expect(code).toBe(1);
    expect(out).toContain('compared with v1.4.0');
    expect(out).toContain('db/002.sql:1  drop-column: users.name is dropped');
    expect(out).toMatch(/^FAIL {2}1 migration, and 1 finding/m);
    expect(git('status', '--porcelain') + git('count-objects', '-v')).toBe(before);
  });

  it('finds a released migration that is edited or deleted and not committed yet', async () => {
    rmSync(join(folder, 'db/001.sql'));
    expect((await cli()).out).toContain('deleted-after-release');
    write('db/001.sql', 'CREATE TABLE users (id int);\n');
    expect((await cli()).out).toContain('changed-after-release');
  });

  it('says that nothing changed', async () => {
    expect(await cli()).toMatchObject({
      code: 0,
      out: expect.stringContaining('PASS  No migration changed') as unknown,
    });
  });

  it('shows the plan with locks, and the report as JSON', async () => {
    write('db/002.sql', "SET lock_timeout = '5s';\nALTER TABLE users ADD COLUMN age int;\n");
    expect((await cli('--plan')).out).toContain('[ACCESS EXCLUSIVE on users, moment]');
    const { code, out } = await cli('--json', '--base', 'HEAD');
    expect(code).toBe(0);
    expect(migrationReportSchema.parse(JSON.parse(out))).toMatchObject({ result: 'safe', run: null });
  });

  it('asks for a base where there is no tag, and says what is wrong with one that is not there', async () => {
    git('tag', '-d', 'v1.4.0');
    expect(await cli()).toMatchObject({ code: 2, err: expect.stringContaining('--base NAME') as unknown });
    expect(await cli('--base', 'v9')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no commit "v9"') as unknown,
    });
  });

  it('says what is wrong with the migrations file', async () => {
    write('.github/migrations.yml', 'version: 1\ndatabase: oracle\nmigrations: []\n');
    expect(await cli()).toMatchObject({ code: 2, err: expect.stringContaining('oracle') as unknown });
  });

  it('refuses a level that is none', async () => {
    expect(await cli('--fail-on', 'notice')).toMatchObject({ code: 2 });
  });
});
