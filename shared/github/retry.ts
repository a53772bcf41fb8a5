/** What one try of a call ended in; `retryAfterMs` is GitHub's own word on when to come back. */
export interface Refused {
  status: number;
  retryAfterMs?: number;
  secondaryLimit: boolean;
}

/** Waits this long at most for a limit to pass; a release does not stand still for an hour. */
const longestWaitMs = 60_000;

/**
 * Milliseconds until the next try, or undefined to give up. A call that may have been carried out (a write without an
 * answer) is not repeated; one that GitHub refused for its limits was not carried out and is.
 */
export function waitBeforeRetry(
  refused: Refused,
  tries: number,
  repeatable: boolean,
  random: () => number,
): number | undefined {
  if (tries >= 5) return undefined;
  const limited = refused.status === 429 || refused.secondaryLimit;
  if (!limited && !(repeatable && (refused.status === 0 || refused.status >= 500))) return undefined;
  const backoff = Math.min(250 * 2 ** (tries - 1), 8_000) * (0.5 + random() / 2);
  const wait = refused.retryAfterMs ?? backoff;
  return wait <= longestWaitMs ? wait : undefined;
}

/** Reads GitHub's limit headers of a refusal. `nowMs` is the epoch time now. */
export function readLimits(
  status: number,
  headers: Readonly<Record<string, unknown>>,
  message: string,
  nowMs: number,
): Refused {
  const number = (name: string) => {
    const value = Number(headers[name]);
    return headers[name] !== undefined && Number.isFinite(value) ? value : undefined;
  };
  const retryAfter = number('retry-after');
  // A 5xx may come with a retry-after too; it is no refusal for limits, and the call may have been carried out.
  const refusal = status === 403 || status === 429;
  const exhausted = refusal && number('x-ratelimit-remaining') === 0;
  const reset = number('x-ratelimit-reset');
  const secondaryLimit =
    exhausted || (refusal && (retryAfter !== undefined || /rate limit|abuse detection/i.test(message)));
  const retryAfterMs =
    retryAfter !== undefined
      ? retryAfter * 1_000
      : exhausted && reset !== undefined
        ? Math.max(0, reset * 1_000 - nowMs)
        : undefined;
  return { status, secondaryLimit, ...(retryAfterMs !== undefined ? { retryAfterMs } : {}) };
}
