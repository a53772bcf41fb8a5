import { isCount } from '../counters.js';
import type { PromSeries } from './prometheus-api.js';

/** What is known of counters so far: the last point of each series, and by target when it was last scraped. */
export interface Counted {
  series: ReadonlyMap<string, { at: number; value: number; target: string }>;
  targets: ReadonlyMap<string, number>;
  /** Targets whose series vanished at their last scrape: where it happens again, they come and go. */
  churned: ReadonlySet<string>;
}

export const nothingCounted: Counted = { series: new Map(), targets: new Map(), churned: new Set() };

/** The target of a series, and what tells it from others. */
export const targetOf = (labels: PromSeries['labels']) =>
  JSON.stringify([labels['instance'] ?? '', labels['pod'] ?? '', labels['job'] ?? '']);

/**
 * From which scrape on (epoch ms) another process answers for a target: `zero`, it began after the scrape before, so all
 * that it shows was counted since; `here`, what it counted before is not known.
 */
export interface Break {
  at: number;
  from: 'zero' | 'here';
}

/** How much each series grew, in the order they came; series that cannot be counters are an error. */
export type Growth =
  | {
      ok: true;
      counted: Counted;
      grown: number[];
      newest: number | undefined;
      /** A series that fell, and its values then: its process began again, or another one answered the scrape. */
      fell: { labels: PromSeries['labels']; at: number; was: number; is: number } | undefined;
    }
  | { ok: false; why: string };

/**
 * What counters grew by since they were last seen, from their raw points. Of a target that was not seen before, points
 * up to `from` (epoch milliseconds) are only what counting starts from. A value that falls began again at 0. A series
 * that is new in a target that was scraped before began at 0, unless another one of that target vanished at the same
 * time: then it was renamed, unless series come and go at every scrape. Of a target that is new itself, nothing is known
 * before its first point.
 */
export function growth(
  before: Counted,
  series: readonly PromSeries[],
  from: number,
  breaks: ReadonlyMap<string, readonly Break[]> = new Map(),
): Growth {
  const read = series.map(({ labels, points }) => ({
    labels,
    key: JSON.stringify(Object.entries(labels).sort()),
    target: targetOf(labels),
    points,
  }));
  for (const { key, points } of read) {
    const wrong = points.find(({ value }) => !isCount(value));
    if (wrong) return { ok: false, why: `${key} is ${wrong.value}, which no counter can be` };
  }
  // A scrape is known some time after its instant, so looks are told apart by the scrapes that they saw.
  const seenTo = (target: string) => before.targets.get(target) ?? from;
  const bases = new Map(before.series);
  for (const { key, target, points } of read) {
    const base = bases.has(key) ? undefined : points.findLast(({ at }) => at <= seenTo(target));
    if (base) bases.set(key, { ...base, target });
  }
  const scraped = new Map(before.targets);
  for (const { at, target } of bases.values()) scraped.set(target, Math.max(scraped.get(target) ?? 0, at));
  const fresh = new Set(
    read
      .filter(({ key, points }) => (points.at(-1)?.at ?? 0) > (bases.get(key)?.at ?? 0))
      .map(({ key }) => key),
  );
  const vanished = new Set(
    [...bases]
      .filter(([key, { at, target }]) => at === scraped.get(target) && !fresh.has(key))
      .map(([, { target }]) => target),
  );

  const after = new Map(bases);
  let fell: Extract<Growth, { ok: true }>['fell'];
  const grown = read.map(({ labels, key, target, points }) => {
    const base = bases.get(key);
    const later = points.filter(({ at }) => at > (base?.at ?? seenTo(target)));
    const beganAtZero = scraped.has(target) && (!vanished.has(target) || before.churned.has(target));
    let last = base?.value ?? (beganAtZero ? 0 : later[0]?.value);
    let lastAt = base?.at ?? seenTo(target);
    let sum = 0;
    for (const { at, value } of later) {
      if (value < last!) fell = { labels, at, was: last!, is: value };
      const other = breaks.get(target)?.find((one) => one.at > lastAt && one.at <= at);
      if (other) sum += other.from === 'zero' ? value : 0;
      else sum += value < last! ? value : value - last!;
      last = value;
      lastAt = at;
      after.set(key, { at, value, target });
    }
    return sum;
  });
  const targets = new Map(scraped);
  for (const { at, target } of after.values()) targets.set(target, Math.max(targets.get(target) ?? 0, at));
  const scrapedNow = new Set(read.filter(({ key }) => fresh.has(key)).map(({ target }) => target));
  const churned = new Set(
    [...before.churned, ...vanished].filter((target) =>
      scrapedNow.has(target) ? vanished.has(target) : before.churned.has(target),
    ),
  );
  const ats = read.flatMap(({ points }) => points.slice(-1).map(({ at }) => at));
  return {
    ok: true,
    counted: { series: after, targets, churned },
    grown,
    newest: ats.length > 0 ? Math.max(...ats) : undefined,
    fell,
  };
}
