/** Rounded steps from 0 to at least `max`: 1, 2 or 5 times a power of ten, at most `most` of them above 0. */
export function ticksTo(max: number, most = 4, whole = false): number[] {
  if (!(max > 0) || !Number.isFinite(max)) return [0, 1];
  const rough = max / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * (1 - 1e-9))!,
    whole ? 1 : 0,
  );
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** Maps a value to a coordinate. */
export type Scale = (value: number) => number;

/** A straight scale from [0, max] to [bottom, top]. */
export function linear(max: number, bottom: number, top: number): Scale {
  return (value) => round(bottom - (Math.max(0, value) / (max || 1)) * (bottom - top));
}

/** Coordinates need no more than a tenth of a unit. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Which of `count` labels are shown, evenly and always the last, so that at most `most` are. */
export function shownLabels(count: number, most: number): Set<number> {
  const every = Math.max(1, Math.ceil(count / most));
  return new Set(Array.from({ length: count }, (_, i) => i).filter((i) => (count - 1 - i) % every === 0));
}
