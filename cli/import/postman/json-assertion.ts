import type { Refuse } from '../draft.js';
import type { Expected, Shape } from '../expected.js';
import {
  includes,
  isComparable,
  lacking,
  lackingElement,
  literalText,
  pathText,
  type Segments,
} from '../json-condition.js';
import { notMatching } from '../text-expected.js';
import { patternSource, type Asked } from './asked.js';
import type { Value } from './value.js';

const types = ['array', 'boolean', 'null', 'number', 'object', 'string'];

/** What the suite expects of a value in the JSON of an answer. */
export function expectJson(segments: Segments, asked: Asked, expected: Expected, refuse: Refuse): void {
  const { verb, deep, negated, operand, wanted, operands } = asked;
  const path = pathText(segments);
  const value = wanted?.value;
  const isLiteral = operand?.kind === 'literal';
  const condition = (text: string) => expected.jsonCondition(segments, text, refuse);
  const shape = (wanted: Shape) => expected.jsonShape(segments, negated ? { not: wanted } : wanted);
  const simple = wanted !== undefined && isLiteral && isComparable(value) ? { value } : undefined;
  switch (verb) {
    case 'equal':
      if (!wanted) return refuse('a comparison with something that is no literal');
      if (typeof value === 'object' && value !== null && !deep)
        return refuse('.equal() of a list or an object, which never holds', 'write .eql()');
      if (!negated) return expected.json({ path, equals: value });
      if (!isLiteral) return refuse('a value that must differ from a variable');
      return simple ? condition(`@ != ${literalText(simple.value)}`) : shape({ const: value });
    case 'one-of':
      return isLiteral && Array.isArray(value) && value.length > 0
        ? shape({ enum: value })
        : refuse('.oneOf() without a list of literals');
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
      return negated
        ? condition('length(@) > 0')
        : shape({ type: ['array', 'object', 'string'], maxItems: 0, maxProperties: 0, maxLength: 0 });
    case '>':
    case '>=':
    case '<':
    case '<=':
      if (typeof value === 'number' && !negated) return condition(`@ ${verb} ${value}`);
      return refuse('a comparison that is not one with a number');
    case 'within': {
      const [low, high] = operands.map((bound) => (bound?.kind === 'literal' ? bound.value : undefined));
      if (typeof low === 'number' && typeof high === 'number' && !negated)
        return condition(`@ >= ${low} && @ <= ${high}`);
      return refuse('a range that is not one between numbers');
    }
    case 'include':
      if (simple && value !== '')
        return negated
          ? expected.jsonShape(segments, lacking(simple.value))
          : condition(includes(simple.value));
      if (!isLiteral || typeof value !== 'object' || value === null || (Array.isArray(value) && !deep))
        return refuse('an .include() of something that is no simple literal', 'write .deep.include()');
      if (!deep && !Object.values(value).every(isComparable))
        return refuse('an .include() of objects, which are never the same', 'write .deep.include()');
      return expected.jsonShape(segments, containing(value, deep, negated));
    case 'match': {
      const source = patternSource(operand, refuse);
      if (source === undefined) return;
      return expected.json({ path, matches: negated ? notMatching(source) : source });
    }
    case 'type':
      if (typeof value === 'string' && types.includes(value.toLowerCase()))
        return shape({ type: value.toLowerCase() });
      return refuse(`a check of the type ${JSON.stringify(value)}`, 'check a value instead');
    case 'property':
      return expectProperty(segments, operands, negated, expected, refuse);
    case 'keys':
    case 'include-keys':
      return expectKeys(
        verb === 'keys',
        operands,
        // What is no object has no keys, and the original fails there.
        (wanted) => expected.jsonShape(segments, negated ? { type: 'object', not: wanted } : wanted),
        refuse,
      );
    case 'length':
      return expectLength(segments, { ...asked, verb: 'equal' }, expected, refuse);
  }
}

/** An object with these members, or, deep, a list with this element; of anything else the original fails. */
function containing(value: object, deep: boolean, negated: boolean): Shape {
  const members = havingEach(Object.entries(value));
  const object = { type: 'object', ...(negated ? { not: members } : members) };
  const list = negated ? lackingElement(value) : { type: 'array', contains: { const: value } };
  if (Array.isArray(value)) return list;
  return deep ? { anyOf: [object, list] } : object;
}

function havingEach(entries: readonly (readonly [string, unknown])[]): Shape {
  return {
    required: entries.map(([key]) => key),
    properties: Object.fromEntries(entries.map(([key, value]) => [key, { const: value }])),
  };
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
  // Of null, and of what is not there, nothing can be asked.
  expected.jsonLookedInto(segments);
  if (value === undefined) return expected.json({ path, exists: !negated });
  if (value.kind !== 'literal' || !isComparable(value.value) || negated)
    return refuse('a .property() with a value that is no simple literal');
  expected.json({ path, equals: value.value });
}

/** `.all.keys('a', 'b')` has these and no others, `.include.keys` these at least. */
function expectKeys(
  exactly: boolean,
  operands: readonly (Value | undefined)[],
  shape: (wanted: Shape) => void,
  refuse: Refuse,
): void {
  const keys = operands.flatMap((key) => (key?.kind === 'literal' ? key.value : undefined));
  const names = keys.filter((key) => typeof key === 'string');
  if (names.length === 0 || names.length < keys.length) return refuse('.keys() that are no literals');
  const properties = Object.fromEntries(names.map((name) => [name, {}]));
  const closed = exactly ? { properties, additionalProperties: false } : {};
  shape({ type: 'object', required: [...new Set(names)], ...closed });
}

/** How long a list or a text is. */
export function expectLength(
  segments: Segments,
  { verb, negated, wanted }: Asked,
  expected: Expected,
  refuse: Refuse,
): void {
  const length = wanted?.value;
  const bounds =
    typeof length === 'number' && Number.isInteger(length) && !negated ? boundsOf(verb, length) : undefined;
  if (!bounds || bounds.high < 0)
    return refuse('a condition of a length other than equal, above, below, at least and at most');
  if (bounds.low === 0 && bounds.high === Infinity) return refuse('a length that everything has');
  expected.jsonShape(segments, ofLength(bounds));
}

interface Bounds {
  low: number;
  high: number;
}

function boundsOf(verb: Asked['verb'], length: number): Bounds | undefined {
  if (verb === 'equal') return { low: length, high: length };
  if (verb === '>' || verb === '>=')
    return { low: Math.max(0, verb === '>' ? length + 1 : length), high: Infinity };
  return verb === '<' || verb === '<=' ? { low: 0, high: verb === '<' ? length - 1 : length } : undefined;
}

/**
 * Scripts count UTF-16 units and schemas characters, which are the same up to U+FFFF: a text beyond that is not taken
 * for one of the length.
 */
function ofLength({ low, high }: Bounds): Shape {
  const most = (key: string) => (high === Infinity ? {} : { [key]: high });
  return {
    anyOf: [
      { type: 'array', minItems: low, ...most('maxItems') },
      { type: 'string', minLength: low, ...most('maxLength'), pattern: '^[\\u0000-\\uFFFF]*$' },
    ],
  };
}
