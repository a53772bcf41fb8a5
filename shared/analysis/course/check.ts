import type { Contained, Measurement, Plan, Reading, Tick } from '../../contracts/reports/analysis-report.js';
import type { SoFar } from '../../contracts/check-state.js';
import { isoInstant } from '../../time/instant.js';
import { advance, containIn, decide, metOnly, remember, type Course, type Decision } from './course.js';
import type { MetricSource } from '../source.js';
import { courseFrom, soFarOf } from './so-far.js';
import { askAll, containFew, toldToContain, type WatchPorts } from './watch.js';

/** Opens the sources anew: what they remember of one stretch of time must not go into another. */
export interface CheckPorts extends Pick<WatchPorts, 'clock' | 'signal' | 'contain'> {
  open(): Readonly<Record<string, MetricSource>>;
}

/** A check that ended, with everything it saw and what the next one goes on with. */
export interface Checked {
  ticks: Tick[];
  measurements: Measurement[][];
  /** Whom it contained, and when. */
  contained: Contained[];
  soFar: SoFar;
  verdict:
    | { is: 'watching'; message: string }
    /** A source could not be asked; the time from then on is judged by the next check. */
    | { is: 'unasked'; message: string }
    | { is: 'interrupted'; message: string }
    | Exclude<Decision, { is: 'continue' }>;
}

/** Between two tries of a source that does not answer, in milliseconds. */
const pauses = [2_000, 8_000];

/**
 * Judges the time since the last check as a watch would have, look by look at what the sources say of the past: nothing
 * is judged twice, and nothing is left out, however late it runs. `until` is the instant up to which the sources know.
 */
export async function check(plan: Plan, before: SoFar, until: number, ports: CheckPorts): Promise<Checked> {
  const ticks: Tick[] = [];
  const measurements: Measurement[][] = [];
  const step = plan.intervalMs;
  let course = courseFrom(plan, before);
  let judged = before.checkedTo;
  let decision: Decision = { is: 'continue' };
  const contained: Contained[] = [];
  const end = (verdict: Checked['verdict']): Checked => ({
    ticks,
    measurements,
    contained,
    soFar: soFarOf(course, judged),
    verdict,
  });

  const sources = ports.open();
  for (let from = firstLook(plan, before); from + step <= until; from += step) {
    const readings = await askPatiently(sources, { from, to: from + step }, ports);
    if (ports.signal.aborted)
      return end({ is: 'interrupted', message: 'the run was told to stop before the check was over' });
    const unasked = Object.entries(readings).find(([, { is }]) => is === 'error');
    if (unasked) {
      const [name, reading] = unasked as [string, Extract<Reading, { is: 'error' }>];
      return end({
        is: 'unasked',
        message: `${name} could not be asked about ${isoInstant(from)}: ${reading.message}`,
      });
    }
    const tick: Tick = { at: from + step, readings };
    ticks.push(tick);
    const seen = lookAt(course, tick, before);
    course = seen.course;
    measurements.push(seen.measurements);
    judged = Math.max(judged, tick.at);
    decision = seen.decision;
    if (decision.is !== 'failed') continue;
    const few = await containFew(course, decision.criterion, tick.at, ports);
    if (few === 'interrupted')
      return end({ is: 'interrupted', message: `${toldToContain}; ${decision.message}` });
    if (!few) return end(decision);
    contained.push(few.contained);
    course = few.course;
    decision = { is: 'continue' };
  }
  // A gap in the past is over; what is not seen at the end nobody sees.
  if (decision.is !== 'continue') return end(decision);
  const blind = blindSince(plan, ticks, before);
  if (blind !== undefined)
    return end({ is: 'inconclusive', message: `no source has had data since ${isoInstant(blind)}` });
  if (judged === before.checkedTo)
    return end({ is: 'watching', message: `nothing new to judge yet, judged up to ${isoInstant(judged)}` });
  return end({
    is: 'watching',
    message: `well so far, judged up to ${isoInstant(judged)} (${seenIn(plan, course, before)})`,
  });
}

/** Since when no criterion that decides has had any data, where that has lasted for longer than errors may. */
function blindSince(
  { criteria, intervalMs }: Plan,
  ticks: readonly Tick[],
  { checkedTo }: Pick<SoFar, 'checkedTo'>,
): number | undefined {
  const deciding = criteria.filter(({ observe }) => !observe);
  const seen = ticks.findLastIndex(({ readings }) =>
    deciding.some(({ source }) => readings[source]?.is === 'data'),
  );
  const blind = ticks.slice(seen + 1).filter(({ at }) => at > checkedTo);
  const tolerated = Math.max(...deciding.map(({ maxConsecutiveErrors }) => maxConsecutiveErrors));
  return blind.length > tolerated ? blind[0]!.at - intervalMs : undefined;
}

/** In how many of the newest looks each criterion had data. */
function seenIn({ criteria }: Plan, { looks }: Course, before: SoFar): string {
  return criteria
    .map(({ name }) => {
      const { all, withData } = looks[name] ?? { all: 0, withData: 0 };
      const known = before.criteria[name]?.looks ?? { all: 0, withData: 0 };
      return `${name} had data in ${Math.max(0, withData - known.withData)} of ${Math.max(0, all - known.all)} looks`;
    })
    .join(', ');
}

/** Where asking begins: windows that reach back over the last check need what was before it. */
function firstLook({ criteria, intervalMs }: Plan, { since, checkedTo }: SoFar): number {
  const longest = Math.max(...criteria.map(({ forMs }) => forMs));
  const back = Math.min(2 * longest, checkedTo - since);
  return checkedTo - Math.ceil(back / intervalMs) * intervalMs;
}

/** One look of a check: a time that was judged already is only remembered. */
function lookAt(
  course: Course,
  tick: Tick,
  { checkedTo }: Pick<SoFar, 'checkedTo'>,
): { course: Course; measurements: Measurement[]; decision: Decision } {
  if (tick.at <= checkedTo)
    return { course: remember(course, tick), measurements: [], decision: { is: 'continue' } };
  const step = advance(course, tick);
  return { ...step, decision: decide(step.course, tick.at) };
}

/** The decision of a check from what it saw alone: the same as it was then. */
export function replayCheck(
  plan: Plan,
  before: SoFar,
  ticks: readonly Tick[],
  contained: readonly Contained[] = [],
): { decision: Decision; measurements: Measurement[][] } {
  let course = courseFrom(plan, before);
  let decision: Decision = { is: 'continue' };
  const measurements: Measurement[][] = [];
  for (const tick of ticks) {
    const seen = lookAt(course, tick, before);
    course = seen.course;
    decision = seen.decision;
    measurements.push(seen.measurements);
    const then = contained.find(({ at }) => at === tick.at);
    if (decision.is !== 'failed') continue;
    if (!then || !metOnly(course, decision.criterion, tick.at, then.values)) break;
    course = containIn(course, then.values, tick.at);
    decision = { is: 'continue' };
  }
  return { decision, measurements };
}

async function askPatiently(
  sources: Readonly<Record<string, MetricSource>>,
  window: { from: number; to: number },
  { clock, signal }: CheckPorts,
): Promise<Record<string, Reading>> {
  let readings = await askAll(sources, window, signal);
  for (const pause of pauses) {
    const failing = Object.entries(readings).filter(([, { is }]) => is === 'error');
    if (failing.length === 0 || signal.aborted) break;
    await clock.sleep(pause, signal);
    const again = Object.fromEntries(failing.map(([name]) => [name, sources[name]!]));
    readings = { ...readings, ...(await askAll(again, window, signal)) };
  }
  return readings;
}
