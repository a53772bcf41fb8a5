/**
 * A regular expression of Rust, which Hurl uses, as one of ECMAScript that means the same; or why it is none, and what
 * to write instead.
 */
export type Translated = { ok: true; source: string } | { ok: false; reason: string; fix?: string };

/**
 * What Rust takes for a word: letters, marks, digits and connectors of all scripts, where ECMAScript knows ASCII alone.
 */
const word = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;

/** Classes that mean more in Rust than in ECMAScript. */
const classes: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  s: String.raw`\p{White_Space}`,
  S: String.raw`\P{White_Space}`,
};

/** Ends of words, which in ECMAScript are those of ASCII words. */
const boundaries: Readonly<Record<string, string>> = {
  b: `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`,
  B: `(?:(?<=[${word}])(?=[${word}])|(?<![${word}])(?![${word}]))`,
};

const anchors: Readonly<Record<string, string>> = { A: '^', z: '$' };

/**
 * Writes a pattern anew where both read the same text in different ways, and refuses what only one of them has. Whether
 * it compiles is not looked at.
 */
export function translatePattern(source: string): Translated {
  const ignoresCase = /^\(\?i\)/.test(source);
  const translated = translate(ignoresCase ? source.slice(4) : source);
  return translated.ok && ignoresCase ? { ok: true, source: `(?i)${translated.source}` } : translated;
}

function translate(source: string): Translated {
  let written = '';
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const character = source[at]!;
    const rest = source.slice(at);
    if (character === '\\') {
      const next = source[++at] ?? '';
      const anchor = Object.hasOwn(anchors, next) ? anchors[next] : undefined;
      if (anchor !== undefined && !inClass) return refused(`\\${next}`, `write ${anchor}`);
      if (next === 'W' && inClass) return refused('\\W inside [ ]', 'write it outside, as an alternative');
      if (next === 'w') written += inClass ? word : `[${word}]`;
      else if (next === 'W') written += `[^${word}]`;
      else if (!inClass && Object.hasOwn(boundaries, next)) written += boundaries[next];
      else written += Object.hasOwn(classes, next) ? classes[next] : `\\${next}`;
    } else if (inClass) {
      const operator = /^(?:&&|--|~~)/.exec(rest)?.[0];
      if (operator !== undefined)
        return refused(`${operator} inside [ ]`, 'write one class, or escape the characters');
      if (character === '[')
        return refused('[ inside [ ], which begins a class in a class', 'write one class, or \\[');
      inClass = character !== ']';
      written += character;
    } else if (character === '[') {
      if (/^\[\^?\]/.test(rest)) return refused('] at the beginning of a class', 'write \\]');
      inClass = true;
      written += character;
      if (rest[1] === '^') written += source[++at];
    } else if (/^\(\?(?:P[<=>]|[A-Za-z]*-?[A-Za-z]*[:)])/.test(rest) && !rest.startsWith('(?:')) {
      const what = /^\(\?P/.test(rest) ? '(?P' : /^[^:)]*[:)]/.exec(rest)![0];
      return refused(
        what,
        what === '(?P' ? 'write (?<name>…)' : 'write what the flags mean into the pattern',
      );
    } else written += character === '.' ? '[^\\n]' : character;
  }
  return { ok: true, source: written };
}

function refused(what: string, fix: string): Translated {
  return { ok: false, reason: `${what} has another meaning there`, fix };
}

/**
 * Whether each match of a pattern has its first group: what the query `regex` gives is that group, and without it
 * nothing. What cannot be told for sure has none.
 */
export function alwaysHasGroup(source: string): boolean {
  const bare = source.replace(/\\[^]|\[(?:[^\]\\]|\\[^])*\]/g, 'x');
  let depth = 0;
  let isFound = false;
  for (let at = 0; at < bare.length; at++) {
    // A group inside another, or an alternative beside it, may be left out.
    if (bare[at] === '|' && depth === 0) return false;
    if (bare[at] === '(' && depth === 0 && bare[at + 1] !== '?') isFound = true;
    if (bare[at] === '(') depth++;
    else if (bare[at] === ')') depth--;
  }
  return isFound && !/\)(?:[?*]|\{0)/.test(bare);
}
