import picomatch from 'picomatch';

/** Longest pattern, in characters. */
export const maxGlobLength = 256;

/**
 * Longest name that can match, in characters: git's file names end at 255 bytes, and a longer one would cost minutes.
 */
const maxNameLength = 255;

/**
 * Each more of them multiplies the time that a hostile name costs by its length; `**` within a name counts twice, since
 * it is matched in two ways.
 */
const maxWildcards = 4;
const insideName = /(?<=[^/*])\*{2,}|\*{2,}(?=[^/*])/g;

/** Only `*` and `**` mean something; a name may begin with a dot. */
const options: picomatch.PicomatchOptions = {
  dot: true,
  windows: false,
  nobrace: true,
  nobracket: true,
  noextglob: true,
  nonegate: true,
  strictSlashes: true,
  maxLength: 4 * maxGlobLength,
};

/** What is wrong with a pattern for names with slashes, such as branches; undefined when it can be matched. */
export function globProblem(pattern: string): string | undefined {
  if (pattern.length > maxGlobLength) return `a pattern of at most ${maxGlobLength} characters`;
  const wildcards = pattern.split(/\*+/).length - 1 + (pattern.match(insideName)?.length ?? 0);
  return wildcards > maxWildcards
    ? `a pattern with at most ${maxWildcards} wildcards ("**" within a name counts twice)`
    : undefined;
}

/**
 * Whether a name matches: `*` stands for anything but a slash, `**` for anything, the rest for itself. Throws for a
 * pattern with a `globProblem`.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  const problem = globProblem(pattern);
  if (problem !== undefined) throw new Error(`expected ${problem}, got ${pattern.slice(0, maxGlobLength)}`);
  const literal = pattern.replace(/[!"$()+?@[\\\]^{|}]/g, '\\$&');
  const expressions = wholeParts(literal).map((each) => picomatch.makeRe(each, options));
  return (name) => name.length <= maxNameLength && expressions.some((expression) => expression.test(name));
}

/**
 * picomatch knows `**` only as a whole part of a path, GitHub's filters everywhere: there `a**b` is both `a*b` and all
 * that begins with `a`, has a slash and ends in `b`.
 */
function wholeParts(pattern: string): string[] {
  const inside = new RegExp(insideName).exec(pattern);
  if (!inside) return [pattern];
  const before = pattern.slice(0, inside.index);
  const after = pattern.slice(inside.index + inside[0].length);
  return [`${before}*${after}`, `${before}*/**/*${after}`].flatMap(wholeParts);
}
