import type { Node } from 'libpg-query';

/** A comment and the lines it stands on, counted from 1 in its file. */
export interface Comment {
  text: string;
  line: number;
  lastLine: number;
}

/** One SQL statement as PostgreSQL itself reads it. */
export interface Statement {
  /** Name of its node, such as AlterTableStmt. */
  kind: string;
  node: Record<string, unknown>;
  text: string;
  /** Line of its first word. */
  line: number;
  lastLine: number;
}

/** What a text says, or why PostgreSQL would not take it; `notJudged`: it is another database's, which is not read. */
export type ParsedSql =
  | { ok: true; statements: Statement[]; comments: Comment[] }
  | { ok: false; notJudged?: true; why: string; line: number; comments: Comment[] };

/** Reads SQL; `firstLine` is the line of the file on which the text begins. */
export type SqlParser = (text: string, firstLine?: number) => ParsedSql;

/** The name of a node's kind and its fields. */
export function openNode(node: Node | object): [kind: string, fields: Record<string, unknown>] {
  const [kind = 'Nothing', fields = {}] = Object.entries(node)[0] ?? [];
  return [kind, fields as Record<string, unknown>];
}

/** A statement in one line of at most 120 characters. */
export function shorten(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length <= 120 ? flat : `${flat.slice(0, 119).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
