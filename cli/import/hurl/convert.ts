import { methodPattern } from '../../../actions/smoke-test/suite/schema/http-schema.js';
import { jsonBody } from '../body.js';
import {
  assumedStatus,
  uniqueName,
  withTodos,
  type Drafted,
  type DraftStep,
  type FileOf,
  type Refuse,
  type Unsupported,
} from '../draft.js';
import type { Comparable } from '../json-condition.js';
import { Names, type Special } from '../names.js';
import { hidden, isSecretHeader, isSecretValue, secretNotes } from '../secrets.js';
import { sharedAddresses } from './addresses.js';
import { readOptions, variablesIn, type Resolved, type SetVariable } from './options.js';
import { linesOf, pairOf, parseHurl, type Body, type Entry, type Line } from './parse.js';
import { readResponse } from './response.js';

/** A Hurl file as a draft of a suite with one flow, whose steps are its entries. */
export function draftHurl(text: string, path: string, fileOf: FileOf): Drafted {
  const unsupported: Unsupported[] = [];
  const refuseAt =
    (line: number): Refuse =>
    (what, fix) =>
      void unsupported.push({ place: `${path}:${line}`, what, ...(fix ? { fix } : {}) });
  const parsed = parseHurl(text);
  if (!parsed.ok) return { ok: false, unsupported: [{ place: `${path}:${parsed.line}`, what: parsed.what }] };
  if (parsed.entries.length === 0) refuseAt(1)('no request: nothing would be checked');
  for (const { line, text } of parsed.commands)
    refuseAt(line)(`${text}, which changes cookies`, 'send the cookie as a header, or use a flow of its own');
  const captured = new Set(
    parsed.entries.flatMap(({ response }) =>
      linesOf(response?.sections, 'Captures').map(({ text }) => pairOf(text)?.[0] ?? ''),
    ),
  );
  const secrets = new Set(
    parsed.entries
      .flatMap(({ sections }) => variablesIn(linesOf(sections, 'Options')))
      .filter(({ name, text }) => isSecretValue(name, text))
      .map(({ name }) => name),
  );
  const names = new Names(generators, secrets);
  const capturedNames = new Set([...captured].map((name) => names.rename(name)));
  const context: Context = {
    names,
    refuseAt,
    fileOf,
    isText: (reference) => !capturedNames.has(reference) && !reference.startsWith('number'),
    captured,
    secrets,
    variables: new Map(),
    writtenOut: new Set(),
  };
  const steps: DraftStep[] = [];
  const assumed: string[] = [];
  const lacking = new Map<DraftStep, readonly Unsupported[]>();
  const asking: { line: number; url: string; resolve: readonly Resolved[] }[] = [];
  for (const entry of parsed.entries) {
    const before = unsupported.length;
    const taken = () => new Set(steps.map(({ name }) => name));
    const { step, statusAssumed, repeat, resolve } = stepOf(entry, context, taken(), steps.length === 0);
    steps.push(step);
    lacking.set(step, unsupported.slice(before));
    asking.push({ line: entry.line, url: step.http.url, resolve });
    for (let times = 1; times < repeat; times++)
      steps.push({ ...step, name: uniqueName(step.name, taken()) });
    if (statusAssumed) assumed.push(`line ${entry.line}`);
  }
  const addresses = sharedAddresses(asking, refuseAt);
  const variables = Object.fromEntries(
    [...context.variables]
      .filter(([name]) => !secrets.has(name))
      .map(([name, { text }]) => [names.rename(name), text]),
  );
  const notes = [
    ...assumedStatus(assumed),
    ...secretNotes(names, steps),
    ...[...context.writtenOut].map(
      (name) => `Expectations compare with the value of ${name} as written: --var does not change it there.`,
    ),
  ];
  const name = path.replace(/^.*[\\/]/, '').replace(/\.hurl$/, '') || 'hurl';
  const resolve = Object.keys(addresses).length > 0 ? { resolve: addresses } : {};
  const draft = { name, variables, ...resolve, flows: [{ name, steps }], notes };
  if (unsupported.length === 0) return { ok: true, draft };
  const partial = withTodos(draft, unsupported, lacking);
  return { ok: false, unsupported, ...(partial ? { partial } : {}) };
}

interface Context {
  names: Names;
  refuseAt(line: number): Refuse;
  fileOf: FileOf;
  isText(reference: string): boolean;
  /** What entries capture, by their names in the original. */
  captured: ReadonlySet<string>;
  /** Names in the original whose values must not be written down. */
  secrets: ReadonlySet<string>;
  /** Set by options of entries, by their names in the original. */
  variables: Map<string, SetVariable>;
  /** Variables that are no text and whose values stand in expectations, since a suite's variables are texts. */
  writtenOut: Set<string>;
}

const generators: Special = (inner, nth) => {
  if (inner === 'newUuid') return { reference: `uuid.made${nth}` };
  if (inner === 'newDate') return { reference: 'timestamp' };
  return inner.includes(' ') || inner.includes('(') ? { refuse: `the expression {{${inner}}}` } : undefined;
};

const requestSections = [
  ...['Query', 'QueryStringParams', 'Form', 'FormParams', 'Multipart', 'MultipartFormData'],
  ...['Options', 'BasicAuth', 'Cookies'],
];

function stepOf(
  entry: Entry,
  context: Context,
  taken: ReadonlySet<string>,
  isFirst: boolean,
): { step: DraftStep; statusAssumed: boolean; repeat: number; resolve: readonly Resolved[] } {
  const { names, refuseAt } = context;
  const refuse = refuseAt(entry.line);
  const usedBefore = new Set([...names.used, ...names.usedSecrets.keys()]);
  const rewrite = (text: string, line = entry.line) => names.rewrite(text, refuseAt(line));
  const { method } = entry;
  if (!methodPattern.test(method)) refuse(`the method ${method}`);
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
  const hide = (name: string, text: string, what: string) =>
    hidden(text, name.toLowerCase(), `${what} of line ${entry.line}`, names);
  const headers = pairs(entry.headers, 'a header');
  const query: Record<string, string | string[]> = {};
  for (const line of linesOf(entry.sections, 'Query', 'QueryStringParams'))
    for (const [name, given] of Object.entries(pairs([line], 'a query parameter'))) {
      const value = isSecretValue(name, given) ? hide(name, given, `the query parameter ${name}`) : given;
      query[name] = Object.hasOwn(query, name) ? [query[name]!, value].flat() : value;
    }
  const form = pairs(linesOf(entry.sections, 'Form', 'FormParams'), 'a form field');
  const [basic, ...others] = Object.entries(
    pairs(linesOf(entry.sections, 'BasicAuth'), 'basic authorization'),
  );
  if (basic && Object.keys(headers).some((name) => name.toLowerCase() === 'authorization'))
    refuse('[BasicAuth] beside the header Authorization', 'keep one of them');
  if (others.length > 0) refuse('more than one user of basic authorization');
  const cookies = Object.entries(pairs(linesOf(entry.sections, 'Cookies'), 'a cookie'));
  if (cookies.length > 0 && !isFirst)
    refuse(
      'the section [Cookies] after other requests: Hurl adds cookies that answers set before',
      'send them with the first request',
    );
  if (cookies.length > 0) headers['Cookie'] = cookies.map(([name, value]) => `${name}=${value}`).join('; ');
  for (const [name, value] of Object.entries(headers))
    if (isSecretHeader(name, value)) headers[name] = hide(name, value, `the header ${name}`);
  const multipart = linesOf(entry.sections, 'Multipart', 'MultipartFormData').flatMap((line) =>
    partOf(line, context),
  );
  const options = readOptions(linesOf(entry.sections, 'Options'), refuseAt, (variable, refuse) => {
    const { name, text } = variable;
    const known = context.variables.get(name);
    if (context.captured.has(name))
      refuse(`the variable ${name}, which is captured too`, 'rename one of them');
    else if (known && (known.text !== text || known.literal !== variable.literal))
      refuse(`a second value of the variable ${name}`);
    else if (!known && usedBefore.has(names.rename(name)))
      refuse(`the variable ${name}, which a request before uses with another value`, 'rename one of them');
    context.variables.set(name, variable);
  });
  const proven = basic || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  if (options.user && proven) refuse('the option user beside another authorization', 'keep one of them');
  const login = basic ?? options.user;
  const body = entry.body ? bodyOf(entry.body, headers, context) : {};
  const url = rewrite(entry.url);
  const literalOf = (name: string, refuse: Refuse): Comparable | undefined => {
    const literal = context.variables.get(name)?.literal;
    if (literal === undefined) return undefined;
    if (context.secrets.has(name))
      refuse(`a comparison with ${name}, which is no text and must not be written here`, 'rename it');
    context.writtenOut.add(name);
    return literal;
  };
  const { expect, assumed, capture } = readResponse(entry, { ...context, literalOf });
  const name = uniqueName(
    `${method} ${entry.url.replace(/^(?:https?:\/\/[^/]*|\{\{[^{}]*\}\})(?=\/)/, '')}`,
    taken,
  );
  return {
    statusAssumed: assumed,
    repeat: options.repeat ?? 1,
    resolve: options.resolve,
    step: {
      name,
      http: {
        ...(method === 'GET' ? {} : { method }),
        url: /^(https?:\/\/|\{\{)/i.test(url) ? url : `http://${url}`,
        ...(Object.keys(query).length > 0 ? { query } : {}),
        ...(Object.keys(headers).length > 0 ? { headers } : {}),
        ...(login
          ? { 'basic-auth': { user: login[0], password: hide('basic_password', login[1], 'the password') } }
          : {}),
        ...(Object.keys(form).length > 0 ? { form } : {}),
        ...(multipart.length > 0 ? { multipart } : {}),
        ...body,
        ...options.http,
      },
      expect,
      ...(Object.keys(capture).length > 0 ? { capture } : {}),
      ...(options.retry ? { retry: options.retry } : {}),
      ...(options.delay === undefined ? {} : { delay: options.delay }),
    },
  };
}

function bodyOf(
  body: Body,
  headers: Record<string, string>,
  { names, isText, refuseAt, fileOf }: Context,
): Record<string, unknown> {
  const refuse = refuseAt(body.line);
  const [, file] = body.kind === 'other' ? (/^file,[ \t]*([^;]+);[ \t]*(?:#.*)?$/.exec(body.text) ?? []) : [];
  if (file !== undefined) return { 'body-file': fileOf(file.trim(), refuse) };
  if (body.kind === 'other')
    refuse(`a body other than JSON, XML, GraphQL and text: ${body.text.slice(0, 60)}`);
  if (body.kind === 'text') return { body: names.rewrite(body.text, refuse) };
  if (body.kind === 'xml') {
    addType(headers, 'application/xml');
    return { body: names.rewrite(body.text, refuse) };
  }
  if (body.kind === 'graphql' && /^\s*variables\b/m.test(body.text))
    refuse('GraphQL with variables', 'send it as JSON');
  const text = body.kind === 'graphql' ? JSON.stringify({ query: body.text.trim() }) : body.text;
  const written = jsonBody(names.rewrite(text, refuse), isText);
  if (!('json' in written)) addType(headers, 'application/json');
  return written;
}

function addType(headers: Record<string, string>, type: string): void {
  const given = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  if (!given) headers['Content-Type'] = type;
}

/** A part of a form, `name: text` or `name: file,path; type`. */
function partOf({ line, text }: Line, { names, refuseAt, fileOf }: Context): Record<string, unknown>[] {
  const refuse = refuseAt(line);
  const [name, value] = pairOf(text) ?? [];
  const [, file, type = ''] = /^file,[ \t]*([^;]+);[ \t]*(.*)$/.exec(value ?? '') ?? [];
  if (name === undefined || value === undefined || /^file,/.test(value) !== (file !== undefined)) {
    refuse(`a part of a form that is not understood: ${text}`);
    return [];
  }
  const part = { name: names.rewrite(name, refuse) };
  if (file === undefined) return [{ ...part, value: names.rewrite(value, refuse) }];
  const path = file.trim();
  const guessed = type === '' ? typeOfFile(path) : type;
  return [{ ...part, file: fileOf(path, refuse), ...(guessed ? { type: guessed } : {}) }];
}

/** Hurl tells servers the type of a file by its ending. */
function typeOfFile(path: string): string | undefined {
  const types: Readonly<Record<string, string>> = {
    css: 'text/css',
    csv: 'text/csv',
    gif: 'image/gif',
    html: 'text/html',
    jpeg: 'image/jpeg',
    jpg: 'image/jpeg',
    json: 'application/json',
    pdf: 'application/pdf',
    png: 'image/png',
    svg: 'image/svg+xml',
    txt: 'text/plain',
    xml: 'application/xml',
    zip: 'application/zip',
  };
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(types, ending) ? types[ending] : undefined;
}
