import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lexer, type Tokens } from 'marked';
import { known } from '../../../actions/migration-check/squawk/known.js';
import type { TransactionMode } from '../../../actions/migration-check/tools/tool.js';
import { askSquawk, type Asked } from '../../../actions/migration-check/squawk/ask.js';
import {
  configPath,
  migrationStage,
  plainConfig,
  type MigrationStage,
} from '../../actions/migration-check/stage.js';
import { dangerousMigrations } from '../../support/migrations/dangerous.js';
import { safeMigrations } from '../../support/migrations/safe.js';
import { testHost } from '../../support/runner/host.js';
import { installed } from '../../support/servers/real.js';

const path = `${installed('squawk')}${delimiter}${process.env['PATH']}`;
const { signal } = new AbortController();
const page = readFileSync('docs/migrations.md', 'utf8');

type Text = { sql: string; tool?: string; transaction?: TransactionMode | undefined };

/** What squawk says of each text alone, without what is style. */
async function alone(texts: readonly Text[]): Promise<string[][]> {
  // Each is asked about, whether PostgreSQL takes it or not.
  const statements = [{ kind: '', node: {}, text: '', line: 1, lastLine: 1 }];
  const asked = texts.map(
    ({ sql, tool, transaction = tool === undefined ? 'statements' : 'file' }, at): Asked => ({
      path: String(at),
      sql,
      statements,
      transaction,
    }),
  );
  const { said, notes } = await askSquawk(asked, { path, signal, log: testHost().log });
  expect(notes).toEqual([expect.stringContaining('looked at the migrations')]);
  return texts.map((_, at) => [
    ...new Set(
      said
        .get(String(at))!
        .map(({ rule }) => rule)
        .filter((rule) => known[rule] !== 'style'),
    ),
  ]);
}

describe('docs/migrations.md', () => {
  const rows = lexer(page)
    .filter((token): token is Tokens.Table => token.type === 'table')
    .filter(({ header }) => header[0]?.text === 'Rule' && header.length === 5);

  test('says what squawk finds in each example', async () => {
    const cells = rows.flatMap((table) => table.rows);
    const found = await alone(cells.map((row) => ({ sql: (row[2]!.tokens[0] as Tokens.Codespan).text })));
    const said = cells.map((row) =>
      row[4]!.tokens.flatMap((one) => (one.type === 'codespan' ? [one.text as string] : [])),
    );
    const by = (all: string[][]) =>
      Object.fromEntries(all.map((one, at) => [cells[at]![0]!.text, one.sort()]));
    expect(by(found)).toEqual(by(said));
  });

  test('says in how many migrations squawk alone finds something', async () => {
    const count = async (all: readonly Text[]) =>
      (await alone(all)).filter((rules) => rules.length > 0).length;
    const [safe, dangerous] = [await count(safeMigrations), await count(dangerousMigrations)];
    expect(page.split('\n').filter((line) => line.includes('alone, one file'))).toContainEqual(
      expect.stringContaining(
        `squawk 2.66 alone, one file at a time and without its rules of style and time-outs, finds something in ${safe} of ${safeMigrations.length} and in ${dangerous} of ${dangerousMigrations.length}.`,
      ),
    );
  });
});

describe('beside our rules', () => {
  let at: MigrationStage;
  beforeAll(async () => {
    at = await migrationStage();
  });
  afterAll(() => at.close());

  let count = 0;
  async function judge(sql: string, more: Record<string, string> = {}) {
    const live = at.change({
      [configPath]: plainConfig,
      'db/001.sql': 'CREATE TABLE users (id int, name text);\n',
      count: `${(count += 1)}\n`,
      ...(count > 1 ? { 'db/002.sql': undefined } : {}),
    });
    const sha = at.change({
      'db/002.sql': `-- migration-check: irreversible because test\n${sql}\n`,
      ...more,
    });
    return at.migrate(sha, { base: live }, { variables: { PATH: path } });
  }

  test('it repeats nothing, adds what they do not look at, and stops nothing alone', async () => {
    const { ok, report } = await judge(
      'ALTER TABLE users ADD COLUMN a int;\nCREATE TABLE t (id int);\nALTER TABLE t DROP COLUMN id;\nALTER TABLE users ALTER COLUMN name DROP NOT NULL;',
    );
    expect(ok).toBe(true);
    expect(report.findings.map(({ rule, line, level }) => `${line} ${level} ${rule}`)).toEqual([
      '4 notice squawk-differs',
      '5 warning squawk',
    ]);
    expect(report.notes).toEqual(['squawk 2.66.0 looked at the migrations as well.']);
    expect((await judge('ALTER TABLE users DROP COLUMN name;')).rules).toEqual(['drop-column']);
  });

  test('neither a comment for squawk nor its file of settings in the release silences it', async () => {
    const { rules } = await judge(
      '-- squawk-ignore-file\n-- squawk-ignore ban-drop-not-null\nALTER TABLE users ALTER COLUMN name DROP NOT NULL;',
      { '.squawk.toml': 'excluded_rules = ["ban-drop-not-null"]\n' },
    );
    expect(rules).toEqual(['squawk']);
  });
});
