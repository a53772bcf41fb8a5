import { compilePattern } from '../../../shared/probes/evaluators/pattern.js';
import type { Refuse } from '../draft.js';
import type { Comparable } from '../json-condition.js';
import { literalPattern, type TextOperator } from '../text-expected.js';
import { translatePattern, type Translated } from './rust-pattern.js';
import type { Token } from './tokens.js';

/** A predicate and what it compares with; a text may have references of the suite in it. */
export interface Predicate {
  name: string;
  negated: boolean;
  value: Comparable | undefined;
  pattern: boolean;
  /** The value is written between quotes, so that it is a text whatever a variable in it is. */
  quoted: boolean;
}

/**
 * Reads what stands behind the query of an assert; undefined when it is not understood. `literalOf` gives variables
 * that are no text.
 */
export function predicateOf(
  tokens: readonly Token[],
  rewrite: (text: string) => string,
  literalOf: (name: string) => Comparable | undefined,
): Predicate | undefined {
  const negated = tokens[0]?.kind === 'word' && tokens[0].text === 'not';
  const [name, operand, ...more] = negated ? tokens.slice(1) : tokens;
  if (name?.kind !== 'word' || more.length > 0) return undefined;
  const known = {
    name: name.text,
    negated,
    pattern: operand?.kind === 'pattern',
    quoted: operand?.kind === 'string',
  };
  if (!operand) return { ...known, value: undefined };
  switch (operand.kind) {
    case 'number': {
      const factor = ({ '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const)[operand.unit] ?? NaN;
      return isExact(operand.value) ? { ...known, value: operand.value * factor } : undefined;
    }
    case 'word': {
      const words: Readonly<Record<string, Comparable>> = { true: true, false: false, null: null };
      return Object.hasOwn(words, operand.text) ? { ...known, value: words[operand.text] } : undefined;
    }
    case 'pattern':
      return { ...known, value: operand.text };
    case 'bytes':
      return { ...known, value: operand.hex };
    case 'template': {
      const literal = literalOf(operand.text.replace(/^\{\{|\}\}$/g, '').trim());
      if (literal === undefined) return { ...known, value: rewrite(operand.text) };
      return typeof literal !== 'number' || isExact(literal) ? { ...known, value: literal } : undefined;
    }
    default:
      return { ...known, value: rewrite(operand.text) };
  }
}

/** Whether a number is what was written: JSON of this file and of the answer would be rounded alike. */
function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** Whether a number meets a comparison, or undefined when the word is none. */
export function comparison(operator: string, bound: number): ((value: number) => boolean) | undefined {
  const operators: Readonly<Record<string, (value: number) => boolean>> = {
    '==': (value) => value === bound,
    '!=': (value) => value !== bound,
    '>': (value) => value > bound,
    '>=': (value) => value >= bound,
    '<': (value) => value < bound,
    '<=': (value) => value <= bound,
  };
  return Object.hasOwn(operators, operator) ? operators[operator] : undefined;
}

/** Adds a predicate of a text; `no` says that there is no counterpart. */
export function readText(
  predicate: Predicate,
  add: (operator: TextOperator, text: string) => void,
  refuse: Refuse,
  no: () => void,
): void {
  const { name, negated, value, pattern } = predicate;
  if (name === 'isEmpty' && value === undefined) return add(negated ? 'not-equals' : 'equals', '');
  if (typeof value !== 'string' || (pattern && name !== 'matches')) return no();
  if (name === '==' || name === '!=')
    return add((name === '==') === negated ? 'not-equals' : 'equals', value);
  if (name === 'contains') return add(negated ? 'not-contains' : 'contains', value);
  const source = patternOf(predicate, refuse, no);
  if (source !== undefined) add(negated ? 'not-matches' : 'matches', source);
}

/** The pattern that says startsWith, endsWith or matches, whatever `not` stands before it. */
export function patternOf({ name, value }: Predicate, refuse: Refuse, no: () => void): string | undefined {
  if (typeof value === 'string') {
    if (name === 'startsWith') return `^${literalPattern(value)}`;
    if (name === 'endsWith') return `${literalPattern(value)}$`;
    if (name === 'matches') {
      const pattern = suitePattern(value);
      if (pattern.ok) return pattern.source;
      refuse(`a regular expression ${pattern.reason}`, pattern.fix);
      return undefined;
    }
  }
  no();
  return undefined;
}

/** A pattern of Hurl as the suite writes it, or why there is none. */
export function suitePattern(value: string): Translated {
  if (value.includes('{{')) return { ok: false, reason: 'with a variable in it' };
  const translated = translatePattern(value);
  const compiled = translated.ok ? compilePattern(translated.source) : translated;
  if (compiled.ok) return translated;
  return { ...translated, ok: false, reason: `that is no ECMAScript one: ${compiled.reason}` };
}
