import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCondition } from '../../../shared/analysis/condition.js';
import { countIn, partsOf, rateOf } from '../../../shared/analysis/statistics/rate.js';
import { judgeSustained } from '../../../shared/analysis/sustained.js';
import type { Sample } from '../../../shared/contracts/reports/analysis-report.js';

const over5 = parseCondition('error-rate > 5 %')!;
const second = 1_000;
const rule = { forMs: 120 * second, overMs: 30 * second, minRequests: 100, confidence: 0.95 as const };

/** Samples of 5 s each from 0 on; `rates` are error shares, each of 20 requests. */
const every5s = (...rates: number[]): Sample[] =>
  rates.map((rate, index) => ({
    from: index * 5 * second,
    to: (index + 1) * 5 * second,
    requests: 20,
    errors: 20 * rate,
  }));
const times = (count: number, rate: number) => Array<number>(count).fill(rate);
const judge = (samples: Sample[], at: number, since = 0, given = rule) =>
  judgeSustained(over5, given, samples, since, at);
const end = (samples: Sample[]) => samples.at(-1)!.to;

describe('a bad rate', () => {
  it('is sustained when it has lasted exactly as long as asked', () => {
    const samples = every5s(...times(24, 0.12));
    expect(judge(samples, end(samples)).is).toBe('sustained');
  });

  it('is not sustained one interval earlier', () => {
    const samples = every5s(...times(23, 0.12));
    expect(judge(samples, end(samples))).toMatchObject({ is: 'building', forMs: 115 * second });
  });

  it('is not sustained a millisecond earlier', () => {
    const samples = every5s(...times(24, 0.12));
    expect(judge(samples, end(samples) - 1).is).toBe('building');
  });

  it('of exactly the threshold is not above it', () => {
    const samples = every5s(...times(30, 0.05));
    expect(judge(samples, end(samples)).is).toBe('not-met');
  });

  it('is found within its window when it begins in the middle of a healthy watch', () => {
    const samples = every5s(...times(40, 0), ...times(24, 0.12));
    expect(judge(samples.slice(0, 63), end(samples.slice(0, 63))).is).toBe('building');
    expect(judge(samples, end(samples)).is).toBe('sustained');
  });

  it('of everything is not sustained sooner than one that is just bad enough', () => {
    const samples = every5s(...times(40, 0), ...times(23, 1));
    expect(judge(samples, end(samples))).toMatchObject({ is: 'building', forMs: 115 * second });
  });

  it('starts again after one good sample, when parts are as long as samples', () => {
    const fine = { ...rule, overMs: 5 * second };
    const samples = every5s(...times(20, 0.12), 0, ...times(23, 0.12));
    expect(judge(samples, end(samples), 0, fine)).toMatchObject({ is: 'building', forMs: 115 * second });
    const later = every5s(...times(20, 0.12), 0, ...times(24, 0.12));
    expect(judge(later, end(later), 0, fine).is).toBe('sustained');
  });

  it('survives one good sample when parts are longer: chance alone gives a failing release a good five seconds', () => {
    const samples = every5s(...times(30, 0.12), 0, ...times(10, 0.12));
    expect(judge(samples, end(samples)).is).toBe('sustained');
  });

  it('is not sustained by a burst, however bad the mean of the whole window', () => {
    const samples = every5s(...times(22, 0), 1, 1);
    expect(rateOf(countIn(samples, { from: 0, to: end(samples) }))).toBeGreaterThan(0.05);
    expect(judge(samples, end(samples))).toMatchObject({ is: 'building' });
  });

  it('that is over is not met, whatever was before', () => {
    const samples = every5s(...times(18, 0.5), ...times(6, 0));
    expect(judge(samples, end(samples)).is).toBe('not-met');
  });
});

describe('too few requests', () => {
  const thin = (requests: number) =>
    every5s(...times(24, 0)).map((sample) => ({ ...sample, requests: requests / 24, errors: requests / 24 }));

  it('are no data once the watch is old enough, even if every single one failed', () => {
    expect(judge(thin(99), 120 * second)).toMatchObject({
      is: 'no-data',
      message: expect.stringContaining('100 are needed'),
    });
    expect(judge(thin(101), 120 * second).is).toBe('sustained');
  });

  it('are only too young before that', () => {
    expect(judge(thin(99), 60 * second).is).toBe('too-young');
  });

  it('in the newest part prove nothing about now', () => {
    const samples = every5s(...times(24, 0.5));
    expect(judge(samples, end(samples) + 40 * second)).toMatchObject({ is: 'no-data', rate: undefined });
  });

  it('in a part in the middle keep the rate from being sustained', () => {
    const samples = every5s(...times(24, 0.5)).filter((_, index) => index < 6 || index >= 12);
    expect(judge(samples, 120 * second)).toMatchObject({ is: 'building', forMs: 60 * second });
  });

  it('none at all, ever, are no data and neither good nor bad', () => {
    expect(judge([], 120 * second).is).toBe('no-data');
    expect(judge([], 119 * second).is).toBe('too-young');
  });

  it('make no NaN: a window of empty samples has no rate', () => {
    const empty = every5s(...times(24, 0)).map((sample) => ({ ...sample, requests: 0, errors: 0 }));
    expect(judge(empty, 120 * second)).toMatchObject({ is: 'no-data', rate: undefined, requests: 0 });
  });
});

describe('the warm-up', () => {
  const bad = every5s(...times(26, 1));

  it('is not judged: samples that begin in it are left out', () => {
    expect(judge(bad, 130 * second, 10 * second).is).toBe('sustained');
    expect(judge(bad, 125 * second, 10 * second).is).toBe('building');
  });

  it('leaves a sample out that reaches out of it', () => {
    const samples = every5s(...times(2, 1), ...times(24, 0));
    expect(judge(samples, end(samples), 7 * second)).toMatchObject({ is: 'not-met', errors: 0 });
  });
});

describe('a sample that spans a gap', () => {
  it('counts in every part it covers, so that missed scrapes do not look like silence', () => {
    const before = every5s(...times(6, 0.2));
    const gap: Sample = { from: 30 * second, to: 100 * second, requests: 280, errors: 56 };
    const after = every5s(...times(24, 0.2)).slice(20);
    expect(judge([...before, gap, ...after], 120 * second).is).toBe('sustained');
  });

  it('of a probe counts in the part of its instant', () => {
    const probes: Sample[] = Array.from({ length: 25 }, (_, i) => ({
      from: i * 5 * second,
      to: i * 5 * second,
      requests: 1,
      errors: 1,
    }));
    const given = { ...rule, minRequests: 10 };
    expect(judge(probes, 120 * second, 0, given).is).toBe('sustained');
    expect(judge(probes.slice(0, 24), 115 * second, 0, given).is).toBe('building');
    expect(
      judge(
        probes.map((p, i) => ({ ...p, errors: i > 18 ? 0 : 1 })),
        120 * second,
        0,
        given,
      ).is,
    ).toBe('not-met');
  });
});

describe('windows', () => {
  it('cut into parts lose and double no request', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ length: fc.integer({ min: 0, max: 20_000 }), requests: fc.nat(500) }), {
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 90_000 }),
        (lengths, partMs) => {
          let at = 0;
          const samples = lengths.map(({ length, requests }) => ({
            from: at,
            to: (at += length),
            requests,
            errors: 0,
          }));
          const window = { from: 10_000, to: 100_000 };
          const whole = countIn(samples, window).requests;
          const parts = partsOf(window, partMs).reduce(
            (sum, part) => sum + countIn(samples, part).requests,
            0,
          );
          expect(parts).toBeCloseTo(whole, 6);
        },
      ),
    );
  });

  it('never sustain a rate whose every sample is good', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 }), (errors) => {
        const samples = every5s(...errors.map(() => 0)).map((sample, i) => ({
          ...sample,
          requests: 1_000,
          errors: errors[i]!,
        }));
        expect(judge(samples, end(samples)).is).not.toBe('sustained');
      }),
    );
  });
});
