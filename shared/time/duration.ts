const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A duration as text: numbers with units without blanks between, or 0. */
export const durationPattern = /^\s*((\d+(\.\d+)?(ms|s|m|h|d|w))+|0)\s*$/;

/** What a duration may look like, for error messages. */
export const durationForm = 'a duration such as 500ms, 30s, 5m, 1h30m, 2d or 1w';

/**
 * Milliseconds of a duration such as `1h30m`; undefined when the text is none. A bare number is refused: its unit would
 * be a guess.
 */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(amount) * unitMs[unit as keyof typeof unitMs];
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}

/** A duration for people: at most two units, milliseconds only below ten seconds. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.round(Math.abs(milliseconds));
  const sign = milliseconds < 0 ? '-' : '';
  if (ms < 1_000) return `${sign}${ms} ms`;
  if (ms < 10_000) return `${sign}${(ms / 1_000).toFixed(1)} s`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1_000);
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    const whole = Math.floor(rest / seconds);
    rest -= whole * seconds;
    if (whole > 0 && parts.length < 2) parts.push(`${whole} ${unit}`);
    else if (parts.length > 0) break;
  }
  return sign + parts.join(' ');
}
