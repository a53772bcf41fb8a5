import { retryAfter } from '../../http/retry-after.js';
import type { HttpClient, HttpResult } from '../../http/types.js';
import type { Clock } from '../../time/clock.js';

/** No server is left unasked for longer than this (ms), whatever it says: its word alone must not end a watch. */
const longest = 300_000;

/**
 * A client that does as it is told by `Retry-After`: after 429 or 503 with it, that server is not asked again until
 * then, and every question meanwhile has the same answer.
 */
export function considerate(http: HttpClient, clock: Pick<Clock, 'now'>): HttpClient {
  const refused = new Map<string, { until: number; result: HttpResult }>();
  return {
    async send(request) {
      const origin = URL.canParse(request.url) ? new URL(request.url).origin : request.url;
      const known = refused.get(origin);
      if (known && clock.now() < known.until) return known.result;
      refused.delete(origin);
      const result = await http.send(request);
      if (!result.ok || ![429, 503].includes(result.response.status)) return result;
      const now = clock.now();
      const asked = retryAfter(result.response.headers['retry-after']?.[0], now);
      if (asked !== undefined) refused.set(origin, { until: now + Math.min(asked, longest), result });
      return result;
    },
    close: () => http.close(),
  };
}
