import { methodPattern } from '../../../actions/smoke-test/suite/schema/http-schema.js';
import { jsonBody, withoutComments } from '../body.js';
import type { DraftStep, FileOf, Refuse } from '../draft.js';
import { referencesIn, soundsSecret, type Names } from '../names.js';
import { hidden, isSecretHeader } from '../secrets.js';
import type { Auth, FormPart, Pair, PostmanBody, PostmanRequest, PostmanUrl } from './collection.js';

/** What a request is written with besides itself. */
export interface RequestContext {
  names: Names;
  /** Whether a reference of the suite always stands for text. */
  isText(reference: string): boolean;
  /** The text of a variable that may be written down. */
  known(reference: string): string | undefined;
  auth: Auth | undefined;
  behaviour: Readonly<Record<string, unknown>>;
  fileOf: FileOf;
  refuse: Refuse;
  /** The request as people know it. */
  shown: string;
}

/** Query parameters; one that is sent several times has a list. */
type Query = Record<string, string | string[]>;

/** The `http` of a step for a Postman request. */
export function writeRequest(given: string | PostmanRequest, context: RequestContext): DraftStep['http'] {
  const { refuse } = context;
  const request: PostmanRequest = typeof given === 'string' ? { url: given } : given;
  const method = (request.method ?? 'GET').toUpperCase();
  if (!methodPattern.test(method)) refuse(`the method ${method}`);
  if (request.proxy) refuse('a proxy of its own', 'give it as --proxy');
  if (request.certificate) refuse('a client certificate');
  const headers = writeHeaders(request.header, context);
  const query: Query = {};
  const url = writeUrl(request.url, query, context);
  const basic = writeAuth(context.auth, headers, query, context);
  const bodiless =
    (method === 'GET' || method === 'HEAD') && context.behaviour['disableBodyPruning'] !== true;
  const body =
    bodiless || !request.body || request.body.disabled ? {} : writeBody(request.body, headers, context);
  return {
    ...(method === 'GET' ? {} : { method }),
    url,
    ...(Object.keys(query).length > 0 ? { query } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(basic ? { 'basic-auth': basic } : {}),
    ...body,
    ...writeBehaviour(context),
  };
}

function enabled(pairs: readonly Pair[] | null | undefined): Pair[] {
  return (pairs ?? []).filter(({ disabled }) => !disabled);
}

function textOf({ value }: Pair): string {
  return value === null || value === undefined ? '' : String(value);
}

function writeHeaders(
  given: PostmanRequest['header'],
  { names, refuse, shown }: RequestContext,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (typeof given === 'string') {
    refuse('headers as one text', 'export the collection in format 2.1');
    return headers;
  }
  for (const pair of enabled(given)) {
    const name = pair.key ?? '';
    if (name === '') continue;
    if (/\{\{/.test(name)) refuse(`a variable in the name of the header ${name}`);
    if (hasHeader(headers, name)) refuse(`the header ${name} twice`);
    const value = names.rewrite(textOf(pair), refuse);
    headers[name] = isSecretHeader(name, value)
      ? hidden(value, name.toLowerCase(), `the header ${name} of ${shown}`, names)
      : value;
  }
  return headers;
}

function hasHeader(headers: Readonly<Record<string, string>>, name: string): boolean {
  return Object.keys(headers).some((known) => known.toLowerCase() === name.toLowerCase());
}

function writeUrl(
  given: string | PostmanUrl | null | undefined,
  query: Query,
  context: RequestContext,
): string {
  const { names, refuse, shown } = context;
  const url = typeof given === 'string' ? { raw: given } : (given ?? {});
  const path = pathOf(url, context);
  const literal: string[] = [];
  for (const pair of enabled(url.query)) {
    const key = names.rewrite(pair.key ?? '', refuse);
    const given = names.rewrite(textOf(pair), refuse);
    const value = soundsSecret(key)
      ? hidden(given, key, `the query parameter ${key} of ${shown}`, names)
      : given;
    if (referencesIn(key + value).length === 0) literal.push(pair.value === null ? key : `${key}=${value}`);
    else query[key] = Object.hasOwn(query, key) ? [query[key]!, value].flat() : value;
  }
  const address =
    url.host === null || url.host === undefined
      ? names.rewrite((url.raw ?? '').replace(/#.*$/, ''), refuse)
      : `${path}${literal.length > 0 ? `?${literal.join('&')}` : ''}`;
  if (address === '') refuse('a request without an address');
  const start = /^\{\{ ([\w.-]+) \}\}/.exec(address);
  const bare = start
    ? /^(?!https?:\/\/)/i.test(context.known(start[1]!) ?? 'http://')
    : !/^https?:\/\//i.test(address);
  return bare && address !== '' ? `http://${address}` : address;
}

function pathOf(
  { protocol, host, port, path, variable }: PostmanUrl,
  { names, refuse }: RequestContext,
): string {
  const segments = typeof path === 'string' ? path.split('/') : (path ?? []);
  const written = segments.map((segment) => {
    if (typeof segment !== 'string') {
      refuse('a path segment that is no text', 'export the collection in format 2.1');
      return '';
    }
    const name = /^:(.+)$/.exec(segment)?.[1];
    if (name === undefined) return names.rewrite(segment, refuse);
    const value = (variable ?? []).find(({ key }) => key === name);
    const text = value ? textOf(value) : '';
    if (text === '') refuse(`the path variable :${name} without a value`);
    const rewritten = names.rewrite(text, refuse);
    return rewritten
      .split(/(\{\{ [\w.-]+ \}\})/)
      .map((part, at) => (at % 2 === 1 ? part : part.replace(changedInPaths, encodeURIComponent)))
      .join('');
  });
  const name = names.rewrite((typeof host === 'string' ? [host] : (host ?? [])).join('.'), refuse);
  const scheme = protocol ? `${protocol.replace(/:?\/*$/, '')}://` : '';
  const number = port ? `:${names.rewrite(port, refuse)}` : '';
  return `${scheme}${name}${number}${written.length > 0 ? `/${written.join('/')}` : ''}`;
}

/** What Postman encodes in the value of a path variable; a slash stays one. */
const changedInPaths = /[\s"<>`#?{}]|[^ -~]+/gu;

function writeAuth(
  auth: Auth | undefined,
  headers: Record<string, string>,
  query: Query,
  { names, refuse, shown }: RequestContext,
): { user: string; password: string } | undefined {
  if (!auth || auth.type === 'noauth') return undefined;
  const settings = authSettings(auth);
  const setting = (name: string) => names.rewrite(settings[name] ?? '', refuse);
  const secret = (name: string, wanted: string) =>
    hidden(setting(name), wanted, `the ${name} of the authorization "${auth.type}" of ${shown}`, names);
  const add = (name: string, value: string) => {
    if (hasHeader(headers, name)) refuse(`the header ${name} beside the authorization "${auth.type}"`);
    headers[name] = value;
  };
  if (auth.type === 'bearer') {
    add('Authorization', `Bearer ${secret('token', 'bearer_token')}`);
    return undefined;
  }
  if (auth.type === 'apikey') {
    const name = settings['key'] ?? '';
    if (settings['in'] === 'query') query[name] = secret('value', name);
    else add(name, secret('value', name));
    return undefined;
  }
  if (auth.type !== 'basic') {
    refuse(`the authorization "${auth.type}"`, 'use bearer, basic or apikey');
    return undefined;
  }
  if (hasHeader(headers, 'Authorization'))
    refuse('the header Authorization beside the authorization "basic"');
  const password = secret('password', 'basic_password');
  // Keys of many services are sent as the user, without a password.
  const user = password === '' ? secret('username', 'basic_user') : setting('username');
  if (user === '' || user.includes(':')) refuse('basic authorization without a user, or with a colon in it');
  return { user, password };
}

/** Format 2.1 keeps settings as a list, 2.0 as an object. */
function authSettings(auth: Auth): Record<string, string> {
  const given = auth[auth.type];
  const entries = Array.isArray(given)
    ? given.map((pair: Pair) => [pair.key ?? '', textOf(pair)] as const)
    : Object.entries((given ?? {}) as Record<string, unknown>).map(
        ([key, value]) => [key, String(value ?? '')] as const,
      );
  return Object.fromEntries(entries);
}

function writeBody(
  body: PostmanBody,
  headers: Record<string, string>,
  context: RequestContext,
): Record<string, unknown> {
  const { names, isText, refuse, fileOf } = context;
  switch (body.mode ?? 'raw') {
    case 'raw': {
      const raw = body.raw ?? '';
      if (raw === '') return {};
      const language = body.options?.raw?.language ?? '';
      const given = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
      const type = given ?? contentTypes[language] ?? 'text/plain';
      const text = names.rewrite(language === 'json' ? withoutComments(raw) : raw, refuse);
      const written = /^application\/json\b/i.test(type) ? jsonBody(text, isText) : { body: text };
      if (given === undefined && !('json' in written)) headers['Content-Type'] = type;
      return written;
    }
    case 'urlencoded': {
      const form: Record<string, string> = {};
      for (const pair of enabled(body.urlencoded)) {
        const key = names.rewrite(pair.key ?? '', refuse);
        if (Object.hasOwn(form, key)) refuse(`the form field ${key} twice`);
        form[key] = names.rewrite(textOf(pair), refuse);
      }
      return Object.keys(form).length > 0 ? { form } : {};
    }
    case 'graphql': {
      const { query, variables } = body.graphql ?? {};
      const values =
        typeof variables === 'string' ? variables.trim() || '{}' : JSON.stringify(variables ?? {});
      const text = `{"query":${JSON.stringify(query ?? '')},"variables":${values}}`;
      const written = jsonBody(names.rewrite(text, refuse), isText);
      if (!('json' in written)) headers['Content-Type'] ??= 'application/json';
      return written;
    }
    case 'formdata': {
      const parts = (body.formdata ?? []).filter(({ disabled }) => !disabled);
      for (const name of Object.keys(headers).filter((name) => name.toLowerCase() === 'content-type'))
        delete headers[name];
      return parts.length > 0 ? { multipart: parts.flatMap((part) => partsOf(part, context)) } : {};
    }
    case 'file': {
      const file = body.file?.src ?? '';
      if (file === '') refuse('a body of a file that is not named', 'choose the file in Postman');
      return { 'body-file': fileOf(file, refuse) };
    }
    default:
      refuse(`a body of the mode "${body.mode}"`, 'use raw, urlencoded, formdata, file or graphql');
      return {};
  }
}

/** One part of a form; a field with several files is as many parts. */
function partsOf(part: FormPart, { names, fileOf, refuse }: RequestContext): Record<string, unknown>[] {
  const name = names.rewrite(part.key ?? '', refuse);
  if (name === '') refuse('a form field without a name');
  const type = part.contentType ? { type: names.rewrite(part.contentType, refuse) } : {};
  if (part.type !== 'file') {
    const value = part.value === null || part.value === undefined ? '' : String(part.value);
    return [{ name, value: names.rewrite(value, refuse), ...type }];
  }
  const files = (typeof part.src === 'string' ? [part.src] : (part.src ?? [])).filter((file) => file !== '');
  if (files.length === 0) refuse(`the form field ${name}, which names no file`);
  const filename = part.fileName ? { filename: names.rewrite(part.fileName, refuse) } : {};
  return files.map((file) => ({ name, file: fileOf(file, refuse), ...filename, ...type }));
}

const contentTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  html: 'text/html',
  javascript: 'application/javascript',
};

/** Postman follows ten redirects unless told otherwise. */
function writeBehaviour({ behaviour, refuse }: RequestContext): Record<string, unknown> {
  const {
    followRedirects = true,
    maxRedirects = 10,
    strictSSL,
    disableBodyPruning: _known,
    ...others
  } = behaviour;
  if (strictSSL === false) refuse('certificates that are not verified', 'trust the certificate instead');
  for (const name of Object.keys(others)) refuse(`the setting "${name}"`);
  if (followRedirects === false) return {};
  const redirects = Number(maxRedirects);
  if (!(redirects >= 1 && redirects <= 20))
    refuse(`${String(maxRedirects)} redirects`, 'allow 1 to 20, or set followRedirects to false');
  return { redirects };
}
