import type { HttpProbeStep } from '../../shared/probes/http.js';
import { fillText, fillTexts, fillValue, UnresolvedError, type Lookup } from './interpolate.js';
import type { HttpStep } from './suite-schema.js';

/** The request of a step with every reference filled in; throws UnresolvedError when that cannot be done. */
export function buildRequest(step: HttpStep, baseUrl: string | undefined, lookup: Lookup): HttpProbeStep {
  const given = fillTexts(step.headers ?? {}, lookup);
  const { body, type } = bodyOf(step, lookup);
  const hasType = Object.keys(given).some((name) => name.toLowerCase() === 'content-type');
  return {
    method: step.method,
    url: addressOf(step, baseUrl, lookup),
    headers: type && !hasType ? { ...given, 'content-type': type } : given,
    ...(body === undefined ? {} : { body }),
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

function bodyOf(step: HttpStep, lookup: Lookup): { body?: string; type?: string } {
  if (step.json !== undefined)
    return { body: JSON.stringify(fillValue(step.json, lookup)), type: 'application/json' };
  if (step.form) {
    const body = new URLSearchParams(fillTexts(step.form, lookup)).toString();
    return { body, type: 'application/x-www-form-urlencoded' };
  }
  return step.body === undefined ? {} : { body: fillText(step.body, lookup) };
}

/** Method and address as shown to people; the caller redacts it. */
export function requestLine(request: Pick<HttpProbeStep, 'method' | 'url'>): string {
  return `${request.method} ${request.url.replace(/^(https?:\/\/)[^/@]*@/, '$1')}`;
}
