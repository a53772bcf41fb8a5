import type { Refuse } from '../draft.js';
import type { Expected, Shape } from '../expected.js';
import {
  hasElement,
  includes,
  lacking,
  lackingElement,
  literalText,
  pathText,
  singularPath,
  type Segments,
} from '../json-condition.js';
import { referencesIn } from '../names.js';
import { notMatching } from '../text-expected.js';
import { patternOf, type Predicate } from './predicate.js';

/** Predicates of what a value is, as JSON Schemas. JSON has one kind of number, so that 1.0 is an integer too. */
const shapes: Readonly<Record<string, Shape>> = {
  isBoolean: { type: 'boolean' },
  isCollection: { type: ['array', 'object'] },
  isInteger: { type: 'integer' },
  isIsoDate: { type: 'string', format: 'date-time' },
  isList: { type: 'array' },
  isNumber: { type: 'number' },
  isObject: { type: 'object' },
  isString: { type: 'string' },
  isUuid: { type: 'string', format: 'uuid' },
};

/** Adds an assert on a JSONPath; `filter` is `count` or the index of `nth`. */
export function readJsonAssert(
  { source, filter }: { source: string; filter: 'count' | number | undefined },
  predicate: Predicate,
  expected: Expected,
  refuse: Refuse,
  no: () => void,
): void {
  const { name, negated, value } = predicate;
  const found = singularPath(source);
  if (typeof filter === 'number' && !found) return refuse('nth of a path that may find several nodes');
  const segments = found && typeof filter === 'number' ? [...found, filter] : found;
  const path = segments ? pathText(segments) : source;
  if (filter === 'count') {
    if (typeof value !== 'number' || negated) return no();
    return readCount({ path, segments, operator: name, count: value }, expected, refuse, no);
  }
  if (name === 'exists' && value === undefined) return expected.json({ path, exists: !negated });
  const isLiteral = typeof value !== 'string' || referencesIn(value).length === 0;
  if (name === '==' && value !== undefined && !negated) return expected.json({ path, equals: value });
  if (['startsWith', 'endsWith', 'matches'].includes(name)) {
    const matches = patternOf(predicate, refuse, no);
    if (matches === undefined) return;
    return expected.json({ path, matches: negated ? notMatching(matches) : matches });
  }
  if (!segments) {
    if (name === 'isString' && !negated) return expected.json({ path, matches: '^' });
    if (name === 'includes' && value !== undefined && !negated)
      return expected.json({ path, 'contains-value': value });
    return no();
  }
  const condition = (text: string) => expected.jsonCondition(segments, text, refuse);
  const shape = Object.hasOwn(shapes, name) && value === undefined ? shapes[name] : undefined;
  if (shape) return expected.jsonShape(segments, negated ? { not: shape } : shape);
  if (name === 'isEmpty') return condition(negated ? 'length(@) > 0' : 'length(@) == 0');
  if (value === undefined || !isLiteral) return no();
  if (name === '!=' || (name === '==' && negated))
    return name === '!=' && negated
      ? expected.json({ path, equals: value })
      : condition(`@ != ${literalText(value)}`);
  if (['>', '>=', '<', '<='].includes(name) && typeof value === 'number')
    return condition(negated ? `(@ <= 0 || @ > 0) && !(@ ${name} ${value})` : `@ ${name} ${value}`);
  if (name === 'contains' && value !== '')
    return negated ? expected.jsonShape(segments, lacking(value)) : condition(includes(value));
  if (name === 'includes')
    return negated ? expected.jsonShape(segments, lackingElement(value)) : condition(hasElement(value));
  no();
}

interface Count {
  path: string;
  segments: Segments | undefined;
  operator: string;
  count: number;
}

function readCount(
  { path, segments, operator, count }: Count,
  expected: Expected,
  refuse: Refuse,
  no: () => void,
): void {
  if (segments && (operator === '==' || operator === '>' || operator === '>='))
    return expected.jsonLength(segments, operator, count, refuse);
  if (segments && (operator === '<' || operator === '<=')) {
    const maxItems = operator === '<' ? count - 1 : count;
    return maxItems < 0 ? no() : expected.jsonShape(segments, { type: 'array', maxItems });
  }
  if (segments && operator === '!=')
    return expected.jsonShape(segments, { type: 'array', not: { minItems: count, maxItems: count } });
  // One node alone would be looked into, not counted.
  return operator === '==' && count >= 2 ? expected.json({ path, count }) : no();
}
