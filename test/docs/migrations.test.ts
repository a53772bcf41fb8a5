import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { lexer, type Tokens } from 'marked';
import { ruleIds, rules, type RuleId } from '../../actions/migration-check/rules/registry.js';
import { judgeSql } from '../support/migrations/judge.js';
import { safeMigrations } from '../support/migrations/safe.js';

const tables = lexer(readFileSync('docs/migrations.md', 'utf8')).filter(
  (token): token is Tokens.Table =>
    token.type === 'table' && (token as Tokens.Table).header[0]?.text === 'Rule',
);

/** The SQL of a cell that is nothing but code. */
function sqlOf({ tokens }: Tokens.TableCell): string | undefined {
  const [only, ...more] = tokens;
  return only?.type === 'codespan' && more.length === 0 ? (only as Tokens.Codespan).text : undefined;
}

const rows = tables.flatMap(({ rows }) => rows).map((cells) => ({ id: sqlOf(cells[0]!) as RuleId, cells }));
const { before } = safeMigrations[0]!;

/** Statements alone, with limits set but for the rules that are about these. */
const judge = (sql: string, rule: RuleId) =>
  judgeSql(sql, { before: before!, timeouts: !/timeout/.test(rule), failOn: 'warning' });

describe('the rules in docs/migrations.md', () => {
  it('are all there are, each once, with their levels', () => {
    expect(rows.map(({ id }) => id).sort()).toEqual([...ruleIds].sort());
    for (const { id, cells } of rows)
      expect({ id, level: cells[1]!.text }).toEqual({ id, level: rules[id].level });
  });

  const examples = rows.filter(({ cells }) => cells.length === 5);

  it.each(examples.map((row) => [row.id, row] as const))(
    '%s is found in its example',
    async (id, { cells }) => {
      const { findings } = await judge(sqlOf(cells[2]!)!, id);
      expect(findings.map(({ rule }) => rule)).toContain(id);
    },
  );

  const better = examples.filter(({ cells }) => sqlOf(cells[3]!) !== undefined);

  it.each(better.map((row) => [row.id, row] as const))(
    '%s has nothing above a notice in what is shown instead',
    async (id, { cells }) => {
      const { findings } = await judge(sqlOf(cells[3]!)!, id);
      expect(findings.filter(({ level }) => level !== 'notice')).toEqual([]);
      expect(findings.map(({ rule }) => rule)).not.toContain(id);
    },
  );
});
