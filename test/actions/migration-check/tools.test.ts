import { describe, expect, it } from '@jest/globals';
import type { MigrationTool } from '../../../shared/contracts/reports/migration-report.js';
import { toolFacts } from '../../../actions/migration-check/tools/registry.js';
import { judgeFiles, type Setup } from '../../support/migrations/judge.js';

const named = (tool: MigrationTool, path: string) => toolFacts[tool].name(path);

describe('the names of migrations', () => {
  it.each([
    ['flyway', 'V43__prices.sql', '43'],
    ['flyway', 'sub/V1_2.3__x.sql', '1.2.3'],
    ['flyway', 'R__views.sql', 'R__views'],
    ['golang-migrate', '000043_prices.up.sql', '000043'],
    ['node-pg-migrate', '1700000000000_prices.sql', '1700000000000'],
    ['node-pg-migrate', '1700000000000-prices.ts', '1700000000000'],
    ['dbmate', '20261129_prices.sql', '20261129'],
    ['prisma', '20261129_prices/migration.sql', '20261129_prices'],
    ['sql', 'sub/043.SQL', 'sub/043'],
    ['django', 'shop/migrations/0043_prices.py', 'shop.0043_prices'],
    ['django', 'api/shop/migrations/0043_prices.py', 'shop.0043_prices'],
    ['alembic', 'ae1027_prices.py', 'ae1027_prices'],
    ['rails', '20261129073000_prices.rb', '20261129073000'],
    ['command', 'anything.txt', 'anything.txt'],
  ] as const)('%s runs %s as %s', (tool, path, version) => {
    expect(named(tool, path)).toMatchObject({ is: 'migration', version });
  });

  it.each([
    ['flyway', 'V43_prices.sql'],
    ['flyway', 'v43__prices.sql'],
    ['flyway', 'V43__prices.SQL'],
    ['golang-migrate', '43_prices.sql'],
    ['golang-migrate', 'sub/43_prices.up.sql'],
    ['node-pg-migrate', 'prices.sql'],
    ['dbmate', 'prices.sql'],
    ['prisma', '20261129_prices/up.sql'],
    ['rails', 'prices.rb'],
  ] as const)('%s would not run %s, and that is said', (tool, path) => {
    expect(named(tool, path).is).toBe('wrong');
  });

  it.each([
    ['flyway', 'README.md'],
    ['flyway', 'B43__all.sql'],
    ['prisma', 'migration_lock.toml'],
    ['django', 'shop/migrations/__init__.py'],
    ['django', 'shop/models.py'],
    ['alembic', 'sub/x.py'],
  ] as const)('%s has no migration in %s', (tool, path) => {
    expect(named(tool, path)).toEqual({ is: 'other' });
  });
});

describe('the order', () => {
  const orderOf = async (tool: NonNullable<Setup['tool']>, ...files: string[]) =>
    (
      await judgeFiles(
        Object.fromEntries(files.map((file) => [file, '-- migrate:up\nSELECT 1;\n-- migrate:down\n'])),
        { tool },
      )
    ).files.map(({ path }) => path.slice(3));

  it('is by number with Flyway, repeatable ones last', async () => {
    expect(await orderOf('flyway', 'R__views.sql', 'V10__b.sql', 'V9__a.sql', 'V9.1__c.sql')).toEqual([
      'V9__a.sql',
      'V9.1__c.sql',
      'V10__b.sql',
      'R__views.sql',
    ]);
  });

  it('is by number with golang-migrate, by name with others', async () => {
    expect(await orderOf('golang-migrate', '10_b.up.sql', '9_a.up.sql')).toEqual([
      '9_a.up.sql',
      '10_b.up.sql',
    ]);
    expect(await orderOf('sql', '9.sql', '10.sql')).toEqual(['10.sql', '9.sql']);
  });

  it('counts for what is new: a table made by a later file is old to an earlier one', async () => {
    const files = {
      'V2__a.sql': 'CREATE INDEX ON carts (id);',
      'V10__b.sql': 'CREATE TABLE carts (id int);',
    };
    expect((await judgeFiles(files, { tool: 'flyway' })).findings.map(({ rule }) => rule)).toContain(
      'create-index',
    );
    const right = { 'V2__a.sql': files['V10__b.sql'], 'V10__b.sql': files['V2__a.sql'] };
    expect((await judgeFiles(right, { tool: 'flyway' })).findings).toEqual([]);
  });
});

describe('migrations that do not fit to those before', () => {
  const before = { 'V43__a.sql': 'CREATE TABLE a (id int);', 'R__v.sql': 'CREATE VIEW v AS SELECT 1;' };
  const rulesOf = async (added: Record<string, string>, setup: Setup = {}) =>
    (await judgeFiles(added, { tool: 'flyway', before, ...setup })).findings.map(({ rule }) => rule);

  it('are below one that ran', async () => {
    expect(await rulesOf({ 'V42__b.sql': 'SELECT 1;' })).toEqual(['out-of-order']);
    expect(await rulesOf({ 'V44__b.sql': 'SELECT 1;' })).toEqual([]);
  });

  it('have a number that ran, also where it is written otherwise', async () => {
    expect(await rulesOf({ 'V43.0__b.sql': 'SELECT 1;' })).toEqual(['same-version']);
  });

  it('are named as the tool would not run them', async () => {
    expect(await rulesOf({ 'V44_b.sql': 'DROP TABLE a;' })).toEqual(['wrong-name']);
  });

  it('may be repeatable ones that changed', async () => {
    const { files, findings } = await judgeFiles(
      { 'R__v.sql': 'CREATE OR REPLACE VIEW v AS SELECT 2;' },
      { tool: 'flyway', before },
    );
    expect(files.map(({ path }) => path)).toEqual(['db/R__v.sql']);
    expect(findings.map(({ rule }) => rule)).toEqual([
      'replace-view',
      'no-lock-timeout',
      'no-statement-timeout',
    ]);
  });
});

describe('how tools run a migration', () => {
  const index = 'CREATE INDEX CONCURRENTLY i ON a (id);';
  const before = { 'V1__a.sql': 'CREATE TABLE a (id int);' };
  const rulesOf = async (added: Record<string, string>, setup: Setup) =>
    (await judgeFiles(added, setup)).findings
      .filter(({ level }) => level !== 'notice')
      .map(({ rule }) => rule);

  it('Flyway runs one without transaction where its settings say so', async () => {
    expect(await rulesOf({ 'V2__i.sql': index }, { tool: 'flyway', before })).toEqual([
      'concurrently-in-transaction',
    ]);
    const settings = { 'V2__i.sql': index, 'V2__i.sql.conf': 'executeInTransaction = false\n' };
    expect(await rulesOf(settings, { tool: 'flyway', before })).toEqual([]);
  });

  it('node-pg-migrate runs all new ones in one transaction', async () => {
    const down = '\n-- Down Migration\nSELECT 1;';
    const files = {
      '2_a.sql': `SET lock_timeout = '1s';\nALTER TABLE a ADD COLUMN b int;${down}`,
      '3_b.sql': `UPDATE a SET b = 1;${down}`,
    };
    const live = { before: { '1_a.sql': 'CREATE TABLE a (id int);' } };
    expect(await rulesOf(files, { tool: 'node-pg-migrate', ...live })).toEqual([
      'update-all',
      'backfill-with-ddl',
    ]);
    expect(await rulesOf(files, { tool: 'node-pg-migrate', transaction: 'none', ...live })).toEqual([
      'update-all',
    ]);
  });

  it('a program without a command that prints it is not read', async () => {
    expect(await rulesOf({ '2_a.ts': 'export const up = 1' }, { tool: 'node-pg-migrate' })).toEqual([
      'unreadable',
      'irreversible',
    ]);
  });

  it('the way back is not judged, and its comments waive nothing', async () => {
    const sql =
      '-- migrate:up\nDROP TABLE a;\n-- migrate:down\n-- migration-check: allow drop-table until 2026-12-31 because x\nCREATE TABLE a (id int);\n';
    const live = {
      before: { '1_a.sql': '-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n' },
    };
    expect((await judgeFiles({ '2_b.sql': sql }, { tool: 'dbmate', ...live })).allowed).toBe(false);
  });

  it('a dbmate file without its marker is not read', async () => {
    expect(await rulesOf({ '2_b.sql': 'DROP TABLE a;' }, { tool: 'dbmate' })).toContain('unreadable');
  });
});

describe('an inverse', () => {
  const setup = { tool: 'golang-migrate' } as const;
  const up = { '1_a.up.sql': 'CREATE TABLE a (id int);' };

  it('is expected where the tool can have one', async () => {
    expect((await judgeFiles(up, setup)).findings.map(({ rule }) => rule)).toEqual(['irreversible']);
    const { findings, files } = await judgeFiles({ ...up, '1_a.down.sql': 'DROP TABLE a;' }, setup);
    expect(findings).toEqual([]);
    expect(files[0]!.reversible).toBe('yes');
  });

  it('may be missing where the migration says why', async () => {
    const said = {
      '1_a.up.sql': `-- migration-check: irreversible because rows are lost\n${up['1_a.up.sql']}`,
    };
    const { findings, files } = await judgeFiles(said, setup);
    expect(findings).toEqual([]);
    expect(files[0]!.reversible).toBe('no');
  });

  it('must be SQL', async () => {
    const { findings } = await judgeFiles({ ...up, '1_a.down.sql': 'DROP TABEL a;' }, setup);
    expect(findings.map(({ rule }) => rule)).toEqual(['unparsable']);
  });
});

describe('a first deployment', () => {
  it('says that every table counts as empty', async () => {
    const { findings, allowed } = await judgeFiles(
      { 'V1__a.sql': 'CREATE TABLE a (id int);' },
      { tool: 'flyway', live: null },
    );
    expect(findings).toMatchObject([{ rule: 'nothing-live', level: 'warning' }]);
    expect(allowed).toBe(true);
  });
});
