import { compilePattern } from '../../../shared/probes/evaluators/pattern.js';
import type { Refuse } from '../draft.js';
import type { Expected } from '../expected.js';
import { includes, isComparable, literalText, pathText, type Segments } from '../json-condition.js';
import type { Value } from './value.js';

/** An assertion as it was written: of what, the words of the chain that matter, and the values it is compared with. */
export interface Assertion {
  subject: Value;
  words: readonly string[];
  operands: readonly (Value | undefined)[];
}

type Subject<Kind extends Value['kind']> = Extract<Value, { kind: Kind }>;

/** What the suite expects instead of an assertion; `reference` writes a variable as the suite does. Refuses what would change its meaning. */
export function expectAssertion(
  { subject, words, operands }: Assertion,
  expected: Expected,
  reference: (name: string) => string,
  refuse: Refuse,
): void {
  const negated = words[0] === 'not';
  const [first, second] = words.slice(negated ? 1 : 0);
  const verb = verbs[first === 'deep' && second ? second : (first ?? '')];
  const strange = words.length > 2 || (words.length === 2 && !negated && first !== 'deep');
  const operand = operands[0];
  const wanted =
    operand?.kind === 'literal'
      ? { ok: true as const, value: operand.value }
      : operand?.kind === 'variable'
        ? { ok: true as const, value: reference(operand.name) }
        : undefined;
  if (!verb || strange || operands.some((value) => value === undefined))
    return refuse('an assertion that has no counterpart');
  const asked = { verb, deep: first === 'deep' || first === 'eql', negated, operand, wanted, operands };
  switch (subject.kind) {
    case 'status':
      return expectStatus(asked, expected, refuse);
    case 'time':
      return expectTime(asked, expected, refuse);
    case 'text':
      return expectText(asked, (operator, value) => expected.body(operator, value, refuse), refuse);
    case 'header':
      if (verb === 'exist') return expected.header(subject.name, 'exists', !negated, refuse);
      return expectText(
        asked,
        (operator, value) => expected.header(subject.name, operator, value, refuse),
        refuse,
      );
    case 'json':
      return expectJson(subject, asked, expected, refuse);
    case 'length':
      return expectLength(subject.segments, asked, expected, refuse);
    default:
      return refuse('an assertion of something a suite does not look at');
  }
}

interface Asked {
  verb: Verb;
  /** Whether lists and objects are compared by what is in them. */
  deep: boolean;
  negated: boolean;
  operand: Value | undefined;
  wanted: { ok: true; value: unknown } | undefined;
  operands: readonly (Value | undefined)[];
}

type Verb =
  | 'equal'
  | 'one-of'
  | '>'
  | '>='
  | '<'
  | '<='
  | 'include'
  | 'match'
  | 'exist'
  | 'property'
  | 'type'
  | 'length'
  | 'empty'
  | 'true'
  | 'false'
  | 'null'
  | 'undefined';

const verbs: Readonly<Record<string, Verb>> = {
  ...Object.fromEntries(['equal', 'equals', 'eq', 'eql'].map((word) => [word, 'equal'])),
  oneOf: 'one-of',
  ...Object.fromEntries(['above', 'gt', 'greaterThan'].map((word) => [word, '>'])),
  ...Object.fromEntries(['least', 'gte'].map((word) => [word, '>='])),
  ...Object.fromEntries(['below', 'lt', 'lessThan'].map((word) => [word, '<'])),
  ...Object.fromEntries(['most', 'lte'].map((word) => [word, '<='])),
  ...Object.fromEntries(['include', 'includes', 'contain', 'contains'].map((word) => [word, 'include'])),
  ...Object.fromEntries(['match', 'matches'].map((word) => [word, 'match'])),
  exist: 'exist',
  property: 'property',
  a: 'type',
  an: 'type',
  length: 'length',
  lengthOf: 'length',
  empty: 'empty',
  true: 'true',
  false: 'false',
  null: 'null',
  undefined: 'undefined',
};

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

function expectStatus({ verb, negated, operand }: Asked, expected: Expected, refuse: Refuse): void {
  const value = operand?.kind === 'literal' ? operand.value : undefined;
  const holds =
    verb === 'one-of' && Array.isArray(value)
      ? (status: number) => value.includes(status)
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
  add: (operator: 'equals' | 'contains' | 'not-contains' | 'matches', value: string) => void,
  refuse: Refuse,
): void {
  const text = typeof wanted?.value === 'string' ? wanted.value : undefined;
  if (verb === 'include' && text !== undefined) return add(negated ? 'not-contains' : 'contains', text);
  if (verb === 'equal' && text !== undefined && !negated) return add('equals', text);
  if (verb === 'empty' && negated) return add('matches', '[^]');
  if (verb === 'match' && operand?.kind === 'pattern' && !negated)
    return addPattern(operand, (source) => add('matches', source), refuse);
  refuse('a condition of text other than equal, include and match');
}

function addPattern(
  { source, flags }: Subject<'pattern'>,
  add: (source: string) => void,
  refuse: Refuse,
): void {
  if (flags.replace(/[gu]/g, '') !== '')
    return refuse(`the flags "${flags}" of a regular expression`, 'write it without flags');
  const compiled = compilePattern(source);
  if (compiled.ok) add(source);
  else refuse(`a regular expression that is none with the flag u (${compiled.reason})`);
}

function expectJson({ segments }: Subject<'json'>, asked: Asked, expected: Expected, refuse: Refuse): void {
  const { verb, deep, negated, operand, wanted, operands } = asked;
  const path = pathText(segments);
  const value = wanted?.value;
  const condition = (text: string) => expected.jsonCondition(segments, text, refuse);
  const simple =
    wanted !== undefined && operand?.kind === 'literal' && isComparable(value) ? { value } : undefined;
  switch (verb) {
    case 'equal':
      if (negated)
        return simple
          ? condition(`@ != ${literalText(simple.value)}`)
          : refuse('a value that must differ from a list, an object or a variable');
      if (!wanted) return refuse('a comparison with something that is no literal');
      if (typeof value === 'object' && value !== null && !deep)
        return refuse('.equal() of a list or an object, which never holds', 'write .eql()');
      return expected.json({ path, equals: value });
    case 'true':
    case 'false':
    case 'null':
      if (!negated) return expected.json({ path, equals: { true: true, false: false, null: null }[verb] });
      return condition(`@ != ${verb}`);
    case 'undefined':
      return expected.json({ path, exists: negated });
    case 'exist':
      if (negated)
        return refuse('a value that must be missing or null', 'write .to.be.undefined or .to.be.null');
      return segments.length === 0 ? expected.json({ path, exists: true }) : condition('@ != null');
    case 'empty':
      return negated ? condition('length(@) > 0') : refuse('a value that must be empty', 'write .to.eql([])');
    case '>':
    case '>=':
    case '<':
    case '<=':
      if (typeof value === 'number' && !negated) return condition(`@ ${verb} ${value}`);
      return refuse('a comparison that is not one with a number');
    case 'include':
      if (simple && value !== '' && !negated) return condition(includes(simple.value));
      return refuse('an .include() of something that is no simple literal');
    case 'match':
      if (operand?.kind === 'pattern' && !negated)
        return addPattern(operand, (matches) => expected.json({ path, matches }), refuse);
      return refuse('a .match() without a regular expression');
    case 'type':
      if (value === 'string' && !negated) return expected.json({ path, matches: '^' });
      return refuse(`a check of the type ${JSON.stringify(value)}`, 'check a value instead');
    case 'property':
      return expectProperty(segments, operands, negated, expected, refuse);
    case 'length':
      if (typeof value === 'number' && !negated) return expected.jsonLength(segments, '==', value, refuse);
      return refuse('a length that is no number');
    default:
      return refuse('a condition of a JSON value that has no counterpart');
  }
}

function expectProperty(
  segments: Segments,
  [name, value]: readonly (Value | undefined)[],
  negated: boolean,
  expected: Expected,
  refuse: Refuse,
): void {
  const key = name?.kind === 'literal' && typeof name.value === 'string' ? name.value : undefined;
  if (key === undefined) return refuse('a .property() whose name is no literal');
  const path = pathText([...segments, key]);
  if (value === undefined) return expected.json({ path, exists: !negated });
  if (value.kind !== 'literal' || !isComparable(value.value) || negated)
    return refuse('a .property() with a value that is no simple literal');
  expected.json({ path, equals: value.value });
}

function expectLength(
  segments: Segments,
  { verb, negated, wanted }: Asked,
  expected: Expected,
  refuse: Refuse,
): void {
  const length = wanted?.value;
  if (typeof length === 'number' && Number.isInteger(length) && !negated) {
    if (verb === 'equal') return expected.jsonLength(segments, '==', length, refuse);
    if (verb === '>' || verb === '>=') return expected.jsonLength(segments, verb, length, refuse);
  }
  refuse('a condition of a length other than equal, above and at least');
}
