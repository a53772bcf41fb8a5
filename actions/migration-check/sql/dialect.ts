import { commentLines } from './comment-lines.js';
import { loadParser } from './parser.js';
import type { SqlParser } from './statement.js';

/** Databases that migrations are written for. */
export const dialects = ['postgresql', 'mysql', 'mariadb'] as const;
export type Dialect = (typeof dialects)[number];

const names = { mysql: 'MySQL', mariadb: 'MariaDB' } as const;

/**
 * What reads the SQL of a database. There is no parser of MySQL's or MariaDB's own to be had, and others take what the
 * server refuses or leave out what they do not know: so nothing of theirs is read, and all of it is said not to be.
 */
export async function parserOf(dialect: Dialect): Promise<SqlParser> {
  if (dialect === 'postgresql') return loadParser();
  const why = `nothing here reads the SQL of ${names[dialect]}`;
  return (text, firstLine = 1) =>
    text.trim() === ''
      ? { ok: true, statements: [], comments: [] }
      : { ok: false, notJudged: true, why, line: firstLine, comments: commentLines(text) };
}
