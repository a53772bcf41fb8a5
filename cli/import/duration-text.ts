/** A duration as a suite reads it, without rounding. */
export function formatExact(milliseconds: number): string {
  return milliseconds % 1_000 === 0 ? `${milliseconds / 1_000}s` : `${milliseconds}ms`;
}
