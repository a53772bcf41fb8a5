import { jsonValue } from '../body.js';
import type { DraftStep, Refuse } from '../draft.js';
import { Expected } from '../expected.js';
import { pathText, singularPath, type Comparable } from '../json-condition.js';
import { referencesIn, soundsSecret, type Names } from '../names.js';
import { readAssert, type AssertContext } from './asserts.js';
import { suitePattern } from './predicate.js';
import { linesOf, pairOf, type Body, type Entry } from './parse.js';
import { queryOf, tokensOf, type Token } from './tokens.js';
import { xpathType } from './xpath-asserts.js';

/** What a response is read with besides itself. */
export interface ResponseContext {
  names: Names;
  refuseAt(line: number): Refuse;
  /** Whether a reference of the suite always stands for text. */
  isText(reference: string): boolean;
  /** The value of a variable, by its name in the original, that is a number, a boolean or null. */
  literalOf(name: string, refuse: Refuse): Comparable | undefined;
}

/** What an entry expects of its answer and takes from it; `assumed` says that nothing looked at the status. */
export function readResponse(
  { line, response }: Entry,
  { names, refuseAt, isText, literalOf }: ResponseContext,
): { expect: Record<string, unknown>; assumed: boolean; capture: NonNullable<DraftStep['capture']> } {
  const expected = new Expected();
  const capture: NonNullable<DraftStep['capture']> = {};
  const captures = linesOf(response?.sections, 'Captures');
  const captured = new Set(captures.map(({ text }) => names.rename(pairOf(text)?.[0] ?? '')));
  const rewriteAt = (at: number) => (text: string) => {
    const rewritten = names.rewrite(text, refuseAt(at));
    const fresh = referencesIn(rewritten).find((name) => captured.has(name));
    if (fresh !== undefined)
      refuseAt(at)(
        `a comparison with ${fresh}, which the same answer gives`,
        'compare in the next entry: a suite captures what was as expected',
      );
    return rewritten;
  };
  const status = response?.status;
  if (response && response.version !== 'HTTP')
    refuseAt(response.line)(
      `the version ${response.version}, which a suite does not look at`,
      `write HTTP ${response.status}`,
    );
  if (typeof status === 'number') expected.status((got) => got === status);
  for (const { line, text } of response?.headers ?? []) {
    const pair = pairOf(text);
    if (pair) expected.header(pair[0], 'equals', rewriteAt(line)(pair[1]), refuseAt(line));
    else refuseAt(line)(`a header that is not understood: ${text}`);
  }
  for (const { text, line } of response?.sections ?? []) {
    if (text !== 'Captures' && text !== 'Asserts') refuseAt(line)(`the section [${text}]`);
  }
  for (const { line, text } of linesOf(response?.sections, 'Asserts'))
    readAssert(text, expected, {
      rewrite: rewriteAt(line),
      isText,
      literalOf: (name) => literalOf(name, refuseAt(line)),
      refuse: refuseAt(line),
    });
  for (const { line, text } of captures) {
    const read = readCapture(text, refuseAt(line));
    if (read === 'refused') continue;
    const name = read && names.rename(read.name);
    if (name !== undefined && Object.hasOwn(capture, name))
      refuseAt(line)(`a second capture of the name ${read!.name}`, 'give it a name of its own');
    else if (name !== undefined) capture[name] = read!.rule;
    else refuseAt(line)(`a capture that has no counterpart: ${text}`);
  }
  if (response?.body)
    expectBody(response.body, expected, {
      rewrite: rewriteAt(response.body.line),
      isText,
      refuse: refuseAt(response.body.line),
    });
  return { ...expected.write(refuseAt(response?.line ?? line)), capture };
}

function expectBody(
  { kind, text }: Body,
  expected: Expected,
  { rewrite, isText, refuse }: Pick<AssertContext, 'rewrite' | 'isText' | 'refuse'>,
): void {
  if (kind === 'text' || kind === 'xml') return expected.body('equals', rewrite(text), refuse);
  const json = kind === 'json' ? jsonValue(rewrite(text), isText) : undefined;
  if (json) expected.json({ path: '$', equals: json.value });
  else refuse('a whole body other than text, XML and JSON of which variables are texts');
}

/** A capture, of the whole value or, of a JSON list, of one element; other filters have no counterpart. */
function readCapture(
  text: string,
  refuse: Refuse,
): { name: string; rule: Record<string, unknown> } | 'refused' | undefined {
  const [, name, query] = /^([\w-]+)[ \t]*:(.*)$/.exec(text) ?? [];
  const read = queryOf(tokensOf(query ?? '') ?? []);
  if (name === undefined || !read || read.argument?.includes('{{')) return undefined;
  const last = read.rest.at(-1);
  const redacted = last?.kind === 'word' && last.text === 'redact';
  const [filter, operand, ...more] = redacted ? read.rest.slice(0, -1) : read.rest;
  if (more.length > 0 || (filter && filter.kind !== 'word')) return undefined;
  const rule = captureRule(read.name, read.argument ?? '', filter?.text, operand, refuse);
  if (rule === 'refused') return rule;
  return rule && { name, rule: { ...rule, ...(redacted || soundsSecret(name) ? { secret: true } : {}) } };
}

function captureRule(
  query: string,
  argument: string,
  filter: string | undefined,
  operand: Token | undefined,
  refuse: Refuse,
): Record<string, unknown> | 'refused' | undefined {
  if (query === 'body' && filter === 'regex')
    return groupRule(operand?.kind === 'string' || operand?.kind === 'pattern' ? operand.text : '', refuse);
  const segments = query === 'jsonpath' ? singularPath(argument) : undefined;
  if (segments && filter === 'nth' && operand?.kind === 'number' && operand.value >= 0)
    return { json: pathText([...segments, operand.value]) };
  if (filter !== undefined) return undefined;
  if (segments) return { json: argument };
  switch (query) {
    case 'header':
      return { header: argument };
    case 'cookie': {
      const [, cookie] = /^([^[\]]+)(?:\[Value\])?$/.exec(argument) ?? [];
      return cookie === undefined ? undefined : { cookie };
    }
    case 'regex':
      return groupRule(argument, refuse);
    case 'body':
      return { regex: '^[^]*$' };
    case 'xpath':
      return xpathType(argument) === 'text' ? { xpath: argument } : undefined;
    default:
      return undefined;
  }
}

/** A capture of the first group of a pattern. */
function groupRule(source: string, refuse: Refuse): { regex: string } | 'refused' | undefined {
  if (!/(?<!\\)\((?!\?)/.test(source)) return undefined;
  const pattern = suitePattern(source);
  if (pattern.ok) return { regex: pattern.source };
  refuse(`a regular expression ${pattern.reason}`, pattern.fix);
  return 'refused';
}
