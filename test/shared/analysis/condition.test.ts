import { describe, expect, it } from '@jest/globals';
import { describeCondition, holds, parseCondition, percent } from '../../../shared/analysis/condition.js';

describe('a condition', () => {
  it.each([
    ['error-rate > 5 %', { operator: '>', value: 0.05 }],
    ['error-rate>=5%', { operator: '>=', value: 0.05 }],
    ['  error-rate < 0.5 %', { operator: '<', value: 0.005 }],
    ['error-rate <= 100 %', { operator: '<=', value: 1 }],
  ])('%s is read', (text, expected) => {
    expect(parseCondition(text)).toEqual({ metric: 'error-rate', ...expected });
  });

  it.each([
    ['error-rate > 5', 'no unit'],
    ['error-rate > 0.05', 'no unit'],
    ['error-rate > 101 %', 'more than everything'],
    ['error-rate > -1 %', 'negative'],
    ['error-rate = 5 %', 'no such operator'],
    ['errors > 5 %', 'no such metric'],
    ['error-rate > 5 % or', 'something after it'],
    ['', 'empty'],
  ])('%s is refused: %s', (text) => {
    expect(parseCondition(text)).toBeUndefined();
  });

  it('compares strictly where it says so: exactly the threshold is not above it', () => {
    const at = (operator: string) => parseCondition(`error-rate ${operator} 5 %`)!;
    expect([
      holds(at('>'), 0.05),
      holds(at('>='), 0.05),
      holds(at('<'), 0.05),
      holds(at('<='), 0.05),
    ]).toEqual([false, true, false, true]);
  });

  it('does not hold for NaN, whatever the operator', () => {
    for (const operator of ['>', '>=', '<', '<=']) {
      expect(holds(parseCondition(`error-rate ${operator} 5 %`)!, NaN)).toBe(false);
    }
  });

  it('reads back as it was written', () => {
    expect(describeCondition(parseCondition('error-rate > 5 %')!)).toBe('error-rate > 5 %');
    expect([percent(0), percent(0.123456), percent(0.00012)]).toEqual(['0 %', '12.3 %', '0.012 %']);
  });
});
