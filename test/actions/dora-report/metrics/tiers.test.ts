import { describe, expect, it } from '@jest/globals';
import { percentile, spreadOf } from '../../../../actions/dora-report/metrics/figures/statistics.js';
import {
  describeModel,
  tierOf,
  tierOfSpread,
} from '../../../../actions/dora-report/metrics/figures/tiers.js';

describe('percentiles', () => {
  it('of an even number are between the two in the middle', () => {
    const spread = { n: 4, mean: 2.5, p50: 2.5, p75: 3.25, p90: 3.7, p95: expect.closeTo(3.85) };
    expect(spreadOf([4, 1, 3, 2])).toEqual(spread);
  });

  it('of one value are that value, and of none are null', () => {
    expect([percentile([7], 0.9), percentile([], 0.5)]).toEqual([7, null]);
  });
});

describe('the tiers of the team thresholds', () => {
  it.each([
    ['frequency', 1, 'elite'],
    ['frequency', 0.999, 'high'],
    ['frequency', 0.14, 'high'],
    ['frequency', 0.139, 'medium'],
    ['frequency', 0.03, 'medium'],
    ['frequency', 0, 'low'],
    ['leadTime', 24, 'elite'],
    ['leadTime', 24.1, 'high'],
    ['leadTime', 168, 'high'],
    ['leadTime', 720, 'medium'],
    ['leadTime', 720.1, 'low'],
    ['recovery', 1, 'elite'],
    ['recovery', 24, 'high'],
    ['recovery', 168, 'medium'],
    ['recovery', 169, 'low'],
    ['changeFailRate', 0, 'elite'],
    ['changeFailRate', 0.15, 'elite'],
    ['changeFailRate', 0.3, 'high'],
    ['changeFailRate', 0.45, 'medium'],
    ['changeFailRate', 0.46, 'low'],
  ] as const)('put a %s of %d into %s', (metric, value, tier) => {
    expect(tierOf('seed', metric, value)).toBe(tier);
  });

  it('do not round a lead time of 1.9 days down to one', () => {
    expect(tierOf('seed', 'leadTime', 1.9 * 24)).toBe('high');
  });

  it('judge the mean, those of DORA 2023 the median', () => {
    const spread = spreadOf([1, 1, 1, 200]);
    expect([tierOfSpread('seed', 'leadTime', spread), tierOfSpread('2023', 'leadTime', spread)]).toEqual([
      'high',
      'elite',
    ]);
    expect(describeModel('2023')).toContain('2023');
  });

  it('are none without a value or a model', () => {
    expect([tierOf('seed', 'changeFailRate', null), tierOf('none', 'frequency', 3)]).toEqual([null, null]);
  });

  it('of 2023 ask for 5, 10 and 15 percent', () => {
    expect([0.05, 0.1, 0.15, 0.16].map((rate) => tierOf('2023', 'changeFailRate', rate))).toEqual([
      'elite',
      'high',
      'medium',
      'low',
    ]);
  });
});
