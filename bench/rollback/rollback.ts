/**
 * How often a watch takes a good release back, and how often it finds a bad one: simulated releases, judged by the code
 * that judges real ones.
 */
import { readPlan } from '../../shared/analysis/criteria/criteria-file.js';
import { advance, decide, startCourse, type Decision } from '../../shared/analysis/course/course.js';
import type { Plan } from '../../shared/contracts/reports/analysis-report.js';
import { chanceFrom, poisson } from './chance.js';
import { latencyRows } from './latency.js';
import { numberRows } from './numbers.js';
import { routeRows } from './routes.js';
import type { Benched, Row } from '../row.js';

const releases = 1_000;

const plan = (over: { preset: string; watch: string }): Plan =>
  readPlan(
    `version: 1
environments:
  production:
    watch: ${over.watch}
    sources: { app: { type: prometheus, url: 'http://prometheus', stack: { name: http-server } } }
    criteria:
      - { preset: ${over.preset}, source: app }
`,
    'simulated.yml',
    'production',
  ).plan;

/** The two presets that are shipped: "more than 5 % for two minutes" and "for five". */
const presets = {
  '5 % for 2m': plan({ preset: 'errors-2m', watch: '15m' }),
  '5 % for 5m': plan({ preset: 'errors-5m', watch: '30m' }),
};

/** One release: requests come by chance, and each fails with the probability of its moment. */
function release(plan: Plan, perMinute: number, failing: (atMs: number) => number, seed: number): Decision {
  const chance = chanceFrom(seed);
  let course = startCourse(plan, 0);
  for (let at = 0; ; at += plan.intervalMs) {
    const requests = at === 0 ? 0 : poisson((perMinute * plan.intervalMs) / 60_000, chance);
    let errors = 0;
    for (let index = 0; index < requests; index += 1) if (chance() < failing(at)) errors += 1;
    const samples = at === 0 ? [] : [{ from: at - plan.intervalMs, to: at, requests, errors }];
    course = advance(course, { at, readings: { app: { is: 'data', samples } } }).course;
    const decision = decide(course, at);
    if (decision.is !== 'continue') return decision;
  }
}

const percentOf = (share: number) => `${Number((share * 100).toFixed(1))} %`;

/** Rows of the two presets of error rates at two loads, by how many requests truly fail. */
export function rateRows(count: number): Row[] {
  const rows: Row[] = [];
  const cell = (name: string, plan: Plan, perMinute: number, failing: (atMs: number) => number) => {
    const ends = { failed: 0, healthy: 0, inconclusive: 0 };
    for (let index = 1; index <= count; index += 1) {
      const { is } = release(plan, perMinute, failing, index);
      if (is !== 'continue') ends[is] += 1;
    }
    const subject = `${perMinute}/min, ${name}`;
    rows.push(
      { subject, metric: 'taken back', value: ends.failed, of: count, unit: 'releases' },
      { subject, metric: 'healthy', value: ends.healthy, of: count, unit: 'releases' },
      { subject, metric: 'undecided', value: ends.inconclusive, of: count, unit: 'releases' },
    );
  };
  for (const [preset, plan] of Object.entries(presets))
    for (const perMinute of [60, 300]) {
      for (const share of [0.01, 0.025, 0.04, 0.06, 0.08, 0.1])
        cell(
          `${percentOf(share)}${preset === '5 % for 2m' ? '' : `, ${preset}`}`,
          plan,
          perMinute,
          () => share,
        );
      const burst = (at: number) => (at % 200_000 < 90_000 ? 1 : 0);
      cell(`90 s of every 200 s fail${preset === '5 % for 2m' ? '' : `, ${preset}`}`, plan, perMinute, burst);
    }
  return rows;
}

export function rollback(count = releases): Benched {
  const rows = rateRows(count);
  // A release of these takes ten times as long to play as one of the others.
  rows.push(...routeRows(plan({ preset: 'errors-any-route', watch: '30m' }), Math.ceil(count / 10)));
  rows.push(...latencyRows(Math.ceil(count / 10)));
  rows.push(...numberRows(count));
  return {
    rows,
    notes: [
      'preset "5 % for 2m": watch 15m; "5 % for 5m": watch 30m; confidence 99 %, a look every 5s, at least 50 requests',
      'presets slower-by-half: watch 15m, the p95 of two minutes every 15 s, log-normal durations, an hour of baseline; the bound is 150 %',
      'the bound of errors is 5 %: false alarms are the releases taken back at 2.5 % and below, misses those not taken back at 10 %',
    ],
  };
}
