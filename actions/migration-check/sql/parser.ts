import type { ParseResult, RawStmt } from 'libpg-query';
import { openNode, type Comment, type ParsedSql, type SqlParser, type Statement } from './statement.js';

interface Token {
  start: number;
  end: number;
  tokenName: string;
}

/** PostgreSQL's own parser, which is loaded only where SQL is read. */
export async function loadParser(): Promise<SqlParser> {
  const { loadModule, parseSync, scanSync, hasSqlDetails } = await import('libpg-query');
  await loadModule();
  const scan = (text: string): Token[] => {
    try {
      return scanSync(text).tokens;
    } catch {
      // What the scanner refuses the parser refuses too, and says why.
      return [];
    }
  };
  return (text, firstLine = 1) => {
    if (text.trim() === '') return { ok: true, statements: [], comments: [] };
    const bytes = Buffer.from(text);
    const lines = lineCounter(bytes, firstLine);
    const tokens = scan(text);
    const comments = tokens.filter(isComment).map((token) => commentOf(token, bytes, lines));
    try {
      const parsed: ParseResult = parseSync(text);
      const words = tokens.filter((token) => !isComment(token));
      const statements = (parsed.stmts ?? []).map((raw) => statementOf(raw, bytes, words, lines));
      return { ok: true, statements, comments };
    } catch (error) {
      const at = hasSqlDetails(error) ? (error.sqlDetails?.cursorPosition ?? 0) : 0;
      const why = error instanceof Error ? error.message : String(error);
      return { ok: false, why, line: lines(at), comments } satisfies ParsedSql;
    }
  };
}

const isComment = ({ tokenName }: Token) => tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT';

/** The line of a byte, by the line breaks before it. */
function lineCounter(bytes: Buffer, firstLine: number): (at: number) => number {
  const breaks: number[] = [];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) breaks.push(at);
  return (at) => {
    let [low, high] = [0, breaks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (breaks[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return firstLine + low;
  };
}

function commentOf({ start, end }: Token, bytes: Buffer, lines: (at: number) => number): Comment {
  return { text: bytes.subarray(start, end).toString(), line: lines(start), lastLine: lines(end - 1) };
}

/** PostgreSQL says where a statement ends and not where its first word is: comments before it belong to it. */
function statementOf(
  { stmt, stmt_location: from = 0, stmt_len: length }: RawStmt,
  bytes: Buffer,
  words: readonly Token[],
  lines: (at: number) => number,
): Statement {
  const to = length === undefined || length === 0 ? bytes.length : from + length;
  const start = words.find((token) => token.start >= from)?.start ?? from;
  const [kind, node] = openNode(stmt ?? {});
  const text = bytes.subarray(start, to).toString().trim();
  const end = start + Buffer.byteLength(text) - 1;
  return { kind, node, text, line: lines(start), lastLine: lines(end) };
}
