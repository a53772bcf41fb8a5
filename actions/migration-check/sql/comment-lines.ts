import type { Comment } from './statement.js';

/** Lines that begin as comments do in Python, Ruby, JavaScript and every SQL. */
export const commentLines = (text: string): Comment[] =>
  text.split('\n').flatMap((line, at) => {
    const trimmed = line.trim();
    return /^(?:#|\/\/|--)/.test(trimmed) ? [{ text: trimmed, line: at + 1, lastLine: at + 1 }] : [];
  });
