import { describe, expect, it } from '@jest/globals';
import { deployment, instant, reportOf } from '../ledger-facts.js';

const leftOut = (report: ReturnType<typeof reportOf>) =>
  Object.fromEntries(report.leftOut.map((l) => [l.what, l.count]));

describe('what counts as a deployment', () => {
  it('one record with a success in the window', () => {
    const { total } = reportOf({
      deployments: [deployment(1, '02-01 10:00', 'a'), deployment(2, '03-03 10:00', 'b')],
    });
    expect(total.frequency).toMatchObject({ n: 1, days: 28, perDay: 1 / 28 });
  });

  it('several records of one commit and run are one', () => {
    const run = { id: 7, attempt: 1 };
    const report = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b', { run }), deployment(3, '03-03 10:01', 'b', { run })],
    });
    expect(report.total.frequency.n).toBe(1);
    expect(leftOut(report)['further records of a deployment']).toBe(1);
  });

  it('several records of one deployment finished with the first of their successes', () => {
    const run = { id: 7, attempt: 1 };
    const report = reportOf({
      deployments: [
        deployment(2, '03-03 10:05', 'b', { run, createdAt: instant('03-03 10:00') }),
        deployment(3, '03-03 10:02', 'b', { run, createdAt: instant('03-03 10:01') }),
      ],
    });
    expect(report.deployments.map((row) => row.at)).toEqual(['2026-03-03T10:02:00.000Z']);
  });

  it('the same commit and run again after it was taken back is a second one', () => {
    const run = { id: 7, attempt: 1 };
    const first = deployment(2, '03-03 10:00', 'b', { run, then: [['failure', '03-03 10:05']] });
    const { total } = reportOf({
      deployments: [first, deployment(3, '03-03 11:00', 'b', { run: { id: 7, attempt: 2 } })],
    });
    expect(total.changeFailRate).toMatchObject({ n: 2, hits: 1 });
  });

  it('a success that became inactive is still one', () => {
    const { total } = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b', { then: [['inactive', '03-04 10:00']] })],
    });
    expect(total.changeFailRate).toMatchObject({ n: 1, hits: 0 });
  });

  it('a release that met no traffic and became inactive is none', () => {
    const report = reportOf({
      deployments: [
        deployment(2, '03-03 10:00', 'b', { first: 'error', then: [['inactive', '03-04 10:00']] }),
      ],
    });
    expect(report.result).toBe('no-deployments');
    expect(leftOut(report)['deployments that never succeeded']).toBe(1);
  });

  it('its time is the first success, which a later one does not move', () => {
    const { deployments } = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b', { then: [['success', '03-09 10:00']] })],
    });
    expect(deployments[0]!.at).toBe('2026-03-03T10:00:00.000Z');
  });

  it('one in flight does not count and is named', () => {
    const report = reportOf({ deployments: [deployment(2, '03-03 10:00', 'b', { first: 'in_progress' })] });
    expect([report.total.frequency.n, leftOut(report)['deployments in flight']]).toEqual([0, 1]);
  });

  it('one of an untrusted record does not count and is shown with the reason', () => {
    const report = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b', { distrust: ['created by mallory'] })],
    });
    expect(report.total.frequency.n).toBe(0);
    expect(report.leftOut[0]!.examples[0]!.text).toContain('created by mallory');
  });

  it('a rollback does not count, and does when asked', () => {
    const deployments = [
      deployment(2, '03-03 10:00', 'b', { then: [['failure', '03-03 10:05']] }),
      deployment(3, '03-03 10:06', 'a', { kind: 'rollback', previous: 2 }),
    ];
    expect(reportOf({ deployments }).total.frequency.n).toBe(1);
    const counted = reportOf({ deployments }, { countRollbacks: true }).total;
    expect([counted.frequency.n, counted.reworkRate.hits]).toEqual([2, 1]);
  });

  it('services are told apart without regard to case', () => {
    const deployments = [
      deployment(2, '03-03 10:00', 'b'),
      deployment(3, '03-04 10:00', 'c', { service: 'Shop' }),
    ];
    expect(reportOf({ deployments }).services.map((m) => [m.service, m.frequency.n])).toEqual([['shop', 2]]);
  });
});
