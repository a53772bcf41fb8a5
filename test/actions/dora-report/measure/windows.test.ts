import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compute } from '../../../../actions/dora-report/measure/compute.js';
import { resolvePeriod } from '../../../../actions/dora-report/measure/period.js';
import { ConfigurationError } from '../../../../shared/config/problem.js';
import { doraReportSchema } from '../../../../shared/contracts/reports/dora-report.js';
import { commit, deployment, epoch, factsOf, incident, question, reportOf } from '../ledger-facts.js';

const hour = 3_600_000;
const week = 7 * 24 * hour;
const now = epoch('03-30 08:00');
const period = (request: Partial<Parameters<typeof resolvePeriod>[0]>) =>
  resolvePeriod({ from: undefined, to: undefined, window: undefined, timezone: 'UTC', ...request }, now);

describe('the window', () => {
  it('is half-open: an event at its begin belongs to it, one at its end does not', () => {
    const deployments = [deployment(2, question.from, 'a'), deployment(3, question.to, 'b')];
    expect(reportOf({ deployments }).deployments.map((row) => row.id)).toEqual([2]);
  });

  it('is twelve whole weeks until now when nothing is said', () => {
    expect(period({})).toMatchObject({ from: now - 12 * week, to: now, notes: [] });
  });

  it('is rounded up to whole weeks, and says so', () => {
    const { from, notes } = period({ window: 30 * 24 * hour });
    expect([from, notes]).toEqual([now - 5 * week, ['The window was rounded up to 5 whole weeks.']]);
  });

  it('has the same number of weekly deployments whatever day it is', () => {
    const deployments = Array.from({ length: 30 }, (_, i) =>
      deployment(i + 1, new Date(now - i * week - 3 * hour).toISOString(), 'a'),
    );
    const counts = Array.from({ length: 7 }, (_, day) => {
      const { from, to } = resolvePeriod(
        { from: undefined, to: undefined, window: undefined, timezone: 'UTC' },
        now - day * 24 * hour,
      );
      return reportOf({ deployments }, { from: new Date(from).toISOString(), to: new Date(to).toISOString() })
        .total.frequency;
    });
    expect(new Set(counts.map((f) => `${f.n} ${f.tier}`))).toEqual(new Set(['12 high']));
  });

  it('keeps whole calendar days across a change of the clocks', () => {
    const { from, to } = period({ from: '2026-03-28', to: '2026-03-30', timezone: 'Europe/Madrid' });
    expect(to - from).toBe(47 * hour);
    const asked = {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      timezone: 'Europe/Madrid',
    };
    expect(reportOf({}, asked).total.frequency.days).toBe(2);
  });

  it('ends now when it was asked to end later', () => {
    expect(period({ to: '2026-12-31' })).toMatchObject({
      to: now,
      notes: [expect.stringContaining('not come yet')],
    });
  });

  it.each([
    ['a date the calendar does not have', { from: '2026-02-30' }, 'from'],
    ['a from after the to', { from: '2026-03-20', to: '2026-03-01' }, 'from'],
    ['both from and window', { from: '2026-03-01', window: week }, 'window'],
    ['an unknown zone', { timezone: 'Europe/Madird' }, 'timezone'],
    ['an instant without an offset', { to: '2026-03-01T10:00' }, 'to'],
  ])('refuses %s by the name of the input', (_, request, path) => {
    expect.assertions(2);
    try {
      period(request);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      expect((error as ConfigurationError).problems.map((problem) => problem.path)).toEqual([path]);
    }
  });
});

describe('days and weeks', () => {
  it('are those of the asked zone, weeks from Monday', () => {
    const deployments = [deployment(2, '03-08 23:30', 'a')];
    const days = (timezone: string) =>
      reportOf({ deployments }, { timezone })
        .total.weeks.filter((bucket) => bucket.deployments > 0)
        .map((bucket) => bucket.day);
    expect([days('UTC'), days('Europe/Madrid')]).toEqual([['2026-03-02'], ['2026-03-09']]);
  });

  it('are half-open too: midnight on Monday belongs to the week it begins', () => {
    const { total } = reportOf({ deployments: [deployment(2, '2026-03-09T00:00:00.000Z', 'a')] });
    expect(total.weeks.map((bucket) => bucket.deployments)).toEqual([0, 1, 0, 0]);
  });

  it('cut off by the window are marked', () => {
    const { weeks } = reportOf({}, { from: '2026-03-04T00:00:00.000Z' }).total;
    expect(weeks.map((bucket) => [bucket.day, bucket.partial])).toEqual([
      ['2026-03-02', true],
      ['2026-03-09', false],
      ['2026-03-16', false],
      ['2026-03-23', false],
    ]);
  });

  it('have no rate, not a rate of 0, without deployments', () => {
    expect(reportOf({}).total.weeks.map((bucket) => bucket.changeFailRate)).toEqual([null, null, null, null]);
  });
});

const happenings = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 28 * 24 - 1 }),
    kind: fc.constantFrom('release' as const, 'hotfix' as const, 'rollback' as const),
    taken: fc.boolean(),
    trouble: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);

/** A history of shop with one commit before each deployment. */
function worldOf(
  list: readonly { at: number; kind: 'release' | 'hotfix' | 'rollback'; taken: boolean; trouble: boolean }[],
) {
  const from = Date.parse(question.from);
  const instant = (ms: number) => new Date(ms).toISOString();
  const sorted = [...list].sort((a, b) => a.at - b.at);
  return {
    commits: sorted.map((_, i) =>
      commit(`c${i}`, instant(from + sorted[i]!.at * hour - hour), i > 0 ? [`c${i - 1}`] : []),
    ),
    deployments: sorted.map(({ at, kind, taken }, i) => {
      const done = from + at * hour + i;
      return deployment(i + 1, instant(done), `c${i}`, {
        kind,
        then: taken ? [['failure', instant(done + 60_000)]] : [],
      });
    }),
    incidents: sorted.flatMap(({ at, trouble }, i) =>
      trouble
        ? [
            incident(100 + i, instant(from + at * hour + 90_000), {
              causedBy: i + 1,
              closedAt: instant(from + (at + 3) * hour),
            }),
          ]
        : [],
    ),
  };
}

describe('any two neighbouring windows', () => {
  it('together have exactly what the window over both has', () => {
    fc.assert(
      fc.property(happenings, fc.integer({ min: 1, max: 28 * 24 - 1 }), (list, cut) => {
        const facts = factsOf(worldOf(list));
        const middle = new Date(Date.parse(question.from) + cut * hour).toISOString();
        const count = (from: string, to: string) => {
          const { total } = compute(facts, { ...question, from, to });
          return [
            total.frequency.n,
            total.changeFailRate.hits,
            total.reworkRate.hits,
            total.leadTime.n,
            total.recovery.n,
            total.timeToRestore.n,
          ];
        };
        const first = count(question.from, middle);
        const second = count(middle, question.to);
        expect(first.map((n, i) => n + second[i]!)).toEqual(count(question.from, question.to));
      }),
      { numRuns: 100, seed: 20260302 },
    );
  });

  it('have weeks and days that add up to the window', () => {
    fc.assert(
      fc.property(
        happenings,
        fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kathmandu', 'America/St_Johns'),
        (list, timezone) => {
          const { total } = reportOf(worldOf(list), { timezone });
          for (const buckets of [total.weeks, total.days]) {
            const sum = (pick: (bucket: (typeof buckets)[number]) => number) =>
              buckets.reduce((all, bucket) => all + pick(bucket), 0);
            expect([
              sum((b) => b.deployments),
              sum((b) => b.failed),
              sum((b) => b.leadTime.n),
              sum((b) => b.recovery.n),
            ]).toEqual([total.frequency.n, total.changeFailRate.hits, total.leadTime.n, total.recovery.n]);
          }
        },
      ),
      { numRuns: 100, seed: 20260302 },
    );
  });
});

describe('a report', () => {
  it('made again from its own facts and question, after a trip through JSON, is the same', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const report = reportOf(worldOf(list));
        const read = doraReportSchema.parse(JSON.parse(JSON.stringify(report)));
        expect(compute(read.facts, read.question)).toEqual(report);
      }),
      { numRuns: 50, seed: 20260302 },
    );
  });
});
