import type { Criterion, Sample } from '../../contracts/reports/analysis-report.js';
import { countIn, type Count } from './rate.js';

/** Requests that are judged together: those of one value of a label, or several that are too few by themselves. */
export interface Part<T> {
  /** The value; undefined for several together. */
  group: string | undefined;
  of: T;
}

/** The parts to judge, and what is left out or together, in words. */
export interface Split<T> {
  parts: Part<T>[];
  note: string | undefined;
}

type Rule = Pick<Criterion, 'by' | 'minRequests'>;

/**
 * Splits samples by the values of a label: a value with enough requests in the window is judged by itself, the others
 * together. Others that are too few even together are left out as long as there is a value to judge.
 */
export function splitSamples(
  rule: Rule,
  samples: readonly Sample[],
  window: { from: number; to: number },
): Split<readonly Sample[]> {
  const { by } = rule;
  if (by === undefined) return { parts: [{ group: undefined, of: samples }], note: undefined };
  const values = new Set(
    samples.flatMap(({ groups = [] }) =>
      groups.filter(({ label }) => label === by).map(({ value }) => value),
    ),
  );
  const only = (wanted: ReadonlySet<string>) => samples.map((sample) => ofValues(sample, by, wanted));
  const counts = new Map([...values].map((value) => [value, countIn(only(new Set([value])), window)]));
  return splitCounts({ by, minRequests: rule.minRequests }, counts, only);
}

/** The same for counts of a whole time; `only` gives what belongs to some of the values. */
export function splitCounts<T>(
  { by, minRequests }: { by: string; minRequests: number },
  counts: ReadonlyMap<string, Count>,
  only: (values: ReadonlySet<string>) => T,
): Split<T> {
  const seen = [...counts].filter(([, { requests }]) => requests > 0);
  const alone = seen.filter(([, { requests }]) => requests >= minRequests).map(([value]) => value);
  const few = seen.filter(([, { requests }]) => requests < minRequests);
  const others = only(new Set(few.map(([value]) => value)));
  const requests = Math.floor(few.reduce((sum, [, count]) => sum + count.requests, 0));
  const parts: Part<T>[] = alone.map((value) => ({ group: value, of: only(new Set([value])) }));
  if (alone.length === 0) {
    const note = `no ${by} has ${minRequests} requests by itself, so all ${few.length} are judged together`;
    return { parts: [{ group: undefined, of: others }], note: few.length > 0 ? note : undefined };
  }
  const each = `judged ${alone.length} of ${seen.length} values of ${by} each`;
  if (few.length === 0) return { parts, note: each };
  if (requests < minRequests) return { parts, note: `${each}; the others had ${requests} requests together` };
  return { parts: [...parts, { group: undefined, of: others }], note: `${each}, the others together` };
}

/** What a sample has of some values of a label. */
export function ofValues(sample: Sample, by: string, wanted: ReadonlySet<string>): Sample {
  const groups = (sample.groups ?? []).filter(({ label, value }) => label === by && wanted.has(value));
  return {
    from: sample.from,
    to: sample.to,
    requests: groups.reduce((sum, { requests }) => sum + requests, 0),
    errors: groups.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/** A value of a label for messages: it comes from the application. */
export function describeGroup(by: string, value: string | undefined): string {
  if (value === undefined) return `the other values of ${by}`;
  return value === ''
    ? `no ${by}`
    : `${by} ${JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)}`;
}
