import { Lexer } from 'yaml';

export interface Comment {
  readonly line: number;
  /** From its `#` to the end of the line. */
  readonly text: string;
}

/** The comments of a YAML file; a `#` inside a text or a script is none. */
export function commentsOf(source: string): Comment[] {
  const found: Comment[] = [];
  let line = 1;
  let offset = 0;
  for (const token of new Lexer().lex(source)) {
    // The lexer marks documents and scalars with control characters that are not in the source.
    if (!source.startsWith(token, offset)) continue;
    if (token.startsWith('#')) found.push({ line, text: token.trimEnd() });
    line += token.split('\n').length - 1;
    offset += token.length;
  }
  return found;
}
