import type { MigrationTool } from '../../../shared/contracts/reports/migration-report.js';
import type { Source } from '../config/schema.js';
import type { Printable, Printed, Run } from '../print/printer.js';
import { printerOf } from '../print/registry.js';
import { commentLines } from '../sql/comment-lines.js';
import type { Comment, ParsedSql, SqlParser, Statement } from '../sql/statement.js';
import type { ToolFacts, TransactionMode } from '../tools/tool.js';
import type { NamedMigration } from './changed.js';
import type { Repository } from './repository.js';

/** A migration with its statements, or why they cannot be known. */
export interface ReadMigration {
  path: string;
  version: string;
  tool: MigrationTool;
  source: string;
  up: string;
  down: string | undefined;
  transaction: TransactionMode;
  /** Comments that may hold directives. */
  comments: readonly Comment[];
  /** Whether lines of statements are lines of the file; a program's SQL stands in no file. */
  hasLines: boolean;
  statements: readonly Statement[];
  failures: readonly {
    rule: 'unparsable' | 'not-judged' | 'unreadable' | 'unknown-code';
    detail: string;
    line: number | null;
  }[];
}

/** Migrations that are read at the same time, each by a process of git. */
const atOnce = 16;

/** The largest migration that is read, in characters. */
const mostText = 5_000_000;

interface Tools {
  repository: Repository;
  parse: SqlParser;
  run: Run;
}

/** Reads migrations in the order in which they run. */
export async function readMigrations(
  source: Source,
  facts: ToolFacts,
  named: readonly NamedMigration[],
  tools: Tools,
): Promise<ReadMigration[]> {
  const printer = printerOf(source);
  const mode = source.transaction;
  if (!printer) {
    const read: ReadMigration[] = [];
    for (let at = 0; at < named.length; at += atOnce)
      read.push(
        ...(await Promise.all(named.slice(at, at + atOnce).map((one) => readSql(facts, one, tools)))),
      );
    return read.map((one) => (mode ? { ...one, transaction: mode } : one));
  }
  if (named.length === 0) return [];
  const byPath = new Map(named.map((one) => [one.path, one]));
  const printed = await printer(
    tools.run,
    named.map(({ path, version }): Printable => ({ path, version })),
  );
  const missing = named.filter(({ path }) => !printed.has(path));
  const all: [string, Printed][] = [
    ...printed,
    ...missing.map(({ path }): [string, Printed] => [path, { ok: false, why: 'its SQL was not printed' }]),
  ];
  return Promise.all(
    all.map(([path, answer]) => readPrinted(facts, byPath.get(path)!, answer, { ...tools, mode })),
  );
}

/** SQL that its database would refuse, or that nothing here reads. */
const unparsed = (
  { why, notJudged }: Extract<ParsedSql, { ok: false }>,
  line: number | null,
): ReadMigration['failures'][number] =>
  notJudged ? { rule: 'not-judged', detail: why, line: null } : { rule: 'unparsable', detail: why, line };

const unread = (detail: string) => [{ rule: 'unreadable' as const, detail, line: null }];

async function readSql(facts: ToolFacts, named: NamedMigration, tools: Tools): Promise<ReadMigration> {
  const { repository, parse } = tools;
  const raw = await repository.blob(named.oid);
  const text = raw.replace(/^\uFEFF/, '');
  const read: ReadMigration = {
    path: named.path,
    version: named.version,
    tool: facts.tool,
    source: text,
    up: text,
    down: named.down && (await repository.blob(named.down.oid)),
    transaction: facts.transaction,
    comments: [],
    hasLines: true,
    statements: [],
    failures: [],
  };
  if (!/\.sql$/i.test(named.path))
    return { ...read, failures: unread('it is a program, and no command is named that prints its SQL') };
  if (text.includes('\uFFFD')) return { ...read, failures: unread('it is not UTF-8') };
  if (text.length > mostText) return { ...read, failures: unread(`it has more than ${mostText} characters`) };
  const settings = named.settings && facts.settings?.(await repository.blob(named.settings.oid));
  const parsed = parse(text);
  const parts = facts.split?.(parsed.comments);
  if (parts && !parts.ok) return { ...read, comments: parsed.comments, failures: unread(parts.why) };
  const cut = parts && linesOf(text, parts);
  const known = {
    ...read,
    ...cut,
    // What stands behind the way up is about the way back.
    comments: parsed.comments.filter(({ line }) => line <= (parts?.up[1] ?? Infinity)),
    transaction: settings ?? parts?.transaction ?? facts.transaction,
  };
  if (!parsed.ok) return { ...known, failures: [unparsed(parsed, parsed.line)] };
  const [from, to] = parts?.up ?? [1, Infinity];
  return {
    ...known,
    statements: parsed.statements.filter(({ line }) => line >= from && line <= to),
    failures:
      named.down && !parse(known.down ?? '').ok
        ? [
            {
              rule: 'unparsable',
              detail: `its inverse ${named.down.path} is no SQL of PostgreSQL`,
              line: null,
            },
          ]
        : [],
  };
}

function linesOf(
  text: string,
  { up, down }: { up: readonly [number, number]; down: readonly [number, number] | undefined },
) {
  const lines = text.split('\n');
  const part = ([from, to]: readonly [number, number]) => lines.slice(from - 1, to).join('\n');
  return { up: part(up), down: down && part(down) };
}

/** What Django prints for an operation that is Python. */
const notSql = 'CANNOT BE WRITTEN AS SQL';

async function readPrinted(
  facts: ToolFacts,
  named: NamedMigration,
  printed: Printed,
  tools: Tools & { mode: TransactionMode | undefined },
): Promise<ReadMigration> {
  const source = await tools.repository.blob(named.oid);
  const read: ReadMigration = {
    path: named.path,
    version: named.version,
    tool: facts.tool,
    source,
    up: printed.ok ? printed.sql : '',
    down: undefined,
    transaction: tools.mode ?? facts.transaction,
    comments: commentLines(source),
    hasLines: false,
    statements: [],
    failures: [],
  };
  if (!printed.ok) return { ...read, failures: unread(printed.why) };
  const parsed = tools.parse(printed.sql);
  if (!parsed.ok) return { ...read, failures: [unparsed(parsed, null)] };
  const hidden = parsed.comments.some(({ text }) => text.includes(notSql));
  return {
    ...read,
    statements: parsed.statements,
    failures: hidden
      ? [{ rule: 'unknown-code', detail: 'it runs Python, which Django cannot print as SQL', line: null }]
      : [],
  };
}
