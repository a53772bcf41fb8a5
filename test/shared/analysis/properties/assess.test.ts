import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { add, assess, emptyTally, worst, type Limits } from '../../../../shared/analysis/assess.js';
import { replay } from '../../../../shared/analysis/course/course.js';
import type {
  Criterion,
  Phase,
  Plan,
  Sample,
  Tick,
} from '../../../../shared/contracts/reports/analysis-report.js';
import { above, bound, looks, rule, second } from './arbitrary.js';

const phase = fc.constantFrom<Phase>('Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed');
const limits: fc.Arbitrary<Limits> = fc.record({
  maxFailures: fc.nat(4),
  maxInconclusive: fc.option(fc.nat(4), { nil: undefined }),
  maxConsecutiveErrors: fc.nat(4),
});
const tallied = (phases: readonly Phase[]) => phases.reduce(add, emptyTally);

describe('an assessment', () => {
  it('is of as many failures as there were, in whatever order, and fails with one more than tolerated', () => {
    fc.assert(
      fc.property(fc.array(phase, { minLength: 1 }), limits, fc.nat(), (phases, given, seed) => {
        const shuffled = phases
          .map((one, index) => ({ one, key: (index * 2_654_435_761 + seed) % 97 }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const failures = phases.filter((one) => one === 'Failed').length;
        for (const order of [phases, shuffled])
          expect(assess(given, tallied(order)) === 'Failed').toBe(failures > given.maxFailures);
      }),
    );
  });

  it('once failed stays failed, whatever comes after', () => {
    fc.assert(
      fc.property(fc.array(phase, { minLength: 1 }), fc.array(phase), limits, (before, after, given) => {
        fc.pre(assess(given, tallied(before)) === 'Failed');
        expect(assess(given, tallied([...before, ...after]))).toBe('Failed');
      }),
    );
  });

  it('gets no worse when more is tolerated', () => {
    const order: readonly Phase[] = ['Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed'];
    fc.assert(
      fc.property(fc.array(phase, { minLength: 1 }), limits, fc.nat(3), (phases, given, more) => {
        const laxer: Limits = {
          maxFailures: given.maxFailures + more,
          maxInconclusive: given.maxInconclusive === undefined ? undefined : given.maxInconclusive + more,
          maxConsecutiveErrors: given.maxConsecutiveErrors + more,
        };
        const rank = (one: Limits) => order.indexOf(assess(one, tallied(phases)));
        expect(rank(laxer)).toBeLessThanOrEqual(rank(given));
      }),
    );
  });

  it('of several is the worst of them, however they are put together', () => {
    const some = fc.array(phase, { minLength: 1 });
    fc.assert(
      fc.property(some, some, (one, other) => {
        expect(worst([...other, ...one])).toBe(worst([...one, ...other]));
        expect(worst([worst(one), worst(other)])).toBe(worst([...one, ...other]));
      }),
    );
  });
});

describe('a whole watch', () => {
  const criterion = (name: string, value: number, more: Partial<Criterion> = {}): Criterion => ({
    name,
    source: 'app',
    failWhen: above(value),
    ...rule,
    noData: 'inconclusive',
    maxFailures: 0,
    maxConsecutiveErrors: 4,
    ...more,
  });
  const plan = (...criteria: Criterion[]): Plan => ({
    watchMs: 24 * second,
    intervalMs: 2 * second,
    warmUpMs: 0,
    criteria,
  });
  const watched = (given: Plan, samples: readonly Sample[], startedAt = 0) => {
    const ticks = [
      { at: startedAt, samples: [] as Sample[] },
      ...samples.map((one) => ({ at: one.to, samples: [one] })),
    ].map((one): Tick => ({ at: one.at, readings: { app: { is: 'data', samples: one.samples } } }));
    return replay(given, startedAt, ticks).decision.is;
  };

  it('that rolls a release back does so with more errors too, and at any other time', () => {
    fc.assert(
      fc.property(looks, bound, fc.nat(), fc.nat(40), fc.nat(1e9), (samples, value, which, more, later) => {
        const one = plan(criterion('one', value));
        const is = watched(one, samples);
        const moved = samples.map((sample) => ({
          ...sample,
          from: sample.from + later,
          to: sample.to + later,
        }));
        expect(watched(one, moved, later)).toBe(is);
        const worse = samples.map((sample, index) =>
          index === which % samples.length
            ? { ...sample, errors: Math.min(sample.requests, sample.errors + more) }
            : sample,
        );
        if (is === 'failed') expect(watched(one, worse)).toBe('failed');
        if (watched(one, worse) === 'healthy') expect(is).toBe('healthy');
      }),
    );
  });

  it('comes to the same in whatever order its criteria stand, and observing one more changes nothing', () => {
    fc.assert(
      fc.property(looks, bound, bound, (samples, a, b) => {
        const [one, other] = [
          criterion('one', a),
          criterion('other', b, { forMs: 8 * second, overMs: 8 * second }),
        ];
        const is = watched(plan(one, other), samples);
        expect(watched(plan(other, one), samples)).toBe(is);
        expect(watched(plan(one, other, criterion('seen', 0.01, { observe: true })), samples)).toBe(is);
      }),
    );
  });
});
