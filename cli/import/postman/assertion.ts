import type { Refuse } from '../draft.js';
import type { Expected } from '../expected.js';
import type { TextOperator } from '../text-expected.js';
import { operandsOf, patternSource, verbOf, type Asked, type Verb } from './asked.js';
import { expectJson, expectLength } from './json-assertion.js';
import type { Value } from './value.js';

/** An assertion as it was written: of what, the words of the chain that matter, and the values it is compared with. */
export interface Assertion {
  subject: Value;
  words: readonly string[];
  operands: readonly (Value | undefined)[];
}

/**
 * What the suite expects instead of an assertion; `reference` writes a variable as the suite does. Refuses what would
 * change its meaning.
 */
export function expectAssertion(
  { subject, words, operands }: Assertion,
  expected: Expected,
  reference: (name: string, refuse: Refuse) => string,
  refuse: Refuse,
): void {
  const negated = words[0] === 'not';
  const read = verbOf(words.slice(negated ? 1 : 0));
  const [operand] = operands;
  const wanted =
    operand?.kind === 'literal'
      ? { value: operand.value }
      : operand?.kind === 'variable'
        ? { value: reference(operand.name, refuse) }
        : undefined;
  if (!read || operands.some((value) => value === undefined))
    return refuse('an assertion that has no counterpart');
  const { verb } = read;
  const [message, ...surplus] = operands.slice(operandsOf(verb));
  if (surplus.length > 0 || (message && (operandsOf(verb) === 0 || !isText(message))))
    return refuse(`more operands than .${verb}() takes`);
  const asked: Asked = { verb, deep: read.deep, negated, operand, wanted, operands };
  if (read.ofLength && subject.kind !== 'json') return refuse('a length of something that is not JSON');
  switch (subject.kind) {
    case 'status':
      return expectStatus(asked, expected, refuse);
    case 'time':
      return expectTime(asked, expected, refuse);
    case 'text':
      return expectText(asked, (operator, value) => expected.body(operator, value, refuse), refuse);
    case 'header':
      if (verb === 'exist') return expected.headerExists(subject.name, !negated, refuse);
      return expectText(
        asked,
        (operator, value) => expected.header(subject.name, operator, value, refuse),
        refuse,
      );
    case 'has-header': {
      const value = verb === 'equal' ? wanted?.value : verb === 'true' ? true : verb === 'false' ? false : 0;
      return typeof value === 'boolean'
        ? expected.headerExists(subject.name, value !== negated, refuse)
        : refuse('headers.has() compared with something else than true and false');
    }
    case 'json':
      return read.ofLength
        ? expectLength(subject.segments, asked, expected, refuse)
        : expectJson(subject.segments, asked, expected, refuse);
    case 'length':
      return expectLength(subject.segments, asked, expected, refuse);
    default:
      return refuse('an assertion of something a suite does not look at');
  }
}

function isText(value: Value): boolean {
  return value.kind === 'literal' && typeof value.value === 'string';
}

function compare(verb: Verb, bound: number): ((value: number) => boolean) | undefined {
  switch (verb) {
    case 'equal':
      return (value) => value === bound;
    case '>':
      return (value) => value > bound;
    case '>=':
      return (value) => value >= bound;
    case '<':
      return (value) => value < bound;
    case '<=':
      return (value) => value <= bound;
    default:
      return undefined;
  }
}

function expectStatus({ verb, negated, operands }: Asked, expected: Expected, refuse: Refuse): void {
  const [value, high] = operands.map((operand) => (operand?.kind === 'literal' ? operand.value : undefined));
  const holds =
    verb === 'one-of' && Array.isArray(value)
      ? (status: number) => value.includes(status)
      : verb === 'within' && typeof value === 'number' && typeof high === 'number'
        ? (status: number) => status >= value && status <= high
        : typeof value === 'number'
          ? compare(verb, value)
          : undefined;
  if (!holds) return refuse('a condition of the status that is not a comparison with numbers');
  expected.status((status) => holds(status) !== negated);
}

function expectTime({ verb, negated, wanted }: Asked, expected: Expected, refuse: Refuse): void {
  const limit = wanted?.value;
  if (negated || typeof limit !== 'number' || (verb !== '<' && verb !== '<='))
    return refuse('a condition of the time that is not an upper limit');
  // Postman counts whole milliseconds.
  expected.latency(verb === '<' ? Math.ceil(limit) : Math.floor(limit) + 1);
}

function expectText(
  { verb, negated, operand, wanted }: Asked,
  add: (operator: TextOperator, value: string) => void,
  refuse: Refuse,
): void {
  const text = typeof wanted?.value === 'string' ? wanted.value : undefined;
  if (verb === 'include' && text !== undefined) return add(negated ? 'not-contains' : 'contains', text);
  if (verb === 'equal' && text !== undefined) return add(negated ? 'not-equals' : 'equals', text);
  if (verb === 'empty') return add(negated ? 'not-equals' : 'equals', '');
  if (verb === 'match') {
    const source = patternSource(operand, refuse);
    return source === undefined ? undefined : add(negated ? 'not-matches' : 'matches', source);
  }
  refuse('a condition of text other than equal, include and match');
}
