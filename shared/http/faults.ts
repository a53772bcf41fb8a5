import { ForbiddenAddressError } from './connect/addresses.js';
import type { HttpFault } from './types.js';

/** A failure whose kind is already known where it is found. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  constructor(
    readonly kind: HttpFault['kind'],
    message: string,
  ) {
    super(message);
  }
}

const kindsByCode: readonly (readonly [RegExp, HttpFault['kind']])[] = [
  [/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/, 'dns'],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN)/, 'refused'],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)/, 'reset'],
  [/^ETIMEDOUT/, 'timeout'],
  [
    /^(CERT_|CRL_|ERR_TLS|ERR_SSL|EPROTO|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ERROR_IN_)/,
    'tls',
  ],
];

/**
 * Says what an error of node's network stack means, and to which address it happened; query and credentials of the URL
 * are left out.
 */
export function classify(error: unknown, method: string, url: URL): HttpFault {
  return faultOf(error, `${method} ${safeAddress(url)}`);
}

/** Says what an error of node's network stack means; `where` is what was tried, without secrets. */
export function faultOf(error: unknown, where: string): HttpFault {
  if (error instanceof HttpFailure) return { kind: error.kind, message: `${where}: ${error.message}` };
  if (error instanceof ForbiddenAddressError) {
    return { kind: 'forbidden-address', message: `${where}: ${error.message}, ${metadataReason}` };
  }
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const kind = kindsByCode.find(([pattern]) => pattern.test(code))?.[1] ?? 'protocol';
  const text = message || (error instanceof AggregateError ? String(error.errors[0]) : 'failed');
  return { kind, message: `${where}: ${text}${code && !text.includes(code) ? ` (${code})` : ''}` };
}

/** Why metadata addresses are refused, for messages. */
export const metadataReason = 'an address that hands out cloud credentials; it is never contacted';

/** Origin and path of a URL: what can be shown without showing tokens in queries or credentials. */
export function safeAddress(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
