/**
 * How often the presets that compare a number with a bound are right: simulated releases whose number is read every
 * 15 s, judged by the code that judges real ones.
 */
import { advance, decide, startCourse, type Decision } from '../../shared/analysis/course/course.js';
import { readPlan } from '../../shared/analysis/criteria/criteria-file.js';
import type { Plan } from '../../shared/contracts/reports/analysis-report.js';
import { chanceFrom, poisson } from './chance.js';
import { percentiles } from './latency.js';
import type { Row } from '../row.js';

const stepMs = 15_000;

/** What a number is at each look of one release, from its chance. */
type Numbers = (chance: () => number, looks: number) => readonly number[];

interface Case {
  preset: string;
  unit: string;
  watch: string;
  /** By what is true of the release. */
  truly: Readonly<Record<string, Numbers>>;
}

const each =
  (value: (chance: () => number) => number): Numbers =>
  (chance, looks) =>
    Array.from({ length: looks }, () => value(chance));

/** A number of things that come and go independently, of a mean of hundreds (the sum of small ones). */
const things = (mean: number) => (chance: () => number) => {
  let sum = 0;
  for (let left = mean; left > 0; left -= 20) sum += poisson(Math.min(20, left), chance);
  return sum;
};

/** The 95th percentile of two minutes in milliseconds; that of all durations is 227.6 ms. */
const p95 =
  (truly: number, perMinute: number): Numbers =>
  (chance, looks) =>
    percentiles(chance, perMinute, looks, truly / 227.6);

/** Restarts in the last five minutes of a process that starts again by chance, every `everyMs` on average. */
const restarts =
  (everyMs: number): Numbers =>
  (chance, looks) => {
    const now = Array.from({ length: looks }, () => poisson(stepMs / everyMs, chance));
    return now.map((_, index) =>
      now.slice(Math.max(0, index - 19), index + 1).reduce((sum, one) => sum + one, 0),
    );
  };

const ofPool = (inUse: number) => each((chance) => Math.min(100, things(inUse)(chance)));

const cases: Case[] = [
  ...[60, 300].map((perMinute): Case => ({
    preset: 'latency-1s',
    unit: 'milliseconds',
    watch: '15m',
    truly: {
      [`${perMinute}/min, p95 of 500 ms`]: p95(500, perMinute),
      [`${perMinute}/min, p95 of 800 ms`]: p95(800, perMinute),
      [`${perMinute}/min, p95 of 1.25 s`]: p95(1_250, perMinute),
      [`${perMinute}/min, p95 of 2 s`]: p95(2_000, perMinute),
    },
  })),
  {
    preset: 'pool-exhausted',
    unit: 'percent',
    watch: '15m',
    truly: {
      '45 of 100 connections are wanted': ofPool(45),
      '80 of 100 connections are wanted': ofPool(80),
      '180 of 100 connections are wanted': ofPool(180),
    },
  },
  {
    preset: 'queue-backlog',
    unit: 'number',
    watch: '30m',
    truly: {
      '500 tasks wait': each(things(500)),
      '900 tasks wait': each(things(900)),
      '1100 tasks wait': each(things(1_100)),
      '2000 tasks wait': each(things(2_000)),
    },
  },
  {
    preset: 'crash-loop',
    unit: 'number',
    watch: '15m',
    truly: {
      'nothing starts again': each(() => 0),
      'starts again every 2 min on average': restarts(120_000),
      'starts again every 10 min on average': restarts(600_000),
    },
  },
  {
    preset: 'tenant-isolation',
    unit: 'number',
    watch: '15m',
    truly: {
      'no tenant sees another': each(() => 0),
      'one test of ten sees a leak': each((chance) => (chance() < 0.1 ? 1 : 0)),
    },
  },
];

const planOf = ({ preset, unit, watch }: Case): Plan =>
  readPlan(
    `version: 1
environments:
  production:
    watch: ${watch}
    interval: 15s
    sources: { number: { type: prometheus, url: 'http://prometheus', query: number, unit: ${unit} } }
    criteria: [{ preset: ${preset}, source: number }]
`,
    'simulated.yml',
    'production',
  ).plan;

function release(plan: Plan, numbers: Numbers, seed: number): Decision {
  const values = numbers(chanceFrom(seed), (2 * plan.watchMs) / stepMs);
  const scale = plan.criteria[0]!.failWhen!.metric === 'saturation' ? 0.01 : 1;
  let course = startCourse(plan, 0);
  for (let index = 0; ; index += 1) {
    const at = index * stepMs;
    const known = index === 0 ? [] : [{ from: at - stepMs, to: at, value: values[index]! * scale }];
    const reading = { is: 'data' as const, samples: [], values: known };
    course = advance(course, { at, readings: { number: reading } }).course;
    const decision = decide(course, at);
    if (decision.is !== 'continue') return decision;
  }
}

/** Rows of each preset, by what is true of its releases. */
export function numberRows(count: number): Row[] {
  return cases.flatMap((one) => {
    const plan = planOf(one);
    return Object.entries(one.truly).flatMap(([truly, numbers]): Row[] => {
      const ends = { failed: 0, healthy: 0, inconclusive: 0, continue: 0 };
      for (let seed = 1; seed <= count; seed += 1) ends[release(plan, numbers, seed).is] += 1;
      const row = (metric: string, value: number): Row => ({
        subject: `${truly}, ${one.preset}`,
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
    });
  });
}
