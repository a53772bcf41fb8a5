import { describe, expect, it } from '@jest/globals';
import { addTotals, noTotals, overall } from '../../../shared/analysis/overall.js';
import { parseCondition } from '../../../shared/analysis/condition.js';
import { chanceOfErrors } from '../../../shared/analysis/statistics/interval.js';
import { holdsSurely } from '../../../shared/analysis/sustained.js';
import { criterionSchema } from '../../../shared/contracts/reports/analysis-report.js';

const byRoute = criterionSchema.parse({
  name: 'errors',
  source: 'app',
  failWhen: parseCondition('error-rate > 5 %'),
  by: 'route',
  forMs: 300_000,
  overMs: 300_000,
  minRequests: 50,
  noData: 'inconclusive',
  maxFailures: 0,
  maxConsecutiveErrors: 4,
});

/** What the whole watch comes to, by requests and errors of each route. */
function whole(routes: Record<string, [requests: number, errors: number]>) {
  const groups = Object.entries(routes).map(([value, [requests, errors]]) => ({
    label: 'route',
    value,
    requests,
    errors,
  }));
  const sum = (key: 'requests' | 'errors') => groups.reduce((total, group) => total + group[key], 0);
  const sample = { from: 0, to: 900_000, requests: sum('requests'), errors: sum('errors'), groups };
  const totals = addTotals(noTotals, byRoute, { is: 'data', samples: [sample] }, 0);
  return overall(byRoute, totals, { all: 100, withData: 100 });
}

describe('a route with fewer requests in the whole watch than are judged by themselves', () => {
  it.each([10, 27, 49])('that fails all of its %i is rolled back', (requests) => {
    expect(whole({ '/': [900, 0], '/pay': [requests, requests] })).toEqual({
      is: 'failed',
      message: expect.stringContaining(`route "/pay": ${requests} of ${requests} requests failed`),
    });
  });

  it('is not hidden by others that are few too', () => {
    const others = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`/${index}`, [40, 0]] as const),
    );
    expect(whole({ ...others, '/pay': [30, 30] } as Parameters<typeof whole>[0]).is).toBe('failed');
  });

  it('that fails all of very few is undecided, and not well', () => {
    expect(whole({ '/': [900, 0], '/pay': [4, 4] })).toEqual({
      is: 'undecided',
      message: expect.stringContaining('at least 10 are needed'),
    });
  });

  it.each([
    [1, 1],
    [10, 2],
    [40, 3],
  ])('and may be so by chance (%i requests, %i failed) is left alone', (requests, errors) => {
    expect(whole({ '/': [900, 0], '/pay': [requests, errors] }).is).toBe('held');
  });
});

describe('how likely errors are by chance', () => {
  it.each([
    [{ requests: 3, errors: 3 }, 0.05, 0.000125],
    [{ requests: 10, errors: 1 }, 0.05, 1 - 0.95 ** 10],
    [{ requests: 20, errors: 0 }, 0.05, 1],
    [{ requests: 4, errors: 2 }, 0.5, 11 / 16],
  ])('%j at %d is %d', (count, rate, chance) => {
    expect(chanceOfErrors(count, rate)).toBeCloseTo(chance, 10);
  });
});

describe('a bound of 100 %', () => {
  const all = parseCondition('error-rate >= 100 %')!;
  it('is met by what was seen: no number of requests makes sure of it', () => {
    expect(holdsSurely(all, { low: 0.9, high: 1 }, 1)).toBe(true);
    expect(holdsSurely(all, { low: 0.9, high: 1 }, 0.99)).toBe(false);
    expect(holdsSurely(parseCondition('error-rate > 5 %')!, { low: 0.04, high: 1 }, 1)).toBe(false);
  });
});
