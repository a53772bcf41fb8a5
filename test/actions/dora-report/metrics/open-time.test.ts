import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hoursCovered, type Interval } from '../../../../actions/dora-report/metrics/figures/open-time.js';
import { incident, reportOf } from '../ledger-facts.js';

const hour = 3_600_000;

describe('how long any incident was open', () => {
  it('is what a count of every hour gives, in any order, and never more than the window', () => {
    const interval = fc.tuple(fc.integer({ min: -5, max: 30 }), fc.integer({ min: -5, max: 30 }));
    fc.assert(
      fc.property(fc.array(interval), fc.integer({ min: 0, max: 12 }), (all, from) => {
        const window = { from: from * hour, to: 20 * hour };
        const intervals = all.map(([a, b]): Interval => [a * hour, b * hour]);
        let counted = 0;
        for (let at = from; at < 20; at++) if (all.some(([a, b]) => a <= at && at < b)) counted++;
        expect(hoursCovered(intervals, window)).toBe(counted);
        expect(hoursCovered(intervals.toReversed(), window)).toBe(counted);
      }),
    );
  });

  const openOf = (...args: Parameters<typeof reportOf>) => reportOf(...args).total.incidentOpen;

  it('counts open ones to the end of the window and none that contradicts itself', () => {
    const incidents = [
      incident(1, '02-28 00:00', { closedAt: '03-02 02:00' }),
      incident(2, '03-29 22:00'),
      incident(3, '03-29 23:00'),
      incident(4, '03-10 10:00', { closedAt: '03-09 10:00' }),
    ];
    expect(openOf({ incidents })).toEqual({ hours: 4, incidents: 3 });
  });

  it('is 0 where a source of incidents was named, and else not known', () => {
    expect(openOf({})).toEqual({ hours: null, incidents: 0 });
    expect(openOf({}, { incidentSource: true })).toEqual({ hours: 0, incidents: 0 });
  });
});
