/**
 * How often the presets that compare a latency with the time before are right: simulated releases whose 95th percentile
 * is read every 15 s over two minutes, as a Prometheus query gives it, judged by the code that judges real ones.
 */
import { advance, decide, startCourse, type Decision } from '../../shared/analysis/course/course.js';
import { readPlan } from '../../shared/analysis/criteria/criteria-file.js';
import type { Plan } from '../../shared/contracts/reports/analysis-report.js';
import { chanceFrom } from './chance.js';
import type { Row } from '../row.js';

const plan = (preset: string): Plan =>
  readPlan(
    `version: 1
environments:
  production:
    watch: 15m
    interval: 15s
    sources:
      p95: { type: prometheus, url: 'http://prometheus', query: p95, unit: milliseconds, baseline: { is: before } }
    criteria: [{ preset: ${preset}, source: p95 }]
`,
    'simulated.yml',
    'production',
  ).plan;

const [stepMs, batches] = [15_000, 8];

/** Durations of a quiet server: a median of 100 ms with a long tail (log-normal, by G. Box and M. Muller). */
function duration(chance: () => number): number {
  const angle = 2 * Math.PI * chance();
  return 100 * Math.exp(0.5 * Math.sqrt(-2 * Math.log(chance())) * Math.cos(angle));
}

/** The 95th percentile of the last two minutes, every 15 s, of durations that are `slower` times those. */
export function percentiles(
  chance: () => number,
  perMinute: number,
  points: number,
  slower: number,
): number[] {
  const perBatch = Math.max(1, Math.round(perMinute / 4));
  const batch = () => Array.from({ length: perBatch }, () => duration(chance) * slower);
  const kept = Array.from({ length: batches }, batch);
  return Array.from({ length: points }, () => {
    kept.shift();
    kept.push(batch());
    const all = Float64Array.from(kept.flat()).sort();
    return all[Math.floor(0.95 * (all.length - 1))]!;
  });
}

function release(plan: Plan, perMinute: number, slower: number, seed: number): Decision {
  const chance = chanceFrom(seed);
  const before = percentiles(chance, perMinute, 240, 1);
  const baseline = before.reduce((sum, value) => sum + value, 0) / before.length;
  const values = percentiles(chance, perMinute, 100, slower);
  let course = startCourse(plan, 0);
  for (let index = 0; ; index += 1) {
    const at = index * stepMs;
    const reading = {
      is: 'data' as const,
      samples: [],
      values: index === 0 ? [] : [{ from: at - stepMs, to: at, value: values[index]!, baseline }],
      ...(index === 1 ? { control: before.map((value) => ({ value })) } : {}),
    };
    course = advance(course, { at, readings: { p95: reading } }).course;
    const decision = decide(course, at);
    if (decision.is !== 'continue') return decision;
  }
}

/** Rows of both presets at two loads, by how much slower the release truly is. */
export function latencyRows(count: number): Row[] {
  return ['slower-by-half', 'slower-by-half-ranks'].flatMap((preset) => {
    const judged = plan(preset);
    return [60, 300].flatMap((perMinute) =>
      [1, 1.25, 1.4, 1.6, 1.75, 2].flatMap((slower): Row[] => {
        const ends = { failed: 0, healthy: 0, inconclusive: 0, continue: 0 };
        for (let index = 1; index <= count; index += 1)
          ends[release(judged, perMinute, slower, index).is] += 1;
        const subject = `${perMinute}/min, p95 × ${slower}, ${preset}`;
        const row = (metric: string, value: number): Row => ({
          subject,
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
  });
}
