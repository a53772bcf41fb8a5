import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compute } from '../../../../actions/dora-report/measure/compute.js';
import type { DoraReport } from '../../../../shared/contracts/reports/dora-report.js';
import { commit, deployment, epoch, factsOf, incident, question } from '../ledger-facts.js';

const hour = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();
const step = fc.record({
  gap: fc.integer({ min: 0, max: 60 }),
  age: fc.integer({ min: -2, max: 50 }),
  state: fc.constantFrom('success', 'success', 'failure', 'in_progress'),
  after: fc.constantFrom<[] | ['failure'] | ['inactive']>([], [], ['failure'], ['inactive']),
  back: fc.boolean(),
  trouble: fc.option(fc.integer({ min: 0, max: 40 })),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function factsFrom(steps: readonly Step[]) {
  let at = epoch('02-28 00:00');
  const made = steps.map(({ gap, age, state, after, back, trouble }, n) => {
    at += gap * hour;
    const name = back && n > 1 ? `c${n - 2}` : `c${n}`;
    return {
      deployment: deployment(n + 1, iso(at), name, {
        first: state,
        then: after.map((then): [string, string] => [then, iso(at + hour)]),
      }),
      commit: commit(`c${n}`, iso(at - age * hour), n > 0 ? [`c${n - 1}`] : []),
      incident:
        trouble === null
          ? []
          : [
              incident(n + 1, iso(at), {
                ...(n % 2 ? { causedBy: n + 1 } : {}),
                ...(trouble > 20 ? {} : { closedAt: iso(at + trouble * hour) }),
              }),
            ],
    };
  });
  return {
    deployments: made.map((each) => each.deployment),
    commits: made.map((each) => each.commit),
    incidents: made.flatMap((each) => each.incident),
  };
}

const numbers = ({ total }: DoraReport) => {
  const { leadTime, frequency, changeFailRate, recovery, timeToRestore, reworkRate } = total;
  const spread = ({ n, p50, p75, p90 }: typeof leadTime) => ({ n, p50, p75, p90 });
  return {
    perDay: frequency.perDay,
    failed: changeFailRate.value,
    rework: reworkRate.value,
    spreads: [leadTime, recovery, timeToRestore].map(spread),
  };
};
const asked = { ...question, linkWithinHours: 24 };

describe('the figures of any history', () => {
  it('do not depend on the order in which it was read', () => {
    const shuffled = <T>(all: T[]) => fc.shuffledSubarray(all, { minLength: all.length });
    fc.assert(
      fc.property(
        fc
          .array(step, { maxLength: 25 })
          .map((steps) => factsOf(factsFrom(steps), asked))
          .chain((facts) =>
            fc.tuple(
              fc.constant(facts),
              shuffled(facts.deployments),
              shuffled(facts.commits),
              shuffled(facts.incidents),
            ),
          ),
        ([facts, deployments, commits, incidents]) => {
          const again = compute({ ...facts, deployments, commits, incidents }, asked);
          expect(numbers(again)).toEqual(numbers(compute(facts, asked)));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are no NaN, not negative, and no share is over 1', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { perDay, failed, rework, spreads } = numbers(compute(factsOf(factsFrom(steps), asked), asked));
        const values = [perDay, failed, rework, ...spreads.flatMap((spread) => Object.values(spread))];
        for (const value of values)
          if (value !== null) expect(value >= 0 && Number.isFinite(value)).toBe(true);
        for (const share of [failed, rework]) if (share !== null) expect(share).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });
});
