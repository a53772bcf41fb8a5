import { describe, expect, it } from '@jest/globals';
import { commit, deployment, incident, reportOf } from './ledger-facts.js';

const left = (report: ReturnType<typeof reportOf>) =>
  Object.fromEntries(report.leftOut.map(({ what, count }) => [what, count]));
const unnamed = (number: number, at: string) =>
  incident(number, at, { closedAt: '2026-03-28T00:00:00.000Z' });

describe('rules of figures', () => {
  const line = [
    commit('a', '03-01 09:00'),
    commit('b', '03-02 08:00', ['a']),
    commit('c', '03-02 06:00', ['b']),
    commit('d', '03-02 00:00', ['c']),
    commit('e', '03-01 14:00', ['d']),
  ];
  it('rules 15 and 24: one sample a commit with its spread; the median of four is the middle of two', () => {
    const report = reportOf({
      deployments: [deployment(1, '03-01 10:00', 'a'), deployment(2, '03-02 10:00', 'e')],
      commits: line,
    });
    const { n, mean, p50, p75, p90, p95 } = report.total.leadTime;
    expect([n, mean, p50, p75]).toEqual([4, 9, 7, 12.5]);
    expect(p90).toBeCloseTo(17);
    expect(p95).toBeCloseTo(18.5);
  });

  it('rule 16: an incident counts in the window of its deployment, its restoring in that of its closing', () => {
    const world = {
      deployments: [deployment(1, '03-03 10:00', 'a'), deployment(2, '03-20 10:00', 'b')],
      incidents: [incident(9, '03-03 11:00', { causedBy: 1, closedAt: '2026-03-20T11:00:00.000Z' })],
    };
    const early = reportOf(world, { to: '2026-03-16T00:00:00.000Z' }).total;
    const late = reportOf(world, { from: '2026-03-16T00:00:00.000Z' }).total;
    expect([early.changeFailRate.hits, early.timeToRestore.n]).toEqual([1, 0]);
    expect([late.changeFailRate.hits, late.timeToRestore.n]).toEqual([0, 1]);
  });

  it.each([
    ['at the same instant is not linked', '03-03 10:00', 0],
    ['a second later is linked', '03-03 10:00:01', 1],
    ['at the largest gap is linked', '03-04 10:00', 1],
    ['after the largest gap is not linked', '03-04 10:00:01', 0],
  ])('rule 16: by time, an incident %s', (_, at, hits) => {
    const world = { deployments: [deployment(2, '03-03 10:00', 'b')], incidents: [unnamed(9, at)] };
    expect(reportOf(world, { linkWithinHours: 24 }).total.changeFailRate.hits).toBe(hits);
    expect(reportOf(world).total.changeFailRate.hits).toBe(0);
  });

  it('rule 16: the deployment that an incident names beats the one nearest in time', () => {
    const report = reportOf(
      {
        deployments: [deployment(1, '03-03 10:00', 'a'), deployment(2, '03-03 11:00', 'b')],
        incidents: [incident(9, '03-03 12:00', { causedBy: 1 })],
      },
      { linkWithinHours: 24 },
    );
    expect(report.deployments.map(({ id, outcome }) => [id, outcome])).toEqual([
      [2, 'succeeded'],
      [1, 'failed'],
    ]);
  });

  it('rule 17: several incidents of a deployment are one failure, and each has its own time to restore', () => {
    const { total } = reportOf({
      deployments: [deployment(1, '03-03 10:00', 'a'), deployment(2, '03-05 10:00', 'b')],
      incidents: [
        incident(8, '03-03 11:00', { causedBy: 1, closedAt: '2026-03-03T13:00:00.000Z' }),
        incident(9, '03-03 12:00', { causedBy: 1, closedAt: '2026-03-03T16:00:00.000Z' }),
      ],
    });
    expect(total.changeFailRate).toMatchObject({ value: 0.5, hits: 1, n: 2 });
    expect(total.timeToRestore).toMatchObject({ n: 2, mean: 3 });
    expect(total.recovery).toMatchObject({ n: 1, p50: 6 });
  });

  it('rule 18: what is open at the end is a failure, is in no recovery figure and has an age', () => {
    const { total } = reportOf({
      deployments: [deployment(1, '03-29 10:00', 'a')],
      incidents: [incident(8, '03-29 11:00', { causedBy: 1 })],
    });
    expect(total.changeFailRate.value).toBe(1);
    expect(total.recovery).toMatchObject({ n: 0, p50: null });
    expect([total.recovery.open.length, total.timeToRestore.open.length]).toEqual([1, 1]);
  });

  it('rule 19: recovery runs from the failed deployment, time to restore from the opening', () => {
    const { total } = reportOf({
      deployments: [deployment(1, '03-03 10:00', 'a')],
      incidents: [incident(8, '03-03 12:00', { causedBy: 1, closedAt: '2026-03-03T13:00:00.000Z' })],
    });
    expect([total.recovery.p50, total.timeToRestore.p50]).toEqual([3, 1]);
  });

  it('rule 20: without deployments the frequency is 0, and nothing else has a value or tier', () => {
    const { total, result } = reportOf({}, { incidentSource: true });
    expect([result, total.frequency.perDay, total.frequency.tier]).toEqual(['no-deployments', 0, null]);
    expect([
      total.leadTime.p50,
      total.changeFailRate.value,
      total.recovery.p50,
      total.reworkRate.value,
    ]).toEqual([null, null, null, null]);
  });

  it.each([
    [true, 0],
    [false, null],
  ])(
    'rule 20: without failures, and a source of them %s, the change fail rate is %s',
    (incidentSource, value) => {
      const { total } = reportOf({ deployments: [deployment(1, '03-03 10:00', 'a')] }, { incidentSource });
      expect(total.changeFailRate.value).toBe(value);
    },
  );

  it('rule 21: the window is half-open', () => {
    const deployments = ['03-02 00:00', '03-09 00:00'].map((at, n) => deployment(n + 1, at, 'a'));
    const { total } = reportOf({ deployments }, { to: '2026-03-09T00:00:00.000Z' });
    expect(total.frequency.n).toBe(1);
  });

  it.each([
    ['23', '2026-03-23T23:00:00.000Z', '2026-03-30T22:00:00.000Z'],
    ['25', '2026-10-18T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  ])('rule 21: a week with a day of %s hours has seven days', (_, from, to) => {
    const at = new Date(Date.parse(from) + 3_600_000).toISOString();
    const { total } = reportOf(
      { deployments: [deployment(1, '01-02 10:00', 'a'), deployment(2, at, 'b')] },
      { from, to, timezone: 'Europe/Berlin' },
    );
    expect([total.frequency.n, total.frequency.days, total.frequency.perDay]).toEqual([1, 7, 1 / 7]);
  });

  it('rule 22: a commit that is gone gives no sample, nor does the deployment after it; both are counted', () => {
    const report = reportOf({
      deployments: [
        deployment(1, '03-01 10:00', 'a'),
        deployment(2, '03-03 10:00', 'gone'),
        deployment(3, '03-04 10:00', 'c'),
      ],
      commits: line,
      missing: ['gone'],
    });
    expect([report.total.frequency.n, report.total.leadTime.n]).toEqual([2, 0]);
    expect(left(report)).toMatchObject({
      'deployments of a lost commit': 1,
      'deployments after a lost commit': 1,
    });
  });

  it('rule 25: plain Deployments that a job of the same run added are no deployments of their own', () => {
    const run = { id: 9, attempt: 1 };
    const jobs = [1, 2, 3].map((id) =>
      deployment(id, `03-03 10:0${id}`, 'a', { source: 'deployments', run }),
    );
    expect(reportOf({ deployments: jobs }).total.frequency.n).toBe(1);
  });
});
