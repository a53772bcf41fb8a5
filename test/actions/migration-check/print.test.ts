import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configPath, migrationStage, type MigrationStage } from './stage.js';

let at: MigrationStage;
let commits = 0;
beforeEach(async () => {
  at = await migrationStage();
});
afterEach(() => at.close());

/** A program of the team, which sees its arguments and the variables it was promised. */
const script = (path: string, body: string) => ({ [path]: `#!/bin/sh\n${body}\n` });
const runnable = (...paths: string[]) => {
  for (const path of paths) chmodSync(join(at.gitDir, path), 0o755);
  at.git('add', '-A');
};
const configOf = (source: string) => `version: 1\ndatabase: postgresql\nmigrations:\n  - ${source}\n`;
const commit = (files: Record<string, string>, ...programs: string[]) => {
  at.change(files);
  runnable(...programs);
  return at.change({ 'src/app.js': `${commits++}` });
};

describe('migrations that another program prints', () => {
  it('are judged by what it prints for each path, with the variables that are named and no others', async () => {
    const live = at.change({
      [configPath]: configOf('{ tool: sql, folder: old }'),
      'old/1.sql': 'SELECT 1;\n',
    });
    await at.released(live, { version: '1.4.0' });
    const sha = commit(
      {
        [configPath]: configOf(
          '{ tool: command, folder: migrate, print: [./print-sql, --for], env: [DATABASE_URL] }',
        ),
        ...script('print-sql', 'echo "-- $1 $2 $DATABASE_URL [$SECRET]"\necho "DROP TABLE users;"'),
        'migrate/1.rb': 'drop_table :users\n',
      },
      'print-sql',
    );
    const { report, rules } = await at.migrate(
      sha,
      {},
      { variables: { DATABASE_URL: 'there', SECRET: 'kept' } },
    );
    expect(rules).toEqual(['drop-table', 'no-lock-timeout', 'no-statement-timeout', 'folder-left-out']);
    expect(report.findings[0]).toMatchObject({
      file: 'migrate/1.rb',
      line: null,
      statement: 'DROP TABLE users',
    });
  });

  it('are unreadable where it fails or prints nothing', async () => {
    for (const body of ['echo broken >&2; exit 3', 'true', 'kill -9 $$']) {
      const sha = commit(
        {
          [configPath]: configOf('{ tool: command, folder: migrate, print: [./print-sql] }'),
          ...script('print-sql', body),
          'migrate/1.rb': body,
          'src/app.js': `${commits++}`,
        },
        'print-sql',
      );
      const { rules, ok } = await at.migrate(sha);
      expect(rules).toContain('unreadable');
      expect(ok).toBe(false);
    }
  });

  it('are not printed from files that are not those of the commit', async () => {
    const sha = commit(
      {
        [configPath]: configOf('{ tool: command, folder: migrate, print: [./print-sql] }'),
        ...script('print-sql', 'echo "SELECT 1;"'),
        'migrate/1.rb': 'x',
      },
      'print-sql',
    );
    writeFileSync(join(at.gitDir, 'migrate/1.rb'), 'y');
    const { report } = await at.migrate(sha);
    expect(report.findings[0]).toMatchObject({
      rule: 'unreadable',
      detail: expect.stringContaining('not those of') as unknown,
    });
  });

  it('may carry their waiver as a comment of their own language', async () => {
    const sha = commit(
      {
        [configPath]: configOf('{ tool: rails, folder: migrate, print: [./print-sql] }'),
        ...script('print-sql', 'echo "SET lock_timeout = \'1s\'; DROP TABLE users;"'),
        'migrate/1_x.rb':
          '# migration-check: allow drop-table until 2027-06-30 because nothing reads it\ndrop_table :users\n',
      },
      'print-sql',
    );
    expect((await at.migrate(sha)).outputs['result']).toBe('waived');
  });
});

/** What Django 6 prints, on a project of one app. */
const manage = (vendor: string) => `
case "$*" in
  "shell -c "*) echo "7 objects imported automatically (use -v 2 for details)."; echo; echo "vendor=${vendor}";;
  "showmigrations --plan --no-color --database default") echo "[X]  cart.0001_initial"; echo "[ ]  cart.0003_first"; echo "[ ]  cart.0002_second";;
  "sqlmigrate --no-color --database default cart 0003_first") printf 'BEGIN;\\n--\\n-- Add field\\n--\\nALTER TABLE "cart_cart" ADD COLUMN "total" integer DEFAULT 0 NOT NULL;\\nALTER TABLE "cart_cart" ALTER COLUMN "total" DROP DEFAULT;\\nCOMMIT;\\n';;
  "sqlmigrate --no-color --database default cart 0002_second") printf 'BEGIN;\\n--\\n-- Raw Python operation\\n--\\n-- THIS OPERATION CANNOT BE WRITTEN AS SQL\\nCOMMIT;\\n';;
  *) echo "unexpected: $*" >&2; exit 1;;
esac`;

describe('Django', () => {
  const project = (vendor: string) => ({
    [configPath]: configOf('{ tool: django, folder: ., manage: [./manage] }'),
    ...script('manage', manage(vendor)),
    'cart/migrations/__init__.py': '',
    'cart/migrations/0002_second.py': 'x\n',
    'cart/migrations/0003_first.py': 'y\n',
  });

  it('says the order, and its SQL is judged', async () => {
    const { report } = await at.migrate(commit(project('postgresql'), 'manage'));
    expect(report.files.map(({ version }) => version)).toEqual(['cart.0003_first', 'cart.0002_second']);
    const found = report.findings.map(({ rule, file }) => `${file.slice(16)} ${rule}`);
    expect(found).toContain('0003_first.py add-required-column');
    expect(found).toContain('0002_second.py unknown-code');
  });

  it('is not judged by the SQL of another database', async () => {
    const { rules, report } = await at.migrate(commit(project('sqlite'), 'manage'));
    expect(rules.filter((rule) => rule === 'unreadable')).toHaveLength(2);
    expect(report.findings[0]!.detail).toContain('is sqlite');
  });
});

/** What Alembic 1.17 prints, on a project of two revisions and a merge. */
const alembic = `
case "$*" in
  "history --verbose") printf 'Rev: cc (head) (mergepoint)\\nMerges: aa, bb\\nPath: /w/versions/cc_merge.py\\n\\n    merge\\n\\nRev: bb\\nParent: aa\\nPath: /w/versions/bb_two.py\\n\\n    two\\n\\n    Revision ID: bb\\n\\nRev: aa\\nParent: <base>\\nPath: /w/versions/aa_one.py\\n';;
  "upgrade base:aa --sql") printf 'BEGIN;\\n\\nCREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));\\nCREATE TABLE users (id INTEGER);\\nINSERT INTO alembic_version (version_num) VALUES (\\047aa\\047) RETURNING alembic_version.version_num;\\n\\nCOMMIT;\\n';;
  "upgrade aa:bb --sql") printf 'BEGIN;\\n\\nALTER TABLE orders ADD COLUMN age INTEGER NOT NULL;\\nUPDATE alembic_version SET version_num=\\047bb\\047 WHERE alembic_version.version_num = \\047aa\\047;\\n\\nCOMMIT;\\n';;
  *) echo "unexpected: $*" >&2; exit 1;;
esac`;

describe('Alembic', () => {
  it('says the order of its revisions, and its offline SQL is judged; a merge has none', async () => {
    const sha = commit(
      {
        [configPath]: configOf('{ tool: alembic, folder: versions, alembic: [./alembic] }'),
        ...script('alembic', alembic),
        'versions/bb_two.py': 'x\n',
        'versions/aa_one.py': 'y\n',
        'versions/cc_merge.py': 'z\n',
        'versions/dd_lost.py': 'w\n',
      },
      'alembic',
    );
    const { report } = await at.migrate(sha);
    expect(report.files.map(({ path }) => path.slice(9))).toEqual([
      'aa_one.py',
      'bb_two.py',
      'cc_merge.py',
      'dd_lost.py',
    ]);
    const errors = report.findings
      .filter(({ level }) => level === 'error')
      .map(({ rule, file }) => `${file.slice(9)} ${rule}`);
    expect(errors).toEqual([
      'bb_two.py add-required-column',
      'cc_merge.py unreadable',
      'dd_lost.py unreadable',
    ]);
  });
});
