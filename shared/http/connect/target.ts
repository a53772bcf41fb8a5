import type { RequestOptions } from 'node:http';
import { HttpFailure } from '../faults.js';

/** A URL, or undefined when the text is none. */
export function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Where node's `request` goes for this URL. */
export function target(url: URL): RequestOptions {
  return {
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: `${url.pathname}${url.search}`,
  };
}

/** What a proxy wants to see of us; throws HttpFailure as `credentialsOf` does. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  const credentials = credentialsOf(proxy, "the proxy's address");
  return credentials === undefined ? {} : { 'proxy-authorization': credentials };
}

/**
 * User and password of a URL as a header's value, if it has any; throws HttpFailure when they are not percent-encoded
 * as they must be.
 */
export function credentialsOf(url: URL, whose: string): string | undefined {
  if (!url.username && !url.password) return undefined;
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  } catch {
    throw new HttpFailure(
      'protocol',
      `the user or password of ${whose} is not percent-encoded (a % in it is written %25)`,
    );
  }
}
