import { bounded, type Bounded } from '../../../shared/probes/evaluators/bounded.js';
import { compilePattern, escapePattern, type Pattern } from '../../../shared/probes/evaluators/pattern.js';
import { fillText, UnresolvedError, type Lookup } from '../values/interpolate.js';

export const textOperators = ['equals', 'contains', 'not-contains', 'matches'] as const;

export type TextOperator = (typeof textOperators)[number];

/** What a matcher compares by an operator, each with its path behind the matcher's. */
export function operandsOf(
  matcher: { readonly [Key in TextOperator]?: string | readonly string[] | undefined },
  operator: TextOperator,
): { source: string; path: readonly PropertyKey[] }[] {
  const written = matcher[operator];
  if (written === undefined) return [];
  if (typeof written === 'string') return [{ source: written, path: [operator] }];
  return written.map((source, index) => ({ source, path: [operator, index] }));
}

/** How many of several texts have to be as `contains` and `matches` say. */
export type HowMany = 'one' | 'every';

/** Whether texts are as expected; `mixed` is that some are and some are not, which holds no more than its opposite. */
type Holds = boolean | 'mixed';

/**
 * What comparing came to; undefined is what could not be decided, `problem` says why where that is not plain to see.
 */
export interface TextVerdict {
  holds: Holds | undefined;
  expected: string;
  problem?: string;
}

/**
 * Compares the texts that something has, mostly one, with an operand whose references are filled in; values inside a
 * pattern match literally. `equals` wants one text, `contains` and `matches` one among them or every one,
 * `not-contains` none; where there is no text, nothing can be said.
 */
export function matchTexts(
  operator: TextOperator,
  source: string,
  texts: readonly string[],
  lookup: Lookup,
  howMany: HowMany = 'one',
): TextVerdict {
  if (operator === 'matches') return matchPattern(source, texts, lookup, howMany);
  const operand = fillText(source, lookup);
  const quoted = JSON.stringify(operand);
  const [only] = texts;
  if (operator === 'equals')
    return { holds: texts.length === 1 ? only === operand : undefined, expected: quoted };
  if (operand === '')
    throw new UnresolvedError(`${operator} is empty once filled in, and everything contains nothing`);
  const expected = operator === 'contains' ? `text that contains ${quoted}` : `text without ${quoted}`;
  if (texts.length === 0) return { holds: undefined, expected };
  const looked = search(operand, texts, howMany);
  if (!looked.ok) return { holds: undefined, expected, problem: `no answer: ${looked.reason}` };
  const found = looked.value;
  return { holds: operator === 'contains' || found === 'mixed' ? found : !found, expected };
}

/** Up to this length, in characters, a part is found quickly in any text. */
const shortPart = 100;

/**
 * How long looking for a longer part may take, in milliseconds, and how far its length times that of the texts may go.
 */
const searchMs = 250;
const maxSearch = 2 ** 30;

/**
 * Which of the texts contain a part. The runtime's search takes up to the product of the lengths, and nothing
 * interrupts it: a long part, which may come from a hostile answer, is not looked for where that is too much.
 */
function search(part: string, texts: readonly string[], howMany: HowMany): Bounded<Holds> {
  const look = (): Holds => {
    const contains = (text: string) => text.includes(part);
    if (!texts.some(contains)) return false;
    return howMany === 'one' || texts.every(contains) || 'mixed';
  };
  if (part.length <= shortPart) return { ok: true, value: look() };
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (part.length * length <= maxSearch) return bounded(searchMs, look);
  const reason = `a part of ${part.length} characters is too long to look for in ${length} (look for less of it)`;
  return { ok: false, reason };
}

function matchPattern(
  source: string,
  texts: readonly string[],
  lookup: Lookup,
  howMany: HowMany,
): TextVerdict {
  const { pattern, compiled } = fillPattern(source, lookup);
  const expected = `text that matches /${pattern}/`;
  if (texts.length === 0) return { holds: undefined, expected };
  const any = compiled.ok ? compiled.pattern.matchesAny(texts) : compiled;
  const all =
    compiled.ok && any.ok && any.value && howMany === 'every' ? compiled.pattern.matchesAll(texts) : any;
  if (any.ok && all.ok) return { holds: any.value === all.value ? any.value : 'mixed', expected };
  const reason = any.ok ? (all as { reason: string }).reason : any.reason;
  return { holds: undefined, expected, problem: `the regular expression gave no answer: ${reason}` };
}

/** A pattern with its references filled in, or why there is none. */
export function fillPattern(
  source: string,
  lookup: Lookup,
): { pattern: string; compiled: { ok: true; pattern: Pattern } | { ok: false; reason: string } } {
  const pattern = fillText(source, lookup, escapePattern);
  return { pattern, compiled: compilePattern(pattern) };
}
