import { jsonBody } from '../body.js';
import {
  assumedStatus,
  uniqueName,
  type Drafted,
  type DraftStep,
  type Refuse,
  type Unsupported,
} from '../draft.js';
import { Expected } from '../expected.js';
import { singularPath } from '../json-condition.js';
import { Names, soundsSecret, type Special } from '../names.js';
import { readAssert } from './asserts.js';
import { readOptions } from './options.js';
import {
  cutComment,
  parseHurl,
  unescapeText,
  type Body,
  type Entry,
  type Line,
  type Section,
} from './parse.js';
import { queryOf, tokensOf } from './tokens.js';

/** A Hurl file as a draft of a suite with one flow, whose steps are its entries. */
export function draftHurl(text: string, path: string): Drafted {
  const unsupported: Unsupported[] = [];
  const refuseAt =
    (line: number): Refuse =>
    (what, fix) =>
      void unsupported.push({ place: `${path}:${line}`, what, ...(fix ? { fix } : {}) });
  const parsed = parseHurl(text);
  if (!parsed.ok) return { ok: false, unsupported: [{ place: `${path}:${parsed.line}`, what: parsed.what }] };
  if (parsed.entries.length === 0) refuseAt(1)('no request: nothing would be checked');
  const captured = new Set(
    parsed.entries.flatMap(({ response }) =>
      linesOf(response?.sections, 'Captures').map(({ text }) => pairOf(text)?.[0] ?? ''),
    ),
  );
  const names = new Names(generators);
  const capturedNames = new Set([...captured].map((name) => names.rename(name)));
  const context: Context = {
    names,
    refuseAt,
    isText: (reference) => !capturedNames.has(reference) && !reference.startsWith('number'),
    variables: {},
  };
  const steps: DraftStep[] = [];
  const assumed: string[] = [];
  for (const entry of parsed.entries) {
    const { step, statusAssumed } = stepOf(entry, context, new Set(steps.map(({ name }) => name)));
    steps.push(step);
    if (statusAssumed) assumed.push(`line ${entry.line}`);
  }
  if (unsupported.length > 0) return { ok: false, unsupported };
  const name = path.replace(/^.*[\\/]/, '').replace(/\.hurl$/, '') || 'hurl';
  return {
    ok: true,
    draft: { name, variables: context.variables, flows: [{ name, steps }], notes: assumedStatus(assumed) },
  };
}

interface Context {
  names: Names;
  refuseAt(line: number): Refuse;
  isText(reference: string): boolean;
  /** Set by options of entries. */
  variables: Record<string, string>;
}

const generators: Special = (inner, nth) => {
  if (inner === 'newUuid') return { reference: `uuid.made${nth}` };
  if (inner === 'newDate') return { reference: 'timestamp' };
  return inner.includes(' ') || inner.includes('(') ? { refuse: `the expression {{${inner}}}` } : undefined;
};

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const requestSections = ['Query', 'QueryStringParams', 'Form', 'FormParams', 'Options', 'BasicAuth'];

function linesOf(sections: readonly Section[] | undefined, ...titles: string[]): Line[] {
  return (sections ?? []).filter(({ text }) => titles.includes(text)).flatMap(({ lines }) => lines);
}

/** `name: value` with comment and escapes resolved. */
function pairOf(text: string): [string, string] | undefined {
  const [, key, value] = /^((?:\{\{[^{}]*\}\}|\\[^]|[^:\\])+?)[ \t]*:(.*)$/.exec(text) ?? [];
  const pair = [unescapeText(key ?? ''), unescapeText(cutComment(value ?? ''))];
  return key === undefined || pair.includes(undefined) ? undefined : (pair as [string, string]);
}

function stepOf(
  entry: Entry,
  context: Context,
  taken: ReadonlySet<string>,
): { step: DraftStep; statusAssumed: boolean } {
  const { names, refuseAt } = context;
  const refuse = refuseAt(entry.line);
  const rewrite = (text: string, line = entry.line) => names.rewrite(text, refuseAt(line));
  const { method } = entry;
  if (!methods.includes(method)) refuse(`the method ${method}`);
  for (const { text, line } of entry.sections) {
    if (!requestSections.includes(text)) refuseAt(line)(`the section [${text}]`);
  }
  const pairs = (lines: readonly Line[], what: string): Record<string, string> => {
    const read: Record<string, string> = {};
    for (const { line, text } of lines) {
      const pair = pairOf(text);
      if (!pair) refuseAt(line)(`${what} that is not understood: ${text}`);
      else if (
        Object.keys(read).some(
          (known) => known.toLowerCase() === pair[0].toLowerCase() && what === 'a header',
        ) ||
        Object.hasOwn(read, pair[0])
      )
        refuseAt(line)(`${what} given twice: ${pair[0]}`);
      else read[rewrite(pair[0], line)] = rewrite(pair[1], line);
    }
    return read;
  };
  const headers = pairs(entry.headers, 'a header');
  const query = pairs(linesOf(entry.sections, 'Query', 'QueryStringParams'), 'a query parameter');
  const form = pairs(linesOf(entry.sections, 'Form', 'FormParams'), 'a form field');
  for (const [user, password] of Object.entries(
    pairs(linesOf(entry.sections, 'BasicAuth'), 'basic authorization'),
  )) {
    const pair = `${user}:${password}`;
    if (pair.includes('{{'))
      refuse(
        'basic authorization with a variable',
        'send the header Authorization with a variable that holds "Basic …"',
      );
    else headers['Authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  const options = readOptions(linesOf(entry.sections, 'Options'), refuseAt, (name, value) => {
    const known = names.rename(name);
    if (Object.hasOwn(context.variables, known) && context.variables[known] !== value)
      refuse(`a second value of the variable ${name}`);
    context.variables[known] = value;
  });
  const body = entry.body ? bodyOf(entry.body, headers, context) : {};
  const url = rewrite(entry.url);
  const { expect, assumed, capture } = expectationsOf(entry, context);
  const name = uniqueName(
    `${method} ${entry.url.replace(/^(?:https?:\/\/[^/]*|\{\{[^{}]*\}\})(?=\/)/, '')}`,
    taken,
  );
  return {
    statusAssumed: assumed,
    step: {
      name,
      http: {
        ...(method === 'GET' ? {} : { method }),
        url: /^(https?:\/\/|\{\{)/i.test(url) ? url : `http://${url}`,
        ...(Object.keys(query).length > 0 ? { query } : {}),
        ...(Object.keys(headers).length > 0 ? { headers } : {}),
        ...(Object.keys(form).length > 0 ? { form } : {}),
        ...body,
        ...options.http,
      },
      expect,
      ...(Object.keys(capture).length > 0 ? { capture } : {}),
      ...(options.retry ? { retry: options.retry } : {}),
    },
  };
}

function bodyOf(
  body: Body,
  headers: Record<string, string>,
  { names, isText, refuseAt }: Context,
): Record<string, unknown> {
  const refuse = refuseAt(body.line);
  if (body.kind === 'other') refuse(`a body other than JSON, GraphQL and text: ${body.text.slice(0, 60)}`);
  if (body.kind === 'text') return { body: names.rewrite(body.text, refuse) };
  if (body.kind === 'graphql' && /^\s*variables\b/m.test(body.text))
    refuse('GraphQL with variables', 'send it as JSON');
  const text = body.kind === 'graphql' ? JSON.stringify({ query: body.text.trim() }) : body.text;
  const written = jsonBody(names.rewrite(text, refuse), isText);
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  if (!('json' in written) && !hasType) headers['Content-Type'] = 'application/json';
  return written;
}

function expectationsOf({ line, response }: Entry, { names, refuseAt }: Context) {
  const expected = new Expected();
  const capture: NonNullable<DraftStep['capture']> = {};
  const rewriteAt = (at: number) => (text: string) => names.rewrite(text, refuseAt(at));
  const status = response?.status;
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
    readAssert(text, expected, rewriteAt(line), refuseAt(line));
  for (const { line, text } of linesOf(response?.sections, 'Captures')) {
    const read = readCapture(text);
    if (read) capture[names.rename(read.name)] = read.rule;
    else refuseAt(line)(`a capture that has no counterpart: ${text}`);
  }
  if (response?.body)
    expectBody(response.body, expected, rewriteAt(response.body.line), refuseAt(response.body.line));
  return { ...expected.write(refuseAt(response?.line ?? line)), capture };
}

function expectBody(
  { kind, text }: Body,
  expected: Expected,
  rewrite: (text: string) => string,
  refuse: Refuse,
): void {
  if (kind === 'text') return expected.body('equals', rewrite(text), refuse);
  const json = kind === 'json' ? jsonBody(rewrite(text), () => true) : undefined;
  if (json && 'json' in json) expected.json({ path: '$', equals: json.json });
  else refuse('a whole body other than text and JSON');
}

/** A capture by JSONPath, header or regular expression, without filters. */
function readCapture(text: string): { name: string; rule: Record<string, unknown> } | undefined {
  const [, name, query] = /^([\w-]+)[ \t]*:(.*)$/.exec(text) ?? [];
  const read = queryOf(tokensOf(query ?? '') ?? []);
  if (name === undefined || !read || read.argument === undefined || read.argument.includes('{{'))
    return undefined;
  const redacted = read.rest.length === 1 && read.rest[0]?.kind === 'word' && read.rest[0].text === 'redact';
  if (read.rest.length > 0 && !redacted) return undefined;
  const secret = redacted || soundsSecret(name) ? { secret: true } : {};
  if (read.name === 'header') return { name, rule: { header: read.argument, ...secret } };
  if (read.name === 'jsonpath' && singularPath(read.argument))
    return { name, rule: { json: read.argument, ...secret } };
  if (read.name === 'regex' && /(?<!\\)\((?!\?)/.test(read.argument))
    return { name, rule: { regex: read.argument, ...secret } };
  return undefined;
}
