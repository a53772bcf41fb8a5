import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCondition } from '../../../../shared/analysis/condition.js';
import { replay } from '../../../../shared/analysis/course/course.js';
import { rateInterval } from '../../../../shared/analysis/statistics/interval.js';
import { normalCdf, normalQuantile } from '../../../../shared/analysis/statistics/normal.js';
import { splitCounts } from '../../../../shared/analysis/statistics/split.js';
import type { Criterion, Plan, Sample, Tick } from '../../../../shared/contracts/reports/analysis-report.js';

const second = 1_000;
const criterion: Criterion = {
  name: 'errors-of-any-route',
  source: 'app',
  failWhen: parseCondition('error-rate > 5 %')!,
  by: 'route',
  forMs: 60 * second,
  overMs: 60 * second,
  confidence: 0.99,
  minRequests: 20,
  noData: 'inconclusive',
  maxFailures: 0,
  maxConsecutiveErrors: 2,
};
const plan: Plan = { watchMs: 300 * second, intervalMs: 5 * second, warmUpMs: 0, criteria: [criterion] };

/** Requests and errors of each route in 5 s. */
type Routes = Record<string, [requests: number, errors: number]>;

const sampleOf = (routes: Routes, at: number): Sample => {
  const groups = Object.entries(routes).map(([value, [requests, errors]]) => ({
    label: 'route',
    value,
    requests,
    errors,
  }));
  const sum = (key: 'requests' | 'errors') => groups.reduce((total, group) => total + group[key], 0);
  return { from: at - 5 * second, to: at, requests: sum('requests'), errors: sum('errors'), groups };
};
const run = (routes: (at: number) => Routes, given = plan) => {
  const ticks = Array.from({ length: 200 }, (_, index): Tick => {
    const at = index * 5 * second;
    const samples = index === 0 ? [] : [sampleOf(routes(at), at)];
    return { at, readings: { app: { is: 'data', samples } } };
  });
  return replay(given, 0, ticks);
};

describe('a criterion by route', () => {
  it('rolls back for one route with 3 % of the traffic that fails always, and says which', () => {
    const { decision } = run(() => ({ '/products': [97, 0], '/checkout': [3, 3] }));
    expect(decision).toMatchObject({ is: 'failed' });
    expect(decision).toMatchObject({
      message: expect.stringContaining('route "/checkout": error-rate > 5 %'),
    });
    // All routes together are within the bound.
    const together: Plan = { ...plan, criteria: [{ ...criterion, by: undefined } as never] };
    expect(run(() => ({ '/products': [97, 0], '/checkout': [3, 3] }), together).decision.is).toBe('healthy');
  });

  it('is healthy when no route is bad, and says how many were judged', () => {
    const { decision, measurements } = run(() => ({
      '/products': [50, 0],
      '/cart': [20, 0],
      '/about': [1, 0],
    }));
    expect(decision.is).toBe('healthy');
    expect(measurements.at(-1)![0]!.message).toContain('judged 2 of 3 values of route each');
  });

  it('judges routes with few requests together, so that many small bad ones are found', () => {
    const small = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`/rare/${index}`, [1, 1] as [number, number]]),
    );
    const few: Plan = { ...plan, criteria: [{ ...criterion, minRequests: 50 }] };
    const { decision } = run(() => ({ '/products': [500, 0], ...small }), few);
    expect(decision).toMatchObject({
      is: 'failed',
      message: expect.stringContaining('the other values of route'),
    });
  });

  it('judges all together while no route has enough requests', () => {
    const few: Plan = { ...plan, criteria: [{ ...criterion, minRequests: 100 }] };
    const { decision } = run(() => ({ '/a': [5, 5], '/b': [5, 5] }), few);
    expect(decision).toMatchObject({ is: 'failed', message: expect.stringContaining('judged together') });
  });

  it('is not healthy on nothing', () => {
    expect(run(() => ({})).decision.is).toBe('inconclusive');
  });

  it('finds a route over the whole watch that was never surely bad in a window', () => {
    const { decision } = run((at) => ({ '/products': [90, 0], '/cart': [4, at % 20_000 === 0 ? 1 : 0] }));
    expect(['failed', 'inconclusive']).toContain(decision.is);
  });

  it.each(['__proto__', 'constructor', '', 'x'.repeat(5_000), '"] | <script>'])(
    'takes a route called %j for what it is',
    (route) => {
      const { decision } = run(() => ({ '/products': [97, 0], [route]: [10, 10] }) as Routes);
      // __proto__ of an object literal is no key; the source gives a list.
      if (route !== '__proto__') expect(decision.is).toBe('failed');
      if (decision.is === 'failed') expect(decision.message.length).toBeLessThan(600);
    },
  );
});

describe('values of a label', () => {
  it('are each judged once: alone, together, or left out with their number', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 0, max: 50 })),
        fc.integer({ min: 1, max: 60 }),
        (requests, minRequests) => {
          const counts = new Map(
            Object.entries(requests).map(([value, n]) => [value, { requests: n, errors: 0 }]),
          );
          const { parts } = splitCounts({ by: 'route', minRequests }, counts, (values) => [...values]);
          const judged = parts.flatMap(({ of }) => of);
          expect(new Set(judged).size).toBe(judged.length);
          for (const [value, { requests: n }] of counts)
            if (n >= minRequests) expect(parts).toContainEqual({ group: value, of: [value] });
        },
      ),
    );
  });

  it('are judged so that all of them together have the confidence: the more, the surer each must be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 }), (requests, failed) => {
        const count = { requests, errors: Math.min(requests, failed) };
        const [one, many] = [rateInterval(count, 0.99, 1), rateInterval(count, 0.99, 40)];
        expect(many.low).toBeLessThanOrEqual(one.low + 1e-12);
        expect(many.high).toBeGreaterThanOrEqual(one.high - 1e-12);
      }),
    );
  });
});

describe('the normal distribution', () => {
  it.each([
    [0.9, 1.2815515655],
    [0.95, 1.644853627],
    [0.99, 2.326347874],
    [0.999975, 4.0556],
  ])('has its %d quantile at %d', (probability, expected) => {
    expect(normalQuantile(probability)).toBeCloseTo(expected, 3);
  });

  it('gives back the probability of its quantile', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (probability) => {
        expect(Math.abs(normalCdf(normalQuantile(probability)) - probability)).toBeLessThan(1e-12);
      }),
    );
  });
});
