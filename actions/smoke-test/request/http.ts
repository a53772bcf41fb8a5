import { Buffer } from 'node:buffer';
import type { HttpLogin } from '../../../shared/probes/http-login.js';
import type { HttpProbeStep } from '../../../shared/probes/http.js';
import { parsed } from '../../../shared/http/connect/target.js';
import { withoutUser } from '../../../shared/probes/address.js';
import type { HttpStep } from '../suite/schema/http-schema.js';
import { fillText, fillTexts, fillValue, UnresolvedError, type Lookup } from '../values/interpolate.js';
import { hmacHeader } from './hmac.js';
import { multipartBody, type FormPart } from './multipart.js';

/** Files that steps send, by the part of the suite that names them. */
export type SentFiles = ReadonlyMap<object, Uint8Array>;

/** The request of a step with every reference filled in; throws UnresolvedError when that cannot be done. */
export function buildRequest(
  step: HttpStep,
  baseUrl: string | undefined,
  lookup: Lookup,
  files: SentFiles = new Map(),
): HttpProbeStep {
  const given = headersOf(step.headers ?? {}, lookup);
  const { body, type } = bodyOf(step, lookup, files);
  const hasType = Object.keys(given).some((name) => name.toLowerCase() === 'content-type');
  const identity = step['client-certificate'];
  const url = addressOf(step, baseUrl, lookup);
  const authorization = credentialsOf(step, lookup)?.header;
  if (authorization !== undefined && /^https?:\/\/[^/?#]*@/i.test(url))
    throw new UnresolvedError('the url has a user of its own beside basic-auth or bearer');
  const method = methodOf(step);
  const login = loginOf(step, lookup);
  return {
    method,
    url,
    headers: {
      ...given,
      ...(authorization === undefined ? {} : { authorization }),
      ...(type && !hasType ? { 'content-type': type } : {}),
      ...(step.hmac ? hmacHeader(step.hmac, { method, url, body }, lookup) : {}),
    },
    ...(body === undefined ? {} : { body }),
    ...(login ? { login } : {}),
    ...(identity ? { clientCertificate: fillTexts(identity, lookup) as typeof identity } : {}),
    maxRedirects: step.redirects,
    maxBodyBytes: step['max-bytes'],
    freshConnection: step['fresh-connection'],
  };
}

/** The method that a step asks by. */
export function methodOf({ method, graphql }: Pick<HttpStep, 'method' | 'graphql'>): string {
  return method ?? (graphql ? 'POST' : 'GET');
}

function headersOf(headers: NonNullable<HttpStep['headers']>, lookup: Lookup): HttpProbeStep['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [
      fillText(name, lookup),
      typeof values === 'string' ? fillText(values, lookup) : values.map((value) => fillText(value, lookup)),
    ]),
  );
}

/** What the probe proves who asks with, since that takes the server's question or the time. */
function loginOf({ 'digest-auth': digest, aws }: HttpStep, lookup: Lookup): HttpLogin | undefined {
  if (digest) {
    const { user, password } = fillTexts(digest, lookup);
    return { scheme: 'digest', user: user!, password: password! };
  }
  if (!aws) return undefined;
  const token = aws['session-token'];
  return {
    scheme: 'aws',
    region: fillText(aws.region, lookup),
    service: fillText(aws.service, lookup),
    accessKeyId: fillText(aws['access-key'], lookup),
    secretAccessKey: fillText(aws['secret-key'], lookup),
    ...(token === undefined ? {} : { sessionToken: fillText(token, lookup) }),
  };
}

/** What of a step is secret because it proves who asks. */
export function provingSecrets(step: HttpStep, lookup: Lookup): string[] {
  const key = step.hmac && fillText(step.hmac.key, lookup);
  return [...(credentialsOf(step, lookup)?.secrets ?? []), ...(key === undefined ? [] : [key])];
}

/** What a step proves with who asks: the header authorization, and the texts that are secret of it. */
function credentialsOf(
  { 'basic-auth': basic, bearer }: HttpStep,
  lookup: Lookup,
): { header: string; secrets: string[] } | undefined {
  if (bearer !== undefined) {
    const token = fillText(bearer, lookup);
    if (!/^[\x21-\x7E]+$/.test(token))
      throw new UnresolvedError('the token of bearer is empty, or has characters that no header may have');
    return { header: `Bearer ${token}`, secrets: [token] };
  }
  if (!basic) return undefined;
  const user = fillText(basic.user, lookup);
  const password = fillText(basic.password, lookup);
  if (user.includes(':')) throw new UnresolvedError('the user of basic-auth has a colon in it');
  const sent = Buffer.from(`${user}:${password}`).toString('base64');
  return { header: `Basic ${sent}`, secrets: [password, sent] };
}

function addressOf(step: HttpStep, baseUrl: string | undefined, lookup: Lookup): string {
  const url = parsed(addressBelow(step.url, baseUrl, lookup));
  if (!url) throw new UnresolvedError('the url is not an address');
  for (const [name, values] of Object.entries(step.query ?? {}))
    for (const value of [values].flat())
      url.searchParams.append(fillText(name, lookup), fillText(value, lookup));
  return url.href;
}

/** An address with its references filled in, below the base address where it is a path. */
export function addressBelow(written: string, baseUrl: string | undefined, lookup: Lookup): string {
  const url = fillText(written, lookup);
  return isRelative(url) ? joinUrl(baseUrl, url) : url;
}

/** Whether a url is a path below the base address. */
export function isRelative(url: string): boolean {
  return url.startsWith('/');
}

function joinUrl(baseUrl: string | undefined, path: string): string {
  if (baseUrl === undefined) throw new UnresolvedError('the url is relative and there is no base-url');
  return `${baseUrl.replace(/\/+$/, '')}${path}`;
}

function bodyOf(
  step: HttpStep,
  lookup: Lookup,
  files: SentFiles,
): { body?: string | Uint8Array; type?: string } {
  if (step.json !== undefined)
    return { body: JSON.stringify(fillValue(step.json, lookup)), type: 'application/json' };
  if (step.graphql) {
    const { query, variables, 'operation-name': operationName } = step.graphql;
    const filled = variables && fillValue(variables, lookup);
    return { body: JSON.stringify({ query, variables: filled, operationName }), type: 'application/json' };
  }
  if (step.form) {
    const body = new URLSearchParams(fillTexts(step.form, lookup)).toString();
    return { body, type: 'application/x-www-form-urlencoded' };
  }
  if (step['body-file'] !== undefined) {
    const body = files.get(step);
    if (body === undefined) throw new UnresolvedError(`the file ${step['body-file']} was not read`);
    return { body };
  }
  if (step.multipart) return multipartBody(step.multipart.map((part) => partOf(part, lookup, files)));
  return step.body === undefined ? {} : { body: fillText(step.body, lookup) };
}

function partOf(
  part: NonNullable<HttpStep['multipart']>[number],
  lookup: Lookup,
  files: SentFiles,
): FormPart {
  const { name, value, file, filename, type } = part;
  const content = file === undefined ? fillText(value ?? '', lookup) : files.get(part);
  if (content === undefined) throw new UnresolvedError(`the file ${file} was not read`);
  const shown = filename ?? file?.split('/').at(-1);
  return {
    name: fillText(name, lookup),
    content,
    ...(shown === undefined ? {} : { filename: fillText(shown, lookup) }),
    ...(type === undefined ? {} : { type: fillText(type, lookup) }),
  };
}

/** Method and address as shown to people; the caller redacts it. */
export function requestLine(request: Pick<HttpProbeStep, 'method' | 'url'>): string {
  return `${request.method} ${withoutUser(request.url)}`;
}
