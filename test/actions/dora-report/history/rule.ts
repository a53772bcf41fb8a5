import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { GatherRequest } from '../../../../actions/dora-report/collect/gather.js';
import { compute } from '../../../../actions/dora-report/measure/compute.js';
import type {
  DoraFacts,
  DoraQuestion,
  DoraReport,
  Measures,
} from '../../../../shared/contracts/reports/dora-report.js';
import type { Place } from './place.js';

/** What a rule is played with: the place, an environment of its own, and the first commit of all. */
export interface Stage {
  place: Place;
  environment: string;
  root: string;
  /**
   * The report of the environment, read from GitHub; read again from the clone or with a cache, in any order, and measured
   * in parts of the window, it must be the same.
   */
  report(asked?: Partial<DoraQuestion>, more?: Partial<GatherRequest>): Promise<DoraReport>;
}

/** A rule of `docs/dora.md`, numbered as in the research behind it, over a history that really happened. */
export interface Rule {
  rule: number;
  title: string;
  play(stage: Stage): Promise<void>;
}

export function stageOf(place: Place, environment: string, root: string): Stage {
  return {
    place,
    environment,
    root,
    async report(asked = {}, more = {}) {
      const read = await place.report(environment, asked, more);
      const cloned = await place.report(environment, asked, { ...more, git: place.clone });
      expect(figures(cloned)).toEqual(figures(read));
      const { commits, pulls } = read.facts;
      const again = await place.report(environment, asked, { ...more, cached: { commits, pulls } });
      expect(figures(again)).toEqual(figures(read));
      sameInAnyOrder(read);
      sameInParts(read);
      return read;
    },
  };
}

const figures = ({ total, services, deployments, leftOut }: DoraReport) => ({
  total,
  services,
  deployments,
  leftOut,
});

const unordered = <T>(all: readonly T[]) => all.map((one) => JSON.stringify(one)).sort();

/** All numbers, with what they are made of in no order. */
const numbers = ({ total, services, leftOut: left }: DoraReport) => ({
  measures: [total, ...services].map(
    ({ leadTime, recovery, timeToRestore, changeFailRate, reworkRate, valueStream, ...rest }: Measures) => ({
      ...rest,
      spreads: [leadTime, recovery, timeToRestore].map(({ events, open, ...spread }) => ({
        ...spread,
        events: unordered(events),
        open: unordered(open),
      })),
      rates: [changeFailRate, reworkRate].map(({ events, ...rate }) => ({
        ...rate,
        events: unordered(events.map((event) => ({ ...event, because: unordered(event.because) }))),
      })),
      stages: valueStream?.stages,
    }),
  ),
  left: unordered(left.map(({ what, count }) => [what, count])),
});

function sameInAnyOrder(report: DoraReport): void {
  const { facts, question: asked } = report;
  const shuffled = <T>(all: readonly T[]) => fc.shuffledSubarray([...all], { minLength: all.length });
  const orders: fc.Arbitrary<Partial<DoraFacts>> = fc.record({
    deployments: shuffled(facts.deployments),
    commits: shuffled(facts.commits),
    incidents: shuffled(facts.incidents),
    ...(facts.pulls ? { pulls: shuffled(facts.pulls) } : {}),
  });
  const expected = numbers(report);
  fc.assert(
    fc.property(orders, (order) => {
      expect(numbers(compute({ ...facts, ...order }, asked))).toEqual(expected);
    }),
    { numRuns: 5 },
  );
}

/** A window that is cut anywhere has in its parts what it has as a whole; at the instants of deployments above all. */
function sameInParts(report: DoraReport): void {
  const { facts, question: asked, deployments, total } = report;
  const inside = deployments.map(({ at }) => at).filter((at) => at > asked.from);
  const middle = new Date((Date.parse(asked.from) + Date.parse(asked.to)) / 2).toISOString();
  for (const cut of new Set([middle, ...inside])) {
    const parts = [{ to: cut }, { from: cut }].map((part) => compute(facts, { ...asked, ...part }).total);
    const joined = (of: (measures: Measures) => readonly unknown[]) => unordered(parts.flatMap(of));
    for (const of of eventsOf) expect(joined(of)).toEqual(unordered(of(total)));
    const sums = (of: (measures: Measures) => number) => parts.reduce((sum, part) => sum + of(part), 0);
    for (const of of countsOf) expect(sums(of)).toBeCloseTo(of(total), 9);
  }
}

const eventsOf: readonly ((measures: Measures) => readonly unknown[])[] = [
  ({ leadTime }) => leadTime.events,
  ({ recovery }) => recovery.events,
  ({ timeToRestore }) => timeToRestore.events,
  ({ changeFailRate }) => changeFailRate.events,
  ({ reworkRate }) => reworkRate.events,
];
const countsOf: readonly ((measures: Measures) => number)[] = [
  ({ frequency }) => frequency.n,
  ({ changeFailRate }) => changeFailRate.n,
  ({ incidentOpen }) => incidentOpen?.hours ?? 0,
  ({ valueStream }) => valueStream?.n ?? 0,
];

/** How many of each kind were left out. */
export const leftOut = (report: DoraReport) =>
  Object.fromEntries(report.leftOut.map(({ what, count }) => [what, count]));

/** Hours of all lead times, the shortest first. */
export const hours = (report: DoraReport) =>
  report.total.leadTime.events.map((event) => event.hours).sort((a, b) => a - b);

/** Outcomes by record, the oldest first. */
export const outcomes = (report: DoraReport) =>
  Object.fromEntries(report.deployments.toReversed().map(({ id, outcome }) => [id, outcome]));
