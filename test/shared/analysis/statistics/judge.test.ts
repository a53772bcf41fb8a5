import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  classify,
  shiftOf,
  standardised,
  type Tolerances,
} from '../../../../shared/analysis/statistics/judge.js';
import { normalQuantile } from '../../../../shared/analysis/statistics/normal.js';

const read = (name: string) =>
  JSON.parse(readFileSync(`test/shared/analysis/vectors/${name}.json`, 'utf8')) as never;

interface Near {
  value: number;
  tolerance: number;
}
interface Numeric {
  name: string;
  x: number[];
  y: number[];
  experiment: number[];
  control: number[];
  confidenceLevel: number;
  checks: { mu: number; quantile: number; p: number; expected: number; tolerance: number }[];
  expected: { lower: Near; upper: Near; estimate: Near };
}
interface Row {
  name: string;
  classifier: string;
  experiment: number[];
  control: number[];
  direction: string;
  params: {
    tolerance?: number;
    confLevel?: number;
    effectSizeMeasure?: string;
    effectSizeThresholds?: { decrease: number; increase: number };
  };
  expected: { classification: string };
}

describe("numbers of R and of Kayenta's Mann-Whitney test", () => {
  const cases = (read('mannwhitney-kayenta') as { cases: Numeric[] }).cases;
  const [statistic, quantile, interval] = cases as [Numeric, Numeric, Numeric];

  it.each(statistic.checks)('the statistic at a shift of $mu is $expected', ({ mu, expected, tolerance }) => {
    expect(Math.abs(standardised(statistic.x, statistic.y, mu) - expected)).toBeLessThan(tolerance);
  });

  it.each(quantile.checks)('the quantile of $p is $expected', ({ p, expected, tolerance }) => {
    expect(Math.abs(normalQuantile(p) - expected)).toBeLessThan(tolerance);
  });

  it('the interval of four against four, and its estimate', () => {
    // Two-sided at 95 %: each end is right in 97.5 %.
    const each = 1 - (1 - interval.confidenceLevel) / 2;
    const { low, high, estimate } = shiftOf(interval.experiment, interval.control, each)!;
    const { lower, upper, estimate: middle } = interval.expected;
    expect([low, high, estimate]).toEqual([lower.value, upper.value, middle.value]);
  });
});

describe("Kayenta's classifier", () => {
  const { cases } = read('classifier-kayenta') as { cases: Row[] };
  const words: Record<string, string> = { Pass: 'same', High: 'high', Low: 'low', Nodata: 'no-data' };

  it.each(cases)('$name', ({ experiment, control, direction, params, expected }) => {
    const thresholds = params.effectSizeThresholds ?? { decrease: 1, increase: 1 };
    const tolerances: Tolerances = {
      confidence: 1 - (1 - (params.confLevel ?? 0.95)) / 2,
      tolerance: params.tolerance ?? 0.25,
      direction: direction.toLowerCase() as Tolerances['direction'],
      effect: { of: params.effectSizeMeasure === 'cles' ? 'superiority' : 'ratio', ...thresholds },
    };
    expect(classify(experiment, control, tolerances).is).toBe(words[expected.classification]);
  });
});

const value = fc.double({ min: -1_000, max: 1_000, noNaN: true }).map((one) => Math.round(one * 8) / 8);
const values = fc.array(value, { minLength: 1, maxLength: 25 });
const confidence = fc.constantFrom(0.9, 0.95, 0.99);

describe('the shift between two sets of values', () => {
  it('is the same with the sign turned when the two change places', () => {
    fc.assert(
      fc.property(values, values, confidence, (x, y, sure) => {
        const [there, back] = [shiftOf(x, y, sure)!, shiftOf(y, x, sure)!];
        const without = (...numbers: number[]) => numbers.map((one) => one + 0);
        expect(without(back.low, back.high, back.estimate)).toEqual(
          without(-there.high, -there.low, -there.estimate),
        );
        expect(back.superiority).toBeCloseTo(1 - there.superiority, 12);
        expect(back.chance).toBeCloseTo(there.chance, 12);
      }),
    );
  });

  it('grows by what is added to the values, and scales with them', () => {
    fc.assert(
      fc.property(
        values,
        values,
        confidence,
        fc.constantFrom(0.5, 2, 8),
        fc.integer({ min: -50, max: 50 }),
        (x, y, sure, by, more) => {
          const plain = shiftOf(x, y, sure)!;
          const moved = shiftOf(
            x.map((one) => one + more),
            y,
            sure,
          )!;
          expect(moved.estimate).toBeCloseTo(plain.estimate + more, 9);
          const scaled = shiftOf(
            x.map((one) => one * by),
            y.map((one) => one * by),
            sure,
          )!;
          expect([scaled.low, scaled.high, scaled.estimate]).toEqual(
            [plain.low, plain.high, plain.estimate].map((one) => one * by),
          );
          expect(scaled.chance).toBeCloseTo(plain.chance, 12);
        },
      ),
    );
  });

  it('never falls when a value rises, and an interval holds its estimate', () => {
    fc.assert(
      fc.property(
        values,
        values,
        confidence,
        fc.nat(),
        fc.integer({ min: 0, max: 100 }),
        (x, y, sure, which, more) => {
          const plain = shiftOf(x, y, sure)!;
          const raised = shiftOf(
            x.map((one, index) => (index === which % x.length ? one + more : one)),
            y,
            sure,
          )!;
          expect(raised.estimate).toBeGreaterThanOrEqual(plain.estimate);
          expect(raised.superiority).toBeGreaterThanOrEqual(plain.superiority);
          expect(plain.low).toBeLessThanOrEqual(plain.estimate);
          expect(plain.high).toBeGreaterThanOrEqual(plain.estimate);
        },
      ),
    );
  });

  it('is wider the surer it must be', () => {
    fc.assert(
      fc.property(values, values, (x, y) => {
        const [narrow, wide] = [shiftOf(x, y, 0.9)!, shiftOf(x, y, 0.99)!];
        expect(wide.low).toBeLessThanOrEqual(narrow.low);
        expect(wide.high).toBeGreaterThanOrEqual(narrow.high);
      }),
    );
  });

  it('is not known where the values are too few for the confidence', () => {
    const { low, high } = shiftOf([10, 11, 12], [1, 2, 3], 0.99)!;
    expect([low, high]).toEqual([-Infinity, Infinity]);
    expect(shiftOf([], [1], 0.9)).toBeUndefined();
    expect(shiftOf([NaN, Infinity], [1], 0.9)).toBeUndefined();
  });

  it('is none where all values are equal, and certain where none varies', () => {
    const same = Array<number>(10).fill(5);
    expect(shiftOf(same, same, 0.99)).toMatchObject({ estimate: 0, low: 0, high: 0, chance: 1 });
    expect(shiftOf(same, Array<number>(10).fill(1), 0.99)).toMatchObject({ estimate: 4, low: 4, high: 4 });
  });

  it('is right as often as it says: the true shift lies in 98 % of the intervals, within chance', () => {
    let seed = 7;
    const chance = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const draw = () => -Math.log(chance());
    let outside = 0;
    for (let round = 0; round < 1_000; round += 1) {
      const x = Array.from({ length: 20 }, () => draw() + 3);
      const { low, high } = shiftOf(x, Array.from({ length: 20 }, draw), 0.99)!;
      if (low > 3 || high < 3) outside += 1;
    }
    expect(outside).toBeGreaterThan(2);
    expect(outside).toBeLessThan(40);
  });
});
