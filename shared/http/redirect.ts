import type { SentHeaders } from './types.js';

/** A request on its way; headers by lower-case name. */
export interface Hop {
  url: string;
  method: string;
  headers: SentHeaders;
  body: string | Uint8Array | undefined;
}

/**
 * The request a redirect asks for, or undefined when the response is none: 301, 302 and 303 ask for a GET, as curl,
 * Postman and (for POST) browsers have it, 307 and 308 for the same request. Another origin, plain http after https
 * included, gets neither the caller's headers nor the body: they were meant for the first.
 */
export function afterRedirect(
  hop: Hop,
  from: URL,
  status: number,
  location: string | undefined,
): Hop | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from.href);
  const becomesGet = status <= 303 && !['GET', 'HEAD'].includes(hop.method);
  const method = becomesGet ? 'GET' : hop.method;
  if (to.origin !== from.origin) return { url: to.href, method, headers: {}, body: undefined };
  if (!becomesGet) return { ...hop, url: to.href };
  const headers = Object.fromEntries(
    Object.entries(hop.headers).filter(([name]) => !name.startsWith('content-')),
  );
  return { url: to.href, method, headers, body: undefined };
}
