/** A file command that a step wrote wrongly; the step fails with this message. */
export class MalformedFileCommand extends Error {}

/**
 * Pairs of a `NAME=VALUE` / `NAME<<DELIMITER` file, one at a time, so that pairs before a malformed line still
 * count. Whichever of `=` and `<<` comes first on a line decides its form. Throws {@link MalformedFileCommand}.
 */
export function* readPairs(text: string): Generator<[name: string, value: string]> {
  let at = 0;
  const nextLine = (): { line: string; from: number; ended: boolean } | undefined => {
    if (at >= text.length) return undefined;
    const from = at;
    const newline = text.indexOf('\n', at);
    at = newline < 0 ? text.length : newline + 1;
    return { line: text.slice(from, newline < 0 ? undefined : newline), from, ended: newline >= 0 };
  };
  for (let current = nextLine(); current !== undefined; current = nextLine()) {
    const { line } = current;
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      yield [line.slice(0, equals), line.slice(equals + 1)];
      continue;
    }
    if (heredoc < 0) throw new MalformedFileCommand(`Invalid format '${line}'`);
    const name = line.slice(0, heredoc);
    const delimiter = line.slice(heredoc + 2);
    if (name === '' || delimiter === '') {
      throw new MalformedFileCommand(
        `Invalid format '${line}'. Name must not be empty and delimiter must not be empty`,
      );
    }
    const from = at;
    let end = at;
    for (let inner = nextLine(); inner?.line !== delimiter; inner = nextLine()) {
      if (inner === undefined) {
        throw new MalformedFileCommand(`Invalid value. Matching delimiter not found '${delimiter}'`);
      }
      if (!inner.ended) throw new MalformedFileCommand('Invalid value. EOF marker missing new line.');
      end = at - 1;
    }
    yield [name, text.slice(from, Math.max(from, end))];
  }
}

/** Lines of a `GITHUB_PATH` file. */
export function readPaths(text: string): string[] {
  return text.split(/\r\n|\n|\r/).filter((line) => line !== '');
}
