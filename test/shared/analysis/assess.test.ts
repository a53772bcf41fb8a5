import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { add, assess, emptyTally, evaluate, worst } from '../../../shared/analysis/assess.js';
import type { Phase } from '../../../shared/contracts/reports/analysis-report.js';

const limits = { maxFailures: 0, maxConsecutiveErrors: 4 };
const tallyOf = (...phases: Phase[]) => phases.reduce(add, emptyTally);

describe('one measurement', () => {
  it.each([
    { failed: true, succeeded: true, phase: 'Failed', why: 'failure beats success' },
    { failed: true, succeeded: false, phase: 'Failed', why: 'it failed' },
    { failed: true, succeeded: undefined, phase: 'Failed', why: 'it failed' },
    { failed: false, succeeded: true, phase: 'Successful', why: 'it succeeded' },
    { failed: false, succeeded: false, phase: 'Inconclusive', why: 'neither condition holds' },
    {
      failed: false,
      succeeded: undefined,
      phase: 'Successful',
      why: 'it did not fail and nothing else is asked',
    },
    { failed: undefined, succeeded: true, phase: 'Successful', why: 'it succeeded' },
    {
      failed: undefined,
      succeeded: false,
      phase: 'Failed',
      why: 'success is all that is asked and it is missing',
    },
  ])('is $phase when failed=$failed and succeeded=$succeeded: $why', ({ failed, succeeded, phase }) => {
    expect(evaluate({ failed, succeeded })).toBe(phase);
  });

  it('cannot be judged without any condition, which Argo calls Successful', () => {
    expect(() => evaluate({ failed: undefined, succeeded: undefined })).toThrow('needs fail-when');
  });
});

describe('a criterion', () => {
  it('tolerates as many failures as said and fails with the next one', () => {
    const three = tallyOf('Failed', 'Failed', 'Failed');
    expect(assess({ ...limits, maxFailures: 3 }, three)).toBe('Running');
    expect(assess({ ...limits, maxFailures: 3 }, add(three, 'Failed'))).toBe('Failed');
  });

  it('counts errors only in a row: any answer ends the row', () => {
    const errors: Phase[] = ['Error', 'Error', 'Error', 'Error'];
    expect(assess(limits, tallyOf(...errors, 'Successful', ...errors))).toBe('Running');
    expect(assess(limits, tallyOf(...errors, 'Error'))).toBe('Error');
  });

  it('uses up no count for errors and for measurements still open', () => {
    expect(tallyOf('Error', 'Running', 'Successful', 'Inconclusive', 'Failed').count).toBe(3);
  });

  it('ends a row of errors with a measurement that is still open: the source did answer', () => {
    expect(tallyOf('Error', 'Running', 'Error').consecutiveErrors).toBe(1);
  });

  it('stays failed when the last measurement is open, unlike Argo, which has stopped by then', () => {
    expect(assess(limits, tallyOf('Failed', 'Running'))).toBe('Failed');
  });

  it('is Failed when the limits of failures and of errors are both broken; Argo says Error and would not take back', () => {
    expect(
      assess(
        { maxFailures: 0, maxConsecutiveErrors: 0, maxInconclusive: 0 },
        tallyOf('Failed', 'Inconclusive', 'Error'),
      ),
    ).toBe('Failed');
  });

  it('is inconclusive without end unless a limit is given', () => {
    const many = tallyOf(...Array<Phase>(100).fill('Inconclusive'));
    expect(assess(limits, many)).toBe('Running');
    expect(assess({ ...limits, maxInconclusive: 0 }, many)).toBe('Inconclusive');
  });
});

describe('any course of measurements', () => {
  const phases: readonly Phase[] = ['Successful', 'Failed', 'Inconclusive', 'Error', 'Running'];
  const course = fc.array(fc.constantFrom(...phases), { minLength: 1, maxLength: 30 });
  const someLimits = fc.record({
    maxFailures: fc.nat(5),
    maxInconclusive: fc.nat(5),
    maxConsecutiveErrors: fc.nat(5),
  });
  const of = (given: Parameters<typeof assess>[0], measured: readonly Phase[]) =>
    assess(given, measured.reduce(add, emptyTally));

  it('that failed once stays so whatever comes after, and is no better with one failure more', () => {
    fc.assert(
      fc.property(someLimits, course, course, (given, before, after) => {
        if (of(given, before) === 'Failed') expect(of(given, [...before, ...after])).toBe('Failed');
        const failures = (measured: readonly Phase[]) => measured.filter((one) => one === 'Failed').length;
        expect(of(given, before) === 'Failed').toBe(failures(before) > given.maxFailures);
      }),
    );
  });

  it('is never worse where more is tolerated', () => {
    const order = ['Running', 'Inconclusive', 'Error', 'Failed'];
    fc.assert(
      fc.property(someLimits, someLimits, course, (given, more, measured) => {
        const wider = {
          maxFailures: given.maxFailures + more.maxFailures,
          maxInconclusive: given.maxInconclusive + more.maxInconclusive,
          maxConsecutiveErrors: given.maxConsecutiveErrors + more.maxConsecutiveErrors,
        };
        const rank = (phase: Phase) => order.indexOf(phase);
        expect(rank(of(wider, measured))).toBeLessThanOrEqual(rank(of(given, measured)));
      }),
    );
  });

  it('has the same worst phase in any order, and as often as it is asked', () => {
    fc.assert(
      fc.property(course, (measured) => {
        const phase = worst(measured);
        expect(worst([...measured].reverse())).toBe(phase);
        expect(worst([...measured, phase])).toBe(phase);
        expect(measured).toContain(phase);
      }),
    );
  });
});

describe('the worst of several phases', () => {
  it('follows the order Successful, Running, Pending, Inconclusive, Error, Failed', () => {
    const order: Phase[] = ['Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed'];
    order.forEach((phase, index) => expect(worst(order.slice(0, index + 1))).toBe(phase));
    expect(worst([...order].reverse())).toBe('Failed');
  });

  it('is Pending, never Successful, when there is none', () => {
    expect(worst([])).toBe('Pending');
  });
});
