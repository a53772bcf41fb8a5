import type {
  Contained,
  Containment,
  Criterion,
  Reading,
  Sample,
  Tick,
} from '../contracts/reports/analysis-report.js';
import { describeCondition, holds, percent } from './condition.js';
import { failCondition } from './fail-condition.js';
import { rateInterval } from './statistics/interval.js';
import { isCounted } from './measure.js';
import { countIn, rateOf, type Count } from './statistics/rate.js';
import { describeGroup, ofValues } from './statistics/split.js';
import { holdsSurely } from './sustained.js';

/** Whom a failure meets: a few, who can be taken out by themselves, or everybody. */
export type Scope = { is: 'few'; values: string[]; message: string } | { is: 'everybody'; message: string };

/** What of a course tells whom a failure meets. */
interface Seen {
  samples: readonly Sample[];
  /** Values that were contained before. */
  contained: readonly string[];
  /** What was before this instant is not looked at (epoch ms), and when it is judged. */
  since: number;
  at: number;
}

/**
 * A value that is handed to an executable and shown to people: it comes from the application, so it must be a plain
 * name.
 */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,99}$/;

/**
 * What applications write where they do not know whose a request is. A request that fails before that is known is
 * counted there, whoever made it: all of a failure can stand under such a name.
 */
const nobody = new Set(
  'all anonymous any default error guest invalid missing n.a na nil no-tenant none null other others public system undefined unknown unset'.split(
    ' ',
  ),
);

/** The largest share of all requests that may be of those who are taken out. */
const mostRequests = 0.5;

/** Values with a smaller part of what each failing one made on average do not make the share smaller. */
const leastPart = 0.02;

/**
 * Whom the failure of a criterion meets. It is confined to a few when each of those surely fails by itself, and
 * everybody else together, who must have made enough requests to tell, is surely within the bound. Everything that is
 * not surely so is everybody.
 */
export function scopeOf(rule: Containment, criterion: Criterion, seen: Seen): Scope {
  const { by, atMost, share } = rule;
  const everybody = (why: string): Scope => ({ is: 'everybody', message: `not contained: ${why}` });
  if (criterion.source !== rule.source || !isCounted(criterion))
    return everybody(`${criterion.name} does not count the requests of ${rule.source}`);
  const window = { from: Math.max(seen.since, seen.at - criterion.forMs), to: seen.at };
  const samples = seen.samples.filter(({ from }) => from >= seen.since);
  const counts = countsBy(by, samples, window);
  if (counts.size === 0) return everybody(`no request has the label ${by}`);

  const fail = failCondition(criterion);
  const failing = [...counts].filter(([, count]) => {
    const rate = rateOf(count);
    const interval = rateInterval(count, criterion.confidence, counts.size);
    return rate !== undefined && holds(fail, rate) && holdsSurely(fail, interval, rate);
  });
  const values = failing.map(([value]) => value);
  if (values.length === 0) return everybody(`no value of ${by} surely fails by itself`);
  const strange = values.find((value) => !plainName.test(value));
  if (strange !== undefined) return everybody(`${describeGroup(by, strange)} is no plain name`);
  const unnamed = values.find((value) => nobody.has(value.toLowerCase()));
  if (unnamed !== undefined)
    return everybody(`${describeGroup(by, unnamed)} names nobody: their requests may be anybody's`);
  const out = values.length + seen.contained.length;
  if (out > atMost) return everybody(`${out} values of ${by} fail or failed, and at most ${atMost} may`);
  const theirs = sum(failing, 'requests');
  const counted = [...counts.values()].filter(
    ({ requests }) => requests >= (leastPart * theirs) / values.length,
  ).length;
  const all = Math.max(counted, values.length) + seen.contained.length;
  if (out / all > share)
    return everybody(
      `${out} of ${all} values of ${by}${counted < counts.size ? ' with requests to speak of' : ''} fail or failed, which is more than ${percent(share)}`,
    );

  const whole = countIn(samples, window);
  const rest = {
    requests: whole.requests - theirs,
    errors: Math.max(0, whole.errors - sum(failing, 'errors')),
  };
  const rate = rateOf(rest);
  if (rate === undefined || rest.requests < Math.max(1, criterion.minRequests))
    return everybody(
      `everybody else made ${Math.max(0, Math.floor(rest.requests))} requests, too few to know that they are well`,
    );
  if (theirs > mostRequests * whole.requests)
    return everybody(
      `they made ${percent(theirs / whole.requests)} of all requests, and at most ${percent(mostRequests)} may be taken out`,
    );
  if (holds(fail, rate))
    return everybody(`without them ${percent(rate, fail.value)} fail too (${describeCondition(fail)})`);
  const { high } = rateInterval(rest, criterion.confidence);
  if (holds(fail, high))
    return everybody(
      `everybody else made ${Math.floor(rest.requests)} requests, of which ${Math.round(rest.errors)} failed: up to ${percent(high, fail.value)} may fail (${percent(criterion.confidence)} sure), which is too many`,
    );
  return {
    is: 'few',
    values,
    message: `${failing.map(([value, count]) => `${describeGroup(by, value)} (${Math.round(count.errors)} of ${Math.round(count.requests)} failed)`).join(', ')} of ${all} values; everybody else is well: ${Math.round(rest.errors)} of ${Math.round(rest.requests)} failed`,
  };
}

function countsBy(by: string, samples: readonly Sample[], window: { from: number; to: number }) {
  const values = new Set(
    samples.flatMap(({ groups = [] }) =>
      groups.filter(({ label }) => label === by).map(({ value }) => value),
    ),
  );
  const counts = new Map<string, Count>();
  for (const value of values) {
    const count = countIn(
      samples.map((sample) => ofValues(sample, by, new Set([value]))),
      window,
    );
    if (count.requests > 0) counts.set(value, count);
  }
  return counts;
}

const sum = (counts: readonly (readonly [string, Count])[], key: keyof Count) =>
  counts.reduce((total, [, count]) => total + count[key], 0);

/** What happened to those who were contained since they were. */
export function sinceContained(
  { source, by }: Pick<Containment, 'source' | 'by'>,
  contained: readonly Contained[],
  ticks: readonly Tick[],
): Count {
  const total: Count = { requests: 0, errors: 0 };
  for (const { at, values } of contained) {
    const samples = ticks.flatMap(({ readings }) => {
      const reading = readings[source];
      return reading?.is === 'data' ? reading.samples.filter(({ from }) => from >= at) : [];
    });
    for (const sample of samples) {
      const { requests, errors } = ofValues(sample, by, new Set(values));
      total.requests += requests;
      total.errors += errors;
    }
  }
  return total;
}

/** A look without what is contained: it is somebody's task by now, and not the release's. */
export function without(
  reading: Reading | undefined,
  by: string,
  contained: readonly string[],
): Reading | undefined {
  if (reading?.is !== 'data' || contained.length === 0) return reading;
  const out = new Set(contained);
  const samples = reading.samples.map((sample): Sample => {
    const theirs = ofValues(sample, by, out);
    const groups = sample.groups?.filter(({ label, value }) => label !== by || !out.has(value));
    return {
      ...sample,
      requests: Math.max(0, sample.requests - theirs.requests),
      errors: Math.max(0, sample.errors - theirs.errors),
      ...(groups ? { groups } : {}),
    };
  });
  return { ...reading, samples };
}
