import picomatch from 'picomatch';

/**
 * Whether one of the patterns matches a slash-separated path: `*` and `?` stay within a part, `**` as a whole part does
 * not, `[…]` is a set; all else stands for itself.
 */
export function globMatcher(...patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map((pattern) =>
    picomatch.makeRe(pattern.replaceAll('[!', '[^').replace(/[!"$()+@\\{|}]/g, '\\$&'), {
      dot: true,
      windows: false,
      literalBrackets: false,
      nobrace: true,
      noextglob: true,
      nonegate: true,
      posix: false,
      strictSlashes: true,
    }),
  );
  return (path) => expressions.some((expression) => expression.test(path));
}
