import { describe, expect, it } from '@jest/globals';
import { deployment, incident, reportOf } from '../ledger-facts.js';

const leftOut = (report: ReturnType<typeof reportOf>) =>
  Object.fromEntries(report.leftOut.map((l) => [l.what, l.count]));

describe('recovery', () => {
  const failed = deployment(2, '03-03 10:00', 'b', { then: [['failure', '03-03 10:05']] });

  it('runs from the first success of the failed deployment to that of the next one', () => {
    const rollback = deployment(3, '03-03 10:30', 'a', { kind: 'rollback', previous: 2 });
    const { total } = reportOf({ deployments: [failed, rollback] });
    expect(total.recovery).toMatchObject({ n: 1, p50: 0.5 });
    expect(total.recovery.events[0]!.until.text).toContain('deployment 3');
  });

  it('is not over with a deployment that was taken back itself', () => {
    const second = deployment(3, '03-03 11:00', 'c', { then: [['failure', '03-03 11:05']] });
    const { total } = reportOf({ deployments: [failed, second, deployment(4, '03-03 12:00', 'd')] });
    expect(total.recovery.events.map((event) => event.hours)).toEqual([2, 1]);
  });

  it('is not over with a deployment from before the incident was known', () => {
    const deployments = [
      deployment(2, '03-03 10:00', 'b'),
      deployment(3, '03-03 11:00', 'c'),
      deployment(4, '03-03 13:00', 'd'),
    ];
    const { total } = reportOf({ deployments, incidents: [incident(11, '03-03 12:00', { causedBy: 2 })] });
    expect(total.recovery.events.map((event) => event.hours)).toEqual([3]);
  });

  it('is over when the only sign, an incident, was closed without a deployment', () => {
    const incidents = [incident(11, '03-03 12:00', { causedBy: 2, closedAt: '03-03 12:30' })];
    const { total } = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b'), deployment(3, '03-20 10:00', 'c')],
      incidents,
    });
    expect(total.recovery.events.map((event) => [event.hours, event.until.text])).toEqual([
      [2.5, 'incident 11 closed'],
    ]);
  });

  it('is open, with its age and outside the figures, when nothing followed', () => {
    const { total } = reportOf({ deployments: [failed] });
    expect(total.recovery).toMatchObject({ n: 0, p50: null });
    expect(total.recovery.open[0]!.hours).toBe(26 * 24 + 14);
  });

  it('belongs to the window in which it ended', () => {
    const rollback = deployment(3, '03-03 10:30', 'a', { kind: 'rollback', previous: 2 });
    const late = { from: '2026-03-03T10:10:00.000Z' };
    const { total } = reportOf({ deployments: [failed, rollback] }, late);
    expect([total.changeFailRate.value, total.recovery.n]).toEqual([null, 1]);
  });
});

describe('time to restore', () => {
  it('runs from the opening of an incident to its closing, overlapping or not', () => {
    const incidents = [
      incident(11, '03-03 10:00', { closedAt: '03-03 12:00' }),
      incident(12, '03-03 11:00', { closedAt: '03-03 12:00' }),
    ];
    expect(reportOf({ incidents }).total.timeToRestore).toMatchObject({ n: 2, p50: 1.5 });
  });

  it('leaves an open incident out of the figures and shows its age, never 0', () => {
    const { timeToRestore } = reportOf({ incidents: [incident(11, '03-29 00:00')] }).total;
    expect([timeToRestore.p50, timeToRestore.open[0]!.hours]).toEqual([null, 24]);
  });

  it('drops an incident closed before it opened', () => {
    const report = reportOf({ incidents: [incident(11, '03-03 12:00', { closedAt: '03-03 10:00' })] });
    expect([report.total.timeToRestore.n, leftOut(report)['incidents closed before they opened']]).toEqual([
      0, 1,
    ]);
  });

  it('leaves out incidents of another environment or service', () => {
    const incidents = [
      incident(11, '03-03 10:00', {
        closedAt: '03-03 12:00',
        marker: { service: 'shop', environment: 'staging' },
      }),
      incident(12, '03-03 10:00', {
        closedAt: '03-03 12:00',
        marker: { service: 'mail', environment: 'production' },
      }),
    ];
    expect(reportOf({ incidents }, { services: ['shop'] }).total.timeToRestore.n).toBe(0);
  });
});
