/** How a figure stands against the window before. */
export interface Change {
  change: string;
  /** Undefined where nothing can be compared, or nothing changed. */
  better: boolean | undefined;
}

/** Smaller shifts than this share of the value before are called the same. */
const noticeable = 0.05;

/** Compares a value with the one of the window before; `good` says whether less or more of it is better. */
export function changeOf(
  now: number | null,
  before: number | null | undefined,
  good: 'less' | 'more',
  say: (value: number) => string,
): Change {
  if (now === null || before === null || before === undefined) return { change: '', better: undefined };
  const was = `was ${say(before)}`;
  if (now === before || Math.abs(now - before) <= noticeable * Math.abs(before))
    return { change: `about the same (${was})`, better: undefined };
  const better = good === 'less' ? now < before : now > before;
  return { change: `${better ? 'better' : 'worse'}: ${was} in the window before`, better };
}
