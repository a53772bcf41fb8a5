import type {
  Contained,
  Criterion,
  Measurement,
  Phase,
  Plan,
  Reading,
  Tick,
} from '../../contracts/reports/analysis-report.js';
import { formatDuration } from '../../time/duration.js';
import { add, assess, emptyTally, type Tally } from '../assess.js';
import { isCounted, measure, type Kept } from '../measure.js';
import { addTotals, noTotals, overall, type Totals } from '../overall.js';
import { scopeOf, without, type Scope } from '../scope.js';

/** A watch under way, as data: what was seen so far and what it came to. */
export interface Course {
  plan: Plan;
  /** Epoch milliseconds of the first look; the warm-up and the watch count from here. */
  startedAt: number;
  /** By source: what it gave lately. */
  kept: Readonly<Record<string, Kept>>;
  tallies: Readonly<Record<string, Tally>>;
  /** By criterion: what was seen since the end of the warm-up. */
  totals: Readonly<Record<string, Totals>>;
  /**
   * By criterion: looks at a whole window, and those of them that rested on requests, not on what no data is said to
   * mean.
   */
  looks: Readonly<Record<string, { all: number; withData: number }>>;
  latest: Readonly<Record<string, Measurement>>;
  /** Values of a label that were contained, and from when on everybody else is judged anew (epoch ms). */
  contained?: { values: readonly string[]; since: number };
}

/** What the watch comes to: to go on, or its verdict. */
export type Decision =
  | { is: 'continue' }
  | { is: 'failed'; criterion: string; message: string }
  | { is: 'healthy'; message: string }
  | { is: 'inconclusive'; message: string };

export function startCourse(plan: Plan, startedAt: number): Course {
  const each = <T>(value: T) => Object.fromEntries(plan.criteria.map(({ name }) => [name, value]));
  return {
    plan,
    startedAt,
    kept: {},
    totals: each(noTotals),
    tallies: each(emptyTally),
    looks: each({ all: 0, withData: 0 }),
    latest: {},
  };
}

/** Takes in one look at the sources; during the warm-up nothing is measured. */
export function advance(course: Course, seen: Tick): { course: Course; measurements: Measurement[] } {
  const { plan } = course;
  const tick = leaveOut(course, seen);
  const since = judgedSince(course);
  const { kept } = remember(course, tick);
  const totals = Object.fromEntries(
    plan.criteria.map((criterion) => {
      const known = course.totals[criterion.name] ?? noTotals;
      return [criterion.name, addTotals(known, criterion, tick.readings[criterion.source], since)];
    }),
  );
  if (tick.at <= since) return { course: { ...course, kept, totals }, measurements: [] };

  const measurements = plan.criteria.map((criterion) => {
    const reading = tick.readings[criterion.source] ?? { is: 'error', message: 'the source was not asked' };
    const seen = kept[criterion.source] ?? { samples: [], values: [] };
    return measure(criterion, reading, seen, { since, at: tick.at });
  });
  const tallies = { ...course.tallies };
  const looks = { ...course.looks };
  for (const [index, { criterion, phase, rate, value, requests }] of measurements.entries()) {
    tallies[criterion] = add(tallies[criterion] ?? emptyTally, phase);
    const { forMs, minRequests, source } = plan.criteria[index]!;
    if (tick.at - forMs < since) continue;
    const known = isCounted(plan.criteria[index]!) ? rate : value;
    const enough = tick.readings[source]?.is === 'data' && known !== undefined && requests >= minRequests;
    const { all, withData } = looks[criterion] ?? { all: 0, withData: 0 };
    looks[criterion] = { all: all + 1, withData: withData + (enough ? 1 : 0) };
  }
  const latest = Object.fromEntries(measurements.map((measurement) => [measurement.criterion, measurement]));
  return { course: { ...course, kept, totals, tallies, looks, latest }, measurements };
}

/** From when on is judged: the end of the warm-up, or the last time that somebody was contained. */
const judgedSince = ({ plan, startedAt, contained }: Course) =>
  Math.max(startedAt + plan.warmUpMs, contained?.since ?? 0);

/** A look without those who are contained. */
function leaveOut({ plan: { contain }, contained }: Course, tick: Tick): Tick {
  const reading =
    contain && contained && without(tick.readings[contain.source], contain.by, contained.values);
  return reading ? { ...tick, readings: { ...tick.readings, [contain!.source]: reading } } : tick;
}

/** Whom a failure meets, where the plan has a rule for that. */
export function scopeIn(course: Course, criterion: string, at: number): Scope | undefined {
  const { plan, kept, contained } = course;
  const failed = plan.criteria.find(({ name }) => name === criterion);
  if (!plan.contain || !failed) return undefined;
  return scopeOf(plan.contain, failed, {
    samples: kept[plan.contain.source]?.samples ?? [],
    contained: contained?.values ?? [],
    since: judgedSince(course),
    at,
  });
}

/** Whether what was seen says that a failure met just those whom a report says were contained for it. */
export function metOnly(course: Course, criterion: string, at: number, values: readonly string[]): boolean {
  const scope = scopeIn(course, criterion, at);
  return scope?.is === 'few' && [...scope.values].sort().join('\n') === [...values].sort().join('\n');
}

/** The course once some are contained: everybody else is judged anew from there, to the same end. */
export function containIn(
  { plan, startedAt, contained }: Course,
  values: readonly string[],
  at: number,
): Course {
  return {
    ...startCourse(plan, startedAt),
    contained: { values: [...(contained?.values ?? []), ...values], since: at },
  };
}

/** Takes in what the sources gave without judging it: later windows reach back to it. */
export function remember(course: Course, seen: Tick): Course {
  const tick = leaveOut(course, seen);
  const longest = longestWindow(course.plan);
  const kept = { ...course.kept };
  for (const [source, reading] of Object.entries(tick.readings))
    kept[source] = keep(kept[source], reading, tick.at - 2 * longest);
  return { ...course, kept };
}

const longestWindow = ({ criteria }: Plan) => Math.max(...criteria.map(({ forMs }) => forMs));

/** What is kept of a source: nothing that ended before `since`. */
function keep(known: Kept | undefined, reading: Reading, since: number): Kept {
  const fresh = reading.is === 'data' ? reading : { samples: [], values: [] };
  return {
    samples: [...(known?.samples ?? []), ...fresh.samples].filter(({ to }) => to > since),
    values: [...(known?.values ?? []), ...(fresh.values ?? [])].filter(({ to }) => to > since),
    control: ('control' in fresh ? fresh.control : undefined) ?? known?.control,
  };
}

/**
 * Whether to go on at an instant. A failure decides at once. A criterion over another limit is not measured in vain: it
 * may still fail, only health is out of reach. The end of the watch waits for what is open (a bad rate that has not
 * lasted long enough, an error within its limit), for a bounded time.
 */
export function decide(course: Course, at: number): Decision {
  const { plan, startedAt, tallies, latest, totals, looks } = course;
  const criteria = plan.criteria.filter(({ observe }) => !observe);
  const phases = criteria.map((criterion) => ({
    criterion,
    phase: assess(criterion, tallies[criterion.name] ?? emptyTally),
    last: latest[criterion.name]?.phase ?? 'Pending',
    message: latest[criterion.name]?.message ?? 'never measured',
  }));
  const failed = phases.find(({ phase }) => phase === 'Failed');
  if (failed) return { is: 'failed', criterion: failed.criterion.name, message: failed.message };

  const over = phases.filter(({ phase }) => phase === 'Error' || phase === 'Inconclusive');
  if (over.length === phases.length) return inconclusive(over);
  // Who is left after somebody was contained is judged over a whole window at least.
  const whole = course.contained ? course.contained.since + longestWindow(plan) + plan.intervalMs : 0;
  const end = Math.max(startedAt + plan.watchMs, whole);
  if (at < end) return { is: 'continue' };

  const open = phases.filter(({ last }) => isOpen(last));
  if (open.length > 0 && at < end + longestExtension(plan)) return { is: 'continue' };
  const wholes = criteria.map((criterion) => {
    const { name } = criterion;
    return {
      criterion,
      ...overall(criterion, totals[name] ?? noTotals, looks[name] ?? { all: 0, withData: 0 }, plan.leastData),
    };
  });
  const bad = wholes.find(({ is }) => is === 'failed');
  if (bad) return { is: 'failed', criterion: bad.criterion.name, message: bad.message };
  const unsettled = phases.filter(({ phase, last }) => phase !== 'Running' || last !== 'Successful');
  if (unsettled.length > 0) return inconclusive(unsettled);
  const undecided = wholes.filter(({ is }) => is === 'undecided');
  if (undecided.length > 0)
    return {
      is: 'inconclusive',
      message: undecided
        .map(({ criterion, message }) => `${criterion.name} is undecided: ${message}`)
        .join('; '),
    };
  const [seen, unseen] = [true, false].map((wanted) =>
    wholes.filter(({ is }) => (is === 'held') === wanted),
  ) as [typeof wholes, typeof wholes];
  if (seen.length === 0)
    return {
      is: 'inconclusive',
      message: 'no criterion was measured on data in most looks, so nothing says that the release is well',
    };
  const held =
    unseen.length > 0
      ? `${seen.length} of ${criteria.length} criteria`
      : criteria.length === 1
        ? 'The criterion'
        : `All ${criteria.length} criteria`;
  return {
    is: 'healthy',
    message: [
      `${held} held for ${formatDuration(at - startedAt)}`,
      ...unseen.map(
        ({ criterion, message }) => `${criterion.name} had ${message}, which no-data: pass allows`,
      ),
    ].join('; '),
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

/** The verdict of a finished watch, from what it saw and whom it contained alone: the same as it was then. */
export function replay(
  plan: Plan,
  startedAt: number,
  ticks: readonly Tick[],
  contained: readonly Contained[] = [],
): { decision: Decision; measurements: Measurement[][] } {
  let course = startCourse(plan, startedAt);
  let decision: Decision = { is: 'continue' };
  const all: Measurement[][] = [];
  for (const tick of ticks) {
    const step = advance(course, tick);
    course = step.course;
    all.push(step.measurements);
    decision = decide(course, tick.at);
    const then = contained.find(({ at }) => at === tick.at);
    // A report names whom it likes; a failure is theirs alone only where what was seen says so.
    if (decision.is === 'failed' && then && metOnly(course, decision.criterion, tick.at, then.values)) {
      course = containIn(course, then.values, tick.at);
      decision = { is: 'continue' };
    }
    if (decision.is !== 'continue') break;
  }
  return { decision, measurements: all };
}
