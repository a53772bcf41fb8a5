/** Milliseconds since the epoch as an ISO 8601 instant in UTC, to the millisecond. */
export function isoInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** The epoch milliseconds of an ISO 8601 instant, or undefined when the text is none or names no offset. */
export function parseInstant(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  // Date.parse takes 30 February for 2 March.
  const day = Date.parse(`${text.slice(0, 10)}T00:00Z`);
  if (Number.isNaN(day) || isoInstant(day).slice(0, 10) !== text.slice(0, 10)) return undefined;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/**
 * The epoch milliseconds of an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT`, or undefined when the text is none.
 */
export function parseHttpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text.trim())) return undefined;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
