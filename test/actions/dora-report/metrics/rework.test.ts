import { describe, expect, it } from '@jest/globals';
import { deployment, incident, reportOf } from '../ledger-facts.js';

describe('rework', () => {
  const hotfix = deployment(4, '03-03 12:00', 'c', { kind: 'hotfix' });

  it('is a hotfix after a failed release, which counts as a deployment', () => {
    const failed = deployment(2, '03-03 10:00', 'b', { then: [['failure', '03-03 10:05']] });
    const { total } = reportOf({ deployments: [failed, hotfix] });
    expect(total.reworkRate).toMatchObject({ value: 0.5, hits: 1, n: 2 });
    expect(total.frequency.n).toBe(2);
  });

  it('is a hotfix after an incident that names no deployment', () => {
    const { total } = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b'), hotfix],
      incidents: [incident(11, '03-03 11:00')],
    });
    expect(total.reworkRate.hits).toBe(1);
  });

  it('is not a hotfix of something that never failed', () => {
    const old = incident(11, '03-01 11:00', { closedAt: '03-01 12:00' });
    const { total } = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b'), hotfix],
      incidents: [old],
    });
    expect(total.reworkRate).toMatchObject({ value: 0, hits: 0 });
  });
});

describe('no data', () => {
  it('is null everywhere but in the frequency, which is 0 and has no tier', () => {
    const { result, total } = reportOf({});
    expect(result).toBe('no-deployments');
    expect([total.frequency.perDay, total.frequency.tier]).toEqual([0, null]);
    expect([total.changeFailRate.value, total.changeFailRate.tier, total.reworkRate.value]).toEqual([
      null,
      null,
      null,
    ]);
    for (const metric of [total.leadTime, total.recovery, total.timeToRestore])
      expect(metric).toMatchObject({ n: 0, mean: null, p50: null, p75: null, p90: null, tier: null });
  });

  it('names a service that was asked for and never deployed', () => {
    expect(reportOf({}, { services: ['shpo'] }).notes).toEqual([
      'No finished deployment of service "shpo" in production.',
    ]);
  });
});
