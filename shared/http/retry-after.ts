import { parseHttpDate } from '../time/instant.js';

/**
 * Milliseconds that a Retry-After header asks for: seconds or an HTTP date (RFC 9110 §10.2.3); undefined when it is
 * neither. `now` is epoch milliseconds.
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = parseHttpDate(header);
  return at === undefined ? undefined : Math.max(0, at - now);
}
