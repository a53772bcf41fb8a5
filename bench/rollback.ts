/**
 * How often a watch takes a good release back, and how often it finds a bad one: simulated releases, judged by the code
 * that judges real ones.
 */
import { readPlan } from '../shared/analysis/criteria/criteria-file.js';
import { advance, decide, startCourse, type Decision } from '../shared/analysis/course.js';
import type { Plan } from '../shared/contracts/analysis-report.js';
import type { Benched, Row } from './row.js';

const releases = 1_000;

const plan = (over: { for: string; watch: string }): Plan =>
  readPlan(
    `version: 1
environments:
  production:
    watch: ${over.watch}
    sources: { app: { type: probe, path: / } }
    criteria:
      - name: error-rate
        source: app
        fail-when: error-rate > 5 %
        for: ${over.for}
        min-requests: 50
`,
    'simulated.yml',
    'production',
  ).plan;

/** The two presets that are shipped: "more than 5 % for two minutes" and "for five". */
const presets = {
  '5 % for 2m': plan({ for: '2m', watch: '15m' }),
  '5 % for 5m': plan({ for: '5m', watch: '30m' }),
};

/** Numbers from 0 to 1 that are the same for the same seed (G. Marsaglia's xorshift, 32 bits). */
function chanceFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** How many of independent events happen whose mean is given (D. Knuth's method). */
function poisson(mean: number, chance: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = chance(); product > limit; product *= chance()) count += 1;
  return count;
}

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

export function rollback(count = releases): Benched {
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
  return {
    rows,
    notes: [
      'preset "5 % for 2m": watch 15m; "5 % for 5m": watch 30m; confidence 99 %, a look every 5s, at least 50 requests',
      'the bound is 5 %: false alarms are the releases taken back at 2.5 % and below, misses those not taken back at 10 %',
    ],
  };
}
