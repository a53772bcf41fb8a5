import { describe, expect, it } from '@jest/globals';
import { labelPattern } from '../../../shared/analysis/label-pattern.js';

describe('a pattern for labels', () => {
  it.each([
    ['^5', '503', true],
    ['^5', '200', false],
    ['^(5..|429)$', '429', true],
    ['^5\\d{2}$', '5000', false],
    ['^[45]', '404', true],
    ['server_error|timeout', 'timeout', true],
    ['^(?:5|4)', '418', true],
  ])('%s on %s is %s', (pattern, value, expected) => {
    expect(labelPattern(pattern)!(value)).toBe(expected);
  });

  it.each([
    '(a+)+$',
    '(a|a)*$',
    '^(.*)(.*)$',
    'a*a*a*b',
    'a?a?a?a?a?a?a?a?a?aaaaaaaaa',
    '(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)',
    '(?=5)',
    '(5)\\1',
    '\\k<x>',
    'x{1,9999}',
    '[',
    '5'.repeat(101),
  ])('%s is refused, since it is none or might not end in time', (pattern) => {
    expect(labelPattern(pattern)).toBeUndefined();
  });

  it('meets no value longer than 128 characters', () => {
    expect(labelPattern('^5')!(`5${'0'.repeat(200)}`)).toBe(false);
  });
});
