import type { Criterion, Measurement, Phase, Plan, Sample, Tick } from '../contracts/analysis-report.js';
import { formatDuration } from '../time/duration.js';
import { add, assess, emptyTally, type Tally } from './assess.js';
import { measure } from './measure.js';

/** A watch under way, as data: what was seen so far and what it came to. */
export interface Course {
  plan: Plan;
  /** Epoch milliseconds of the first look; the warm-up and the watch count from here. */
  startedAt: number;
  samples: Readonly<Record<string, readonly Sample[]>>;
  tallies: Readonly<Record<string, Tally>>;
  /** By criterion: measurements that rested on requests, not on what no data is said to mean. */
  withData: Readonly<Record<string, number>>;
  latest: Readonly<Record<string, Measurement>>;
}

/** What the watch comes to: to go on, or its verdict. */
export type Decision =
  | { is: 'continue' }
  | { is: 'failed'; criterion: string; message: string }
  | { is: 'healthy'; message: string }
  | { is: 'inconclusive'; message: string };

export function startCourse(plan: Plan, startedAt: number): Course {
  const each = <T>(value: T) => Object.fromEntries(plan.criteria.map(({ name }) => [name, value]));
  return { plan, startedAt, samples: {}, tallies: each(emptyTally), withData: each(0), latest: {} };
}

/** Takes in one look at the sources; during the warm-up nothing is measured. */
export function advance(course: Course, tick: Tick): { course: Course; measurements: Measurement[] } {
  const { plan, startedAt } = course;
  const since = startedAt + plan.warmUpMs;
  const longest = Math.max(...plan.criteria.map(({ forMs }) => forMs));
  const samples = { ...course.samples };
  for (const [source, reading] of Object.entries(tick.readings)) {
    const fresh = reading.is === 'data' ? reading.samples : [];
    samples[source] = [...(samples[source] ?? []), ...fresh].filter(({ to }) => to > tick.at - 2 * longest);
  }
  if (tick.at <= since) return { course: { ...course, samples }, measurements: [] };

  const measurements = plan.criteria.map((criterion) => {
    const reading = tick.readings[criterion.source] ?? { is: 'error', message: 'the source was not asked' };
    return measure(criterion, reading, samples[criterion.source] ?? [], since, tick.at);
  });
  const tallies = { ...course.tallies };
  const withData = { ...course.withData };
  const least = new Map(plan.criteria.map(({ name, minRequests }) => [name, minRequests]));
  for (const { criterion, phase, rate, requests } of measurements) {
    tallies[criterion] = add(tallies[criterion] ?? emptyTally, phase);
    const enough = rate !== undefined && requests >= (least.get(criterion) ?? 1);
    if (phase === 'Successful' && enough) withData[criterion] = (withData[criterion] ?? 0) + 1;
  }
  const latest = Object.fromEntries(measurements.map((measurement) => [measurement.criterion, measurement]));
  return { course: { ...course, samples, tallies, withData, latest }, measurements };
}

/**
 * Whether to go on at an instant. A failure decides at once. A criterion over another limit is not measured in vain: it may still fail, only health is
 * out of reach. The end of the watch waits for what is open (a bad rate that has not lasted long enough, an error within its limit), for a bounded time.
 */
export function decide(course: Course, at: number): Decision {
  const { plan, startedAt, tallies, latest } = course;
  const phases = plan.criteria.map((criterion) => ({
    criterion,
    phase: assess(criterion, tallies[criterion.name] ?? emptyTally),
    last: latest[criterion.name]?.phase ?? 'Pending',
    message: latest[criterion.name]?.message ?? 'never measured',
  }));
  const failed = phases.find(({ phase }) => phase === 'Failed');
  if (failed) return { is: 'failed', criterion: failed.criterion.name, message: failed.message };

  const over = phases.filter(({ phase }) => phase === 'Error' || phase === 'Inconclusive');
  if (over.length === phases.length) return inconclusive(over);
  const end = startedAt + plan.watchMs;
  if (at < end) return { is: 'continue' };

  const open = phases.filter(({ last }) => isOpen(last));
  if (open.length > 0 && at < end + longestExtension(plan)) return { is: 'continue' };
  const unsettled = phases.filter(({ phase, last }) => phase !== 'Running' || last !== 'Successful');
  if (unsettled.length > 0) return inconclusive(unsettled);
  if (plan.criteria.every(({ name }) => (course.withData[name] ?? 0) === 0)) {
    return {
      is: 'inconclusive',
      message: 'no criterion was ever measured on data, so nothing says that the release is well',
    };
  }
  return {
    is: 'healthy',
    message: `${plan.criteria.length === 1 ? 'The criterion' : `All ${plan.criteria.length} criteria`} held for ${formatDuration(at - startedAt)}`,
  };
}

/** The longest that a watch goes on after its time, in milliseconds. */
export function longestExtension({ criteria, intervalMs }: Plan): number {
  return Math.max(
    ...criteria.map(({ forMs, maxConsecutiveErrors }) =>
      Math.max(forMs + intervalMs, (maxConsecutiveErrors + 1) * intervalMs),
    ),
  );
}

function isOpen(last: Phase): boolean {
  return last === 'Running' || last === 'Pending' || last === 'Error';
}

function inconclusive(reasons: readonly { criterion: Criterion; last: Phase; message: string }[]): Decision {
  return {
    is: 'inconclusive',
    message: reasons
      .map(({ criterion, last, message }) => `${criterion.name} is ${last.toLowerCase()}: ${message}`)
      .join('; '),
  };
}

/** The verdict of a finished watch, from what it saw alone: the same as it was then. */
export function replay(
  plan: Plan,
  startedAt: number,
  ticks: readonly Tick[],
): { decision: Decision; measurements: Measurement[][] } {
  let course = startCourse(plan, startedAt);
  let decision: Decision = { is: 'continue' };
  const all: Measurement[][] = [];
  for (const tick of ticks) {
    const step = advance(course, tick);
    course = step.course;
    all.push(step.measurements);
    decision = decide(course, tick.at);
    if (decision.is !== 'continue') break;
  }
  return { decision, measurements: all };
}
