import type { Refuse } from '../draft.js';
import type { Expected } from '../expected.js';
import type { Comparable } from '../json-condition.js';
import { readJsonAssert } from './json-asserts.js';
import { quotedAsText } from '../names.js';
import { comparison, predicateOf, readText, type Predicate } from './predicate.js';
import { alwaysHasGroup } from './rust-pattern.js';
import { queryOf, tokensOf, type Token } from './tokens.js';
import { readXPathAssert } from './xpath-asserts.js';

/** What a suite does not look at, and why. */
const refusedQueries: Readonly<Record<string, string>> = {
  certificate: 'use a step "tls", which always verifies the chain and the name',
  redirects: 'look at each redirect in a step of its own',
  variable: 'look at the answer it was captured from',
};

/** What an assert is read with besides itself. */
export interface AssertContext {
  /** Turns references into those of the suite. */
  rewrite(text: string): string;
  /** Whether a reference of the suite always stands for text. */
  isText(reference: string): boolean;
  /** The value of a variable, by its name in the original, that is a number, a boolean or null. */
  literalOf(name: string): Comparable | undefined;
  refuse: Refuse;
}

/** Adds one line of [Asserts] to what is expected. */
export function readAssert(
  line: string,
  expected: Expected,
  { rewrite, isText, literalOf, refuse }: AssertContext,
): void {
  const query = queryOf(tokensOf(line) ?? []);
  if (!query) return refuse(`an assert that is not understood: ${line}`);
  const fix = Object.hasOwn(refusedQueries, query.name) ? refusedQueries[query.name] : undefined;
  if (fix !== undefined) return refuse(`the query ${query.name}: ${line}`, fix);
  const { filter, rest } = filterOf(query.rest);
  const read = predicateOf(rest, rewrite, literalOf);
  const predicate = read && query.name === 'jsonpath' ? withText(read, isText) : read;
  const no = () => refuse(`an assert that has no counterpart: ${line}`);
  const bytes = rest.some(({ kind }) => kind === 'bytes');
  if (!predicate || (bytes && !['sha256', 'md5'].includes(query.name))) return no();
  const { name, negated, value } = predicate;
  const argument = query.argument ?? '';
  if (argument.includes('{{')) return refuse(`a variable in what is looked at: ${line}`);
  if (query.name === 'jsonpath')
    return readJsonAssert({ source: argument, filter }, predicate, expected, refuse, no);
  if (query.name === 'xpath' && typeof filter !== 'number')
    return readXPathAssert({ path: argument, counts: filter === 'count' }, predicate, expected, refuse, no);
  if (query.name === 'bytes' && filter === 'count') return readSize(predicate, expected, refuse, no);
  if (filter !== undefined) return no();
  switch (query.name) {
    case 'status': {
      const holds = typeof value === 'number' ? comparison(name, value) : undefined;
      return holds ? expected.status((status) => holds(status) !== negated) : no();
    }
    case 'duration': {
      if (typeof value !== 'number') return no();
      const bound = negated ? { '>': '<=', '>=': '<' }[name] : name;
      if (bound === '<') return expected.latency(value);
      return bound === '<=' ? expected.latency(value + 1) : no();
    }
    case 'sha256':
    case 'md5':
      return name === '==' &&
        !negated &&
        bytes &&
        String(value).length === { sha256: 64, md5: 32 }[query.name]
        ? expected.fact(query.name, value, refuse)
        : no();
    case 'version':
      return name === '==' && !negated && typeof value === 'string'
        ? readVersion(value, expected, refuse)
        : no();
    case 'url':
    case 'ip': {
      const key = query.name;
      return readText(predicate, (how, text) => expected.text(key, how, text, refuse), refuse, no);
    }
    case 'header': {
      if (name === 'exists') return expected.headerExists(argument, !negated, refuse);
      return readText(predicate, (how, text) => expected.header(argument, how, text, refuse), refuse, no);
    }
    case 'cookie':
      return readCookie(argument, predicate, expected, refuse, no);
    case 'body':
      return readText(predicate, (how, text) => expected.body(how, text, refuse), refuse, no);
    case 'regex':
      if (!alwaysHasGroup(argument))
        return refuse(
          `regex of a pattern without a group that is in every match, which Hurl takes for nothing: ${line}`,
          'write body matches /…/, or put what is looked for into ( )',
        );
      return name === 'exists'
        ? readText(
            { name: 'matches', negated, value: argument, pattern: true, quoted: false },
            (how, text) => expected.body(how, text, refuse),
            refuse,
            no,
          )
        : no();
    case 'bytes':
      return no();
    default:
      return refuse(`the query ${query.name}: ${line}`);
  }
}

/** A comparison with a value between quotes, which is one with its text, also where a capture gave a number. */
function withText(predicate: Predicate, isText: AssertContext['isText']): Predicate {
  const { name, quoted, value } = predicate;
  if (!quoted || !['==', '!='].includes(name) || typeof value !== 'string') return predicate;
  return { ...predicate, value: quotedAsText(value, isText) };
}

/** The version of HTTP that must be spoken. */
export function readVersion(version: string, expected: Expected, refuse: Refuse): void {
  if (['1.0', '1.1', '2'].includes(version)) return expected.fact('http-version', version, refuse);
  refuse(`the version ${version}, which a suite does not speak`, 'write 1.1 or 2');
}

/** A filter at the start of what follows a query: `count`, or the index of `nth`; others are left where they are. */
function filterOf(tokens: readonly Token[]): {
  filter: 'count' | number | undefined;
  rest: readonly Token[];
} {
  const [first, second, ...more] = tokens;
  if (first?.kind === 'word' && first.text === 'count') return { filter: 'count', rest: tokens.slice(1) };
  if (first?.kind === 'word' && first.text === 'nth' && second?.kind === 'number' && second.value >= 0)
    return { filter: second.value, rest: more };
  return { filter: undefined, rest: tokens };
}

function readSize(
  { name, negated, value }: Predicate,
  expected: Expected,
  refuse: Refuse,
  no: () => void,
): void {
  if (typeof value !== 'number' || negated || value < 0) return no();
  const bounds: Readonly<Record<string, string>> = {
    '==': `= ${value}B`,
    '<': `< ${value}B`,
    '<=': `< ${value + 1}B`,
    '>': `> ${value}B`,
    '>=': value === 0 ? '' : `> ${value - 1}B`,
  };
  const bound = Object.hasOwn(bounds, name) ? bounds[name] : undefined;
  return bound ? expected.size(bound, refuse) : no();
}

const flags: Readonly<Record<string, string>> = { Secure: 'secure', HttpOnly: 'http-only' };

/** A cookie that the answer sets, or one of its attributes, `name[Secure]`. */
function readCookie(
  argument: string,
  predicate: Predicate,
  expected: Expected,
  refuse: Refuse,
  no: () => void,
): void {
  const [, cookie = '', attribute = 'Value'] = /^([^[\]]+)(?:\[([A-Za-z-]+)\])?$/.exec(argument) ?? [];
  const { name, negated, value } = predicate;
  if (cookie === '') return no();
  const fact = (key: string, wanted: unknown) => expected.cookieFact(cookie, key, wanted, refuse);
  if (attribute === 'Value')
    return name === 'exists'
      ? // An answer that deletes the cookie has it too.
        fact('sent', !negated)
      : readText(predicate, (how, text) => expected.cookie(cookie, how, text, refuse), refuse, no);
  const flag = Object.hasOwn(flags, attribute) ? flags[attribute] : undefined;
  if (flag) return name === 'exists' ? fact(flag, !negated) : no();
  if (name !== '==' || negated || typeof value !== 'string')
    return refuse(`the attribute ${attribute} of a cookie other than by ==`);
  if (attribute === 'SameSite') return fact('same-site', value.toLowerCase());
  if (attribute === 'Domain' || attribute === 'Path') return fact(attribute.toLowerCase(), value);
  no();
}
