/** Characters no login shell reads as syntax. */
const plain = /^[A-Za-z0-9_./:@%+,-]+$/;

/**
 * An argument vector as one line for the login shell of another machine, which ssh puts between: sh, bash, zsh, fish
 * and csh all take it apart into the same words. Throws RangeError for a control character, which no quoting carries
 * through all of them.
 */
export function shellWords(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  if (plain.test(word)) return word;
  if (/\p{Cc}/u.test(word))
    throw new RangeError(`${JSON.stringify(word)} has a control character, which no remote shell gets whole`);
  // Backslash and ! mean something even between single quotes to fish and csh, so they stand outside with the quote
  // itself.
  const escaped = word.replace(/[\\'!]/g, (character) => `'\\${character}'`);
  return `'${escaped}'`;
}
