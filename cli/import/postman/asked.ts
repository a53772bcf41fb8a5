import { compilePattern } from '../../../shared/probes/evaluators/pattern.js';
import type { Refuse } from '../draft.js';
import type { Value } from './value.js';

/** What an assertion asks: its verb, and what it compares with. */
export interface Asked {
  verb: Verb;
  /** Whether lists and objects are compared by what is in them. */
  deep: boolean;
  negated: boolean;
  operand: Value | undefined;
  /** The first operand as the suite writes it, where it is a literal or a variable. */
  wanted: { value: unknown } | undefined;
  operands: readonly (Value | undefined)[];
}

export type Verb = (typeof verbNames)[number];

const verbNames = [
  ...(['equal', 'one-of', '>', '>=', '<', '<=', 'within', 'include', 'match', 'exist', 'property'] as const),
  ...(['keys', 'include-keys', 'type', 'length', 'empty', 'true', 'false', 'null', 'undefined'] as const),
] as const;

/** Words of chains by what they mean; two words stand for what they mean together. */
const words: Readonly<Record<Verb, readonly string[]>> = {
  equal: ['equal', 'equals', 'eq', 'eql', 'deep equal', 'deep equals', 'deep eq'],
  'one-of': ['oneOf'],
  '>': ['above', 'gt', 'greaterThan'],
  '>=': ['least', 'gte'],
  '<': ['below', 'lt', 'lessThan'],
  '<=': ['most', 'lte'],
  within: ['within'],
  include: ['include', 'includes', 'contain', 'contains', 'deep include'],
  match: ['match', 'matches'],
  exist: ['exist'],
  property: ['property'],
  keys: ['keys', 'key', 'all keys'],
  'include-keys': ['include keys', 'include all keys', 'contain keys', 'contain all keys'],
  type: ['a', 'an'],
  length: ['length', 'lengthOf'],
  empty: ['empty'],
  true: ['true'],
  false: ['false'],
  null: ['null'],
  undefined: ['undefined'],
};

const verbs = new Map(verbNames.flatMap((verb) => words[verb].map((word): [string, Verb] => [word, verb])));

/** The verb of the words of a chain without its fillers and negation; `length above` and its like compare a length. */
export function verbOf(
  chain: readonly string[],
): { verb: Verb; deep: boolean; ofLength: boolean } | undefined {
  const ofLength = chain.length === 2 && (chain[0] === 'length' || chain[0] === 'lengthOf');
  const verb = verbs.get((ofLength ? chain.slice(1) : chain).join(' '));
  const deep = chain[0] === 'deep' || chain[0] === 'eql';
  return verb === undefined ? undefined : { verb, deep, ofLength };
}

/** How many operands a verb takes, without the message that may follow. */
export function operandsOf(verb: Verb): number {
  if (verb === 'keys' || verb === 'include-keys') return Infinity;
  if (verb === 'within' || verb === 'property') return 2;
  return ['exist', 'empty', 'true', 'false', 'null', 'undefined'].includes(verb) ? 0 : 1;
}

/** What the flag u gives another meaning: `\u{2}` is the letter u twice without it, and 😀 two characters. */
const changesWithUnicode = /(?<!\\)(?:\\\\)*\\(?:u\{|[pP]\{)|[\u{10000}-\u{10FFFF}]/u;

/** The source of a pattern that a suite can use; undefined, and refused, for any other. */
export function patternSource(operand: Value | undefined, refuse: Refuse): string | undefined {
  if (operand?.kind !== 'pattern') {
    refuse('a .match() without a regular expression');
    return undefined;
  }
  const { source, flags } = operand;
  const compiled = compilePattern(source);
  if (flags.replace(/[guis]/g, '') !== '')
    refuse(`the flags "${flags}" of a regular expression`, 'use no others than g, u, i and s');
  else if (source.includes('{{')) refuse('a regular expression with {{ in it', 'write it as \\{{2}');
  else if (!flags.includes('u') && changesWithUnicode.test(source))
    refuse(
      'a regular expression that means something else with the flag u, which patterns of a suite have',
      'write it with the flag u, or without \\u{…}, \\p{…} and characters beyond U+FFFF',
    );
  else if (!compiled.ok) refuse(`a regular expression that is none with the flag u (${compiled.reason})`);
  else
    return [...flags].some((flag) => flag === 'i' || flag === 's')
      ? `(?${flags.replace(/[gu]/g, '')})${source}`
      : source;
  return undefined;
}
