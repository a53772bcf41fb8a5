import { compilePattern } from '../../../shared/probes/evaluators/pattern.js';
import type { Refuse } from '../draft.js';
import { literalPattern, type Expected } from '../expected.js';
import {
  hasElement,
  includes,
  literalText,
  pathText,
  singularPath,
  type Comparable,
} from '../json-condition.js';
import { referencesIn } from '../names.js';
import { queryOf, tokensOf, type Token } from './tokens.js';

/** A predicate and what it compares with; a text may have references of the suite in it. */
interface Predicate {
  name: string;
  negated: boolean;
  value: Comparable | undefined;
  pattern: boolean;
}

/** Adds one line of [Asserts] to what is expected; `rewrite` turns references into those of the suite. */
export function readAssert(
  line: string,
  expected: Expected,
  rewrite: (text: string) => string,
  refuse: Refuse,
): void {
  const query = queryOf(tokensOf(line) ?? []);
  if (!query) return refuse(`an assert that is not understood: ${line}`);
  const counts = query.rest[0]?.kind === 'word' && query.rest[0].text === 'count';
  const predicate = predicateOf(counts ? query.rest.slice(1) : query.rest, rewrite);
  const no = () => refuse(`an assert that has no counterpart: ${line}`);
  if (!predicate) return no();
  const { name, negated, value } = predicate;
  switch (query.name) {
    case 'status': {
      const holds = typeof value === 'number' ? comparison(name, value) : undefined;
      return holds && !counts ? expected.status((status) => holds(status) !== negated) : no();
    }
    case 'duration': {
      if (typeof value !== 'number' || negated || counts) return no();
      if (name === '<') return expected.latency(value);
      return name === '<=' ? expected.latency(value + 1) : no();
    }
    case 'header': {
      const header = query.argument ?? '';
      if (counts) return no();
      if (name === 'exists') return expected.header(header, 'exists', !negated, refuse);
      return readText(
        predicate,
        (operator, text) => expected.header(header, operator, text, refuse),
        refuse,
        no,
      );
    }
    case 'body':
      return counts
        ? no()
        : readText(predicate, (operator, text) => expected.body(operator, text, refuse), refuse, no);
    case 'jsonpath':
      return readJson(query.argument ?? '', counts, predicate, expected, refuse, no);
    default:
      return refuse(`the query ${query.name}: ${line}`);
  }
}

function predicateOf(tokens: readonly Token[], rewrite: (text: string) => string): Predicate | undefined {
  const negated = tokens[0]?.kind === 'word' && tokens[0].text === 'not';
  const [name, operand, ...more] = negated ? tokens.slice(1) : tokens;
  if (name?.kind !== 'word' || more.length > 0) return undefined;
  const known = { name: name.text, negated, pattern: operand?.kind === 'pattern' };
  if (!operand) return { ...known, value: undefined };
  switch (operand.kind) {
    case 'number': {
      const factor = ({ '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const)[operand.unit] ?? NaN;
      return { ...known, value: operand.value * factor };
    }
    case 'word': {
      const words: Readonly<Record<string, Comparable>> = { true: true, false: false, null: null };
      return Object.hasOwn(words, operand.text) ? { ...known, value: words[operand.text] } : undefined;
    }
    case 'pattern':
      return { ...known, value: operand.text };
    default:
      return { ...known, value: rewrite(operand.text) };
  }
}

function comparison(operator: string, bound: number): ((value: number) => boolean) | undefined {
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

function readText(
  predicate: Predicate,
  add: (operator: 'equals' | 'contains' | 'not-contains' | 'matches', text: string) => void,
  refuse: Refuse,
  no: () => void,
): void {
  const { name, negated, value, pattern } = predicate;
  if (typeof value !== 'string' || (pattern && name !== 'matches')) return no();
  if (negated) return name === 'contains' ? add('not-contains', value) : no();
  if (name === '==') return add('equals', value);
  if (name === 'contains') return add('contains', value);
  const source = patternOf(predicate, refuse, no);
  if (source !== undefined) add('matches', source);
}

/** The pattern that says startsWith, endsWith or matches. */
function patternOf({ name, value, negated }: Predicate, refuse: Refuse, no: () => void): string | undefined {
  if (typeof value === 'string' && !negated) {
    if (name === 'startsWith') return `^${literalPattern(value)}`;
    if (name === 'endsWith') return `${literalPattern(value)}$`;
    if (name === 'matches') {
      const compiled = compilePattern(value);
      if (referencesIn(value).length === 0 && compiled.ok) return value;
      const why = compiled.ok ? 'with a variable in it' : `that is no ECMAScript one: ${compiled.reason}`;
      refuse(`a regular expression ${why}`);
      return undefined;
    }
  }
  no();
  return undefined;
}

function readJson(
  source: string,
  counts: boolean,
  predicate: Predicate,
  expected: Expected,
  refuse: Refuse,
  no: () => void,
): void {
  const { name, negated, value } = predicate;
  const segments = singularPath(source);
  const path = segments ? pathText(segments) : source;
  if (referencesIn(source).length > 0 || source.includes('{{'))
    return refuse('a JSONPath with a variable in it');
  if (counts) {
    if (typeof value !== 'number' || negated) return no();
    if (segments && (name === '==' || name === '>' || name === '>='))
      return expected.jsonLength(segments, name, value, refuse);
    // One node alone would be looked into, not counted.
    return name === '==' && value >= 2 ? expected.json({ path, count: value }) : no();
  }
  if (name === 'exists' && value === undefined) return expected.json({ path, exists: !negated });
  if (name === 'isString' && !negated) return expected.json({ path, matches: '^' });
  const isLiteral = typeof value !== 'string' || referencesIn(value).length === 0;
  if (name === '==' && value !== undefined && !negated) return expected.json({ path, equals: value });
  if (['startsWith', 'endsWith', 'matches'].includes(name)) {
    const matches = patternOf(predicate, refuse, no);
    return matches === undefined ? undefined : expected.json({ path, matches });
  }
  if (!segments) {
    if (name === 'includes' && value !== undefined && !negated)
      return expected.json({ path, 'contains-value': value });
    return no();
  }
  const condition = (text: string) => expected.jsonCondition(segments, text, refuse);
  if (name === 'isEmpty') return condition(negated ? 'length(@) > 0' : 'length(@) == 0');
  if (name === 'isBoolean' && !negated) return condition('(@ == true || @ == false)');
  if (value === undefined || !isLiteral) return no();
  if (name === '!=' || (name === '==' && negated)) return condition(`@ != ${literalText(value)}`);
  if (negated) return no();
  if (['>', '>=', '<', '<='].includes(name) && typeof value === 'number')
    return condition(`@ ${name} ${value}`);
  if (name === 'contains' && value !== '') return condition(includes(value));
  if (name === 'includes') return condition(hasElement(value));
  no();
}
