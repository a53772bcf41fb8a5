import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCondition, percent } from '../../../shared/analysis/condition.js';
import { replay } from '../../../shared/analysis/course/course.js';
import { readPlan } from '../../../shared/analysis/criteria/criteria-file.js';
import { rateInterval } from '../../../shared/analysis/statistics/interval.js';
import { rateRows } from '../../../bench/rollback/rollback.js';
import type { Reading, Tick } from '../../../shared/contracts/reports/analysis-report.js';

const second = 1_000;

const planOf = (criterion: string, watch = '10m') =>
  readPlan(
    `version: 1
environments:
  production:
    watch: ${watch}
    sources: { app: { type: probe, path: / }, home: { type: probe, path: /home } }
    criteria:
${criterion}
`,
    '.github/rollback.yml',
    'production',
  ).plan;
const twoMinutes =
  '      - { name: errors, source: app, fail-when: error-rate > 5 %, for: 2m, min-requests: 50 }';

/** Looks every 5 s until the watch may end; what each saw since the one before comes from its time in seconds. */
function watched(
  plan: ReturnType<typeof planOf>,
  look: (atSeconds: number) => Partial<Record<string, Reading>>,
) {
  const ticks: Tick[] = [];
  for (let at = 0; at <= 2 * plan.watchMs; at += plan.intervalMs)
    ticks.push({ at, readings: look(at / second) as Record<string, Reading> });
  return replay(plan, 0, ticks).decision;
}

const data = (atSeconds: number, requests: number, errors: number): Reading => ({
  is: 'data',
  samples:
    atSeconds === 0 ? [] : [{ from: (atSeconds - 5) * second, to: atSeconds * second, requests, errors }],
});

describe('rollback fault 4: bursts', () => {
  it.each([
    ['2m', 200, 90],
    ['5m', 180, 60],
  ])('a total outage in a part of every period is rolled back with for: %s', (length, period, outage) => {
    const plan = planOf(twoMinutes.replace('2m', length), '30m');
    expect(watched(plan, (at) => ({ app: data(at, 20, at % period < outage ? 20 : 0) })).is).toBe('failed');
  });

  it('that single windows tolerate are rolled back when the whole watch is surely bad', () => {
    const plan = planOf(
      '      - { name: errors, source: app, fail-when: error-rate > 5 %, for: 2m, over: 5s, min-requests: 50 }',
    );
    const decision = watched(plan, (at) => ({ app: data(at, 20, at % 20 < 10 ? 20 : 0) }));
    expect(decision).toMatchObject({
      is: 'failed',
      message: expect.stringMatching(/failed in the whole watch \(\d+.*99 % sure of at least/),
    });
  });
});

describe('rollback faults 5 and 6: health needs data', () => {
  it('a hundred good requests in the last look alone are no health', () => {
    const decision = watched(planOf(twoMinutes), (at) => ({ app: data(at, at === 600 ? 100 : 0, 0) }));
    expect(decision).toMatchObject({
      is: 'inconclusive',
      message: expect.stringMatching(/data in \d+ of \d+ looks only/),
    });
  });

  it.each([0, 5])(
    'metrics that cannot be read at every second look are no health (from second %i)',
    (from) => {
      const decision = watched(planOf(twoMinutes), (at) => ({
        app: at % 10 === from ? { is: 'error', message: 'answers 502 instead of 200' } : data(at, 20, 0),
      }));
      expect(decision.is).toBe('inconclusive');
    },
  );

  it('a look without data now and then keeps nobody from being healthy', () => {
    const decision = watched(planOf(twoMinutes), (at) => ({
      app: at % 50 === 0 ? { is: 'error', message: 'answers 502 instead of 200' } : data(at, 20, 0),
    }));
    expect(decision.is).toBe('healthy');
  });
});

describe('rollback fault 8: bounds that decide nothing', () => {
  it.each(['> 100 %', '>= 0 %', '< 0 %', '<= 100 %'])('error-rate %s is refused with its line', (bound) => {
    const criteria = `      - name: errors\n        source: app\n        fail-when: error-rate ${bound}\n        min-requests: 5`;
    expect(() => planOf(criteria)).toThrow(/rollback\.yml:9.*a bound that some rate/s);
  });
});

describe('rollback fault 9: messages', () => {
  it('a criterion that had no data is named where all others held', () => {
    const plan = planOf(
      `      - { name: errors, source: app, fail-when: error-rate > 5 %, for: 2m, min-requests: 50, no-data: pass }
      - { name: home, source: home, fail-when: error-rate > 50 %, for: 30s, min-requests: 5 }`,
    );
    expect(watched(plan, (at) => ({ app: data(at, 0, 0), home: data(at, 1, 0) }))).toEqual({
      is: 'healthy',
      message: '1 of 2 criteria held for 10 min; errors had no data, which no-data: pass allows',
    });
  });

  it.each([
    [0.0504, '5.04 %'],
    [0.050001, '5.0001 %'],
    [0.05, '5 %'],
    [0.071, '7.1 %'],
  ])('a rate of %d beside a bound of 5 % is written %s', (share, text) => {
    expect(percent(share, 0.05)).toBe(text);
  });
});

describe('the interval of a rate', () => {
  it.each([
    // Wilson's score interval, one-sided, from its formula by hand.
    [10, 100, 0.95, 0.0606, 0.1607],
    [0, 50, 0.95, 0, 0.0513],
    [6, 6, 0.99, 0.5258, 1],
  ] as const)('of %i errors in %i requests at %d is %d to %d', (errors, requests, confidence, low, high) => {
    const interval = rateInterval({ requests, errors }, confidence);
    expect(interval.low).toBeCloseTo(low, 3);
    expect(interval.high).toBeCloseTo(high, 3);
  });

  it('holds the rate, shrinks with the requests and grows with the confidence', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const count = { requests: n, errors: n * share };
          const [loose, strict] = [rateInterval(count, 0.9), rateInterval(count, 0.99)];
          const more = rateInterval({ requests: 4 * n, errors: 4 * n * share }, 0.99);
          expect(strict.low).toBeLessThanOrEqual(share + 1e-9);
          expect(strict.high).toBeGreaterThanOrEqual(share - 1e-9);
          expect(strict.high - strict.low).toBeGreaterThanOrEqual(loose.high - loose.low - 1e-9);
          expect(more.high - more.low).toBeLessThanOrEqual(strict.high - strict.low + 1e-9);
        },
      ),
    );
  });

  it('without requests knows nothing', () => {
    expect(rateInterval({ requests: 0, errors: 0 }, 0.99)).toEqual({ low: 0, high: 1 });
  });
});

describe('the shipped presets, in simulated releases', () => {
  const releases = 20;
  const rows = rateRows(releases);
  const takenBack = (subject: RegExp) =>
    rows.filter((row) => row.metric === 'taken back' && subject.test(row.subject)).map(({ value }) => value);

  it('leave those alone that fail half the bound or less', () => {
    const alarms = takenBack(/min, (1|2\.5) %/);
    expect(alarms).toHaveLength(8);
    for (const value of alarms) expect(value).toBeLessThanOrEqual(1);
  });

  it('roll back those that fail twice the bound, and every burst', () => {
    const found = takenBack(/min, (10 %|90 s)/);
    expect(found).toHaveLength(8);
    for (const value of found) expect(value).toBe(releases);
  });
});

it('a condition that some rates meet and others do not is accepted', () => {
  expect(parseCondition('error-rate >= 100 %')).toBeDefined();
  expect(() => planOf(twoMinutes.replace('> 5 %', '>= 100 %'))).not.toThrow();
});
