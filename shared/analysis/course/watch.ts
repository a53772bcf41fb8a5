import { advance, containIn, decide, scopeIn, startCourse, type Course, type Decision } from './course.js';
import type { MetricSource } from '../source.js';
import type { Contained, Measurement, Plan, Reading, Tick } from '../../contracts/reports/analysis-report.js';
import type { Clock } from '../../time/clock.js';
import type { Scope } from '../scope.js';

/** What a watch needs of the world. */
export interface WatchPorts {
  sources: Readonly<Record<string, MetricSource>>;
  clock: Clock;
  signal: AbortSignal;
  /** Where traffic is when it is not on the watched colour any more; undefined while it is. */
  movedAway(): Promise<string | undefined>;
  /**
   * Told whom a failure meets: takes out those few, and says whether it did; otherwise everybody is rolled back. Left out
   * where nobody is to be contained.
   */
  contain?: ((scope: Scope) => Promise<boolean>) | undefined;
  /** Told of every look, as it happens. */
  onTick(tick: Tick, measurements: readonly Measurement[]): void;
}

/** A watch that ended, with everything it saw. Replaying plan, startedAt and ticks gives the same verdict. */
export interface Watched {
  startedAt: number;
  ticks: Tick[];
  measurements: Measurement[][];
  /** Whom it contained, and when. */
  contained: Contained[];
  verdict:
    | Exclude<Decision, { is: 'continue' }>
    | { is: 'interrupted'; message: string }
    | { is: 'moved'; message: string };
}

/**
 * Looks at all sources every interval until the criteria decide, the traffic is elsewhere, or the run is told to stop.
 */
export async function watch(plan: Plan, ports: WatchPorts): Promise<Watched> {
  const { clock, signal } = ports;
  const startedAt = clock.now();
  const ticks: Tick[] = [];
  const measurements: Measurement[][] = [];
  const contained: Contained[] = [];
  const end = (verdict: Watched['verdict']): Watched => ({
    startedAt,
    ticks,
    measurements,
    contained,
    verdict,
  });
  let course = startCourse(plan, startedAt);
  let last = startedAt;

  for (let due = startedAt; ; due = nextDue(startedAt, plan.intervalMs, clock.now())) {
    while (clock.now() < due && !signal.aborted) await clock.sleep(due - clock.now(), signal);
    const [readings, elsewhere] = await Promise.all([
      askAll(ports.sources, { from: last, to: clock.now() }, signal),
      ports.movedAway(),
    ]);
    if (signal.aborted)
      return end({ is: 'interrupted', message: 'the run was told to stop before the watch was over' });
    const tick: Tick = { at: clock.now(), readings };
    last = tick.at;
    const step = advance(course, tick);
    course = step.course;
    ticks.push(tick);
    measurements.push(step.measurements);
    ports.onTick(tick, step.measurements);
    if (elsewhere)
      return end({ is: 'moved', message: `someone else moved traffic during the watch: ${elsewhere}` });
    const decision = decide(course, tick.at);
    if (decision.is === 'continue') continue;
    const few = decision.is === 'failed' && (await containFew(course, decision.criterion, tick.at, ports));
    if (few === 'interrupted')
      return end({ is: 'interrupted', message: `${toldToContain}; ${decision.message}` });
    if (!few) return end(decision);
    contained.push(few.contained);
    course = few.course;
  }
}

/** What is said of a run that was told to stop while it took somebody out. */
export const toldToContain =
  'the run was told to stop while those whom a failure meets were being taken out, and not all of them are';

/**
 * The course without those whom a failure meets, once they are contained; undefined where they are not, and interrupted
 * where the run was told to stop meanwhile.
 */
export async function containFew(
  course: Course,
  criterion: string,
  at: number,
  { contain, signal }: Pick<WatchPorts, 'contain' | 'signal'>,
): Promise<{ course: Course; contained: Contained } | 'interrupted' | undefined> {
  const scope = contain && scopeIn(course, criterion, at);
  if (!scope) return undefined;
  const done = await contain(scope);
  if (scope.is !== 'few') return undefined;
  if (!done) return signal.aborted ? 'interrupted' : undefined;
  const { values, message } = scope;
  return { course: containIn(course, values, at), contained: { at, values, message } };
}

/** What every source says of a time. */
export async function askAll(
  sources: WatchPorts['sources'],
  window: { from: number; to: number },
  signal: AbortSignal,
): Promise<Record<string, Reading>> {
  const entries = await Promise.all(
    Object.entries(sources).map(async ([name, source]): Promise<[string, Reading]> => [
      name,
      await source.query(window, signal),
    ]),
  );
  return Object.fromEntries(entries);
}

/** The next instant of the grid; looks that took longer than an interval are not made up for. */
function nextDue(startedAt: number, intervalMs: number, now: number): number {
  return startedAt + (Math.floor((now - startedAt) / intervalMs) + 1) * intervalMs;
}
