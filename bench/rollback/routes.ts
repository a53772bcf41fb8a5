/** How often the preset that judges every route finds a bad one, in simulated releases of ten routes. */
import { advance, decide, startCourse, type Decision } from '../../shared/analysis/course/course.js';
import type { Plan } from '../../shared/contracts/reports/analysis-report.js';
import { chanceFrom, poisson } from './chance.js';
import type { Row } from '../row.js';

/** Shares of the requests, by route. */
const shares = [0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01];

type Failing = (atMs: number) => number;

/** A share of the requests of each route fails; `failing` names the routes that fail otherwise. */
const cases: { name: string; others: number; failing: Readonly<Record<number, number | Failing>> }[] = [
  { name: 'every route fails 1 %', others: 0.01, failing: {} },
  { name: 'every route fails 2.5 %', others: 0.025, failing: {} },
  { name: 'a route with 10 % of the requests fails 10 %', others: 0.001, failing: { 3: 0.1 } },
  { name: 'a route with 3 % of the requests fails all', others: 0.001, failing: { 7: 1 } },
  {
    name: 'a route with 10 % of the requests fails 90 s of every 200 s',
    others: 0.001,
    failing: { 3: (at) => (at % 200_000 < 90_000 ? 1 : 0) },
  },
];

function release(
  plan: Plan,
  perMinute: number,
  chanceOf: (route: number, atMs: number) => number,
  seed: number,
): Decision {
  const chance = chanceFrom(seed);
  let course = startCourse(plan, 0);
  for (let at = 0; ; at += plan.intervalMs) {
    const groups = shares.map((share, route) => {
      const requests = at === 0 ? 0 : poisson((perMinute * share * plan.intervalMs) / 60_000, chance);
      let errors = 0;
      for (let index = 0; index < requests; index += 1) if (chance() < chanceOf(route, at)) errors += 1;
      return { label: 'route', value: `/${route}`, requests, errors };
    });
    const sum = (key: 'requests' | 'errors') => groups.reduce((total, group) => total + group[key], 0);
    const sample = {
      from: at - plan.intervalMs,
      to: at,
      requests: sum('requests'),
      errors: sum('errors'),
      groups,
    };
    const samples = at === 0 ? [] : [sample];
    course = advance(course, { at, readings: { app: { is: 'data', samples } } }).course;
    const decision = decide(course, at);
    if (decision.is !== 'continue') return decision;
  }
}

export function routeRows(plan: Plan, count: number): Row[] {
  return [60, 300].flatMap((perMinute) =>
    cases.flatMap(({ name, others, failing }): Row[] => {
      const ends = { failed: 0, healthy: 0, inconclusive: 0, continue: 0 };
      const chanceOf = (route: number, atMs: number) => {
        const own = failing[route] ?? others;
        return typeof own === 'number' ? own : own(atMs);
      };
      for (let index = 1; index <= count; index += 1) ends[release(plan, perMinute, chanceOf, index).is] += 1;
      const row = (metric: string, value: number): Row => ({
        subject: `${perMinute}/min, ${name}, errors-any-route`,
        metric,
        value,
        of: count,
        unit: 'releases',
      });
      return [
        row('taken back', ends.failed),
        row('healthy', ends.healthy),
        row('undecided', ends.inconclusive),
      ];
    }),
  );
}
