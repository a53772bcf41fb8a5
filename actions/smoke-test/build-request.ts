import type { HttpProbeStep } from '../../shared/probes/http.js';
import type { HttpStep } from './http-schema.js';
import { fillText, fillTexts, fillValue, UnresolvedError, type Lookup } from './interpolate.js';
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
  const given = fillTexts(step.headers ?? {}, lookup);
  const { body, type } = bodyOf(step, lookup, files);
  const hasType = Object.keys(given).some((name) => name.toLowerCase() === 'content-type');
  const identity = step['client-certificate'];
  return {
    method: step.method ?? (step.graphql ? 'POST' : 'GET'),
    url: addressOf(step, baseUrl, lookup),
    headers: type && !hasType ? { ...given, 'content-type': type } : given,
    ...(body === undefined ? {} : { body }),
    ...(identity ? { clientCertificate: fillTexts(identity, lookup) as typeof identity } : {}),
    maxRedirects: step.redirects,
    maxBodyBytes: step['max-bytes'],
    freshConnection: step['fresh-connection'],
  };
}

function addressOf(step: HttpStep, baseUrl: string | undefined, lookup: Lookup): string {
  const written = fillText(step.url, lookup);
  const absolute = isRelative(written) ? joinUrl(baseUrl, written) : written;
  if (!URL.canParse(absolute)) throw new UnresolvedError('the url is not an address');
  const url = new URL(absolute);
  for (const [name, value] of Object.entries(fillTexts(step.query ?? {}, lookup)))
    url.searchParams.append(name, value);
  return url.href;
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
  return `${request.method} ${request.url.replace(/^(https?:\/\/)[^/@]*@/, '$1')}`;
}
