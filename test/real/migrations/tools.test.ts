import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { configPath, migrationStage, type MigrationStage } from '../../actions/migration-check/stage.js';
import { allWrite } from '../../rehearsal/github/support.js';
import { installed } from '../../support/servers/real.js';
import { alembic, django, type Project } from './projects.js';
import { openStage, type Shop, type Stage } from './stage.js';

const bin = installed('python-migrations');
let databases: Stage;
beforeAll(async () => {
  databases = await openStage();
});
afterAll(() => databases.close());

describe.each<[string, Project]>([
  ['Django', django(bin)],
  ['Alembic', alembic(bin)],
])('a %s project', (_, project) => {
  let at: MigrationStage;
  let shop: Shop;
  let temp: string;
  beforeEach(async () => {
    at = await migrationStage();
    shop = databases.newShop('');
    temp = mkdtempSync(join(tmpdir(), 'job-'));
  });
  afterEach(async () => {
    rmSync(temp, { recursive: true, force: true });
    await at.close();
  });

  /** A live release whose migration was applied, with a row; gives the sha of the next. */
  async function release(more: object = {}): Promise<string> {
    const file = {
      version: 1,
      database: 'postgresql',
      timeouts: { lock: '5s', statement: '10m' },
      run: {
        connection: 'DATABASE_URL',
        apply: { by: 'command', run: project.apply },
        fence: { by: 'connections' },
        backup: { by: 'pg_dump' },
        restore: { by: 'exchange' },
        verify: { version: { query: project.version }, rows: ['shop_item'] },
        ...more,
      },
      rehearse: { connection: 'DATABASE_URL', base: project.first },
    };
    const text = JSON.stringify(file, undefined, 1).replace(
      '"version": 1,',
      `"version": 1, "migrations": [${project.source.replaceAll("'", '"')}],`,
    );
    const live = at.change({ [configPath]: text, ...project.live });
    await at.released(live, { version: '1.4.0' });
    const [program, ...words] = project.first;
    execFileSync(program!, words, { cwd: at.gitDir, env: { DATABASE_URL: shop.url }, stdio: 'pipe' });
    shop.sql(`INSERT INTO shop_item (id, name) VALUES (1, 'a')`);
    return at.change(project.released);
  }

  const migrate = (sha: string, mode: string) =>
    at.migrate(sha, { mode }, { temp, variables: { DATABASE_URL: shop.url }, permissions: allWrite });
  const columns = () =>
    shop.sql(
      `SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'shop_item'`,
    );

  test('is migrated', async () => {
    const { ok, message, outputs } = await migrate(await release(), 'run');
    expect([ok, message]).toEqual([true, expect.stringContaining('Migrated to 9.0.0')]);
    expect([columns(), outputs['result']]).toEqual(['id name stock', 'applied']);
  });

  test('is restored byte for byte when what must hold does not', async () => {
    const sha = await release({
      verify: { integrity: { 'no stock': 'SELECT id FROM shop_item WHERE stock IS NULL' } },
    });
    const before = shop.dump();
    const { outputs, message } = await migrate(sha, 'run');
    expect([outputs['result'], message]).toEqual(['restored', expect.stringContaining('integrity.no stock')]);
    expect(shop.dump()).toBe(before);
  });

  test('is taken back by its own inverse', async () => {
    const sha = await release({
      undo: project.undo,
      verify: { version: { query: project.version, expect: 'another' } },
    });
    const { outputs, message } = await migrate(sha, 'run');
    expect([outputs['result'], message]).toEqual(['failed', expect.stringContaining('the inverse brought')]);
    expect(columns()).toBe('id name');
  });

  test('is rehearsed', async () => {
    const { outputs, message } = await migrate(await release({ undo: project.undo }), 'rehearse');
    expect([outputs['result'], message]).toEqual(['rehearsed', expect.stringContaining('Rehearsed')]);
    expect(columns()).toBe('id name');
  });
});
