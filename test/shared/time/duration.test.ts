import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../shared/time/duration.js';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1w', 604_800_000],
    ['1.5h', 5_400_000],
    ['0.5ms', 1],
    [' 1m ', 60_000],
    ['0', 0],
    ['0s', 0],
  ])('%j is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    '',
    '5',
    '-5m',
    '5 m',
    '5min',
    '1h 30m',
    '.5s',
    '5.s',
    '1e3s',
    '٥m',
    '5M',
    'm',
    'NaN',
    '5m!',
    `${'9'.repeat(400)}d`,
  ])('%j is none', (text) => expect(parseDuration(text)).toBeUndefined());
});

describe('a duration for people', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [999.6, '1.0 s'],
    [1_500, '1.5 s'],
    [9_999, '10.0 s'],
    [10_000, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [90_000, '1 min 30 s'],
    [3_599_600, '1 h'],
    [3_601_000, '1 h'],
    [5_400_000, '1 h 30 min'],
    [86_400_000, '1 d'],
    [90_061_000, '1 d 1 h'],
    [-90_000, '-1 min 30 s'],
  ])('%d ms is %j', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('never has more than two units, and is never empty', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(formatDuration(ms)).toMatch(/^-?(\d+ ms|\d+\.\d s|\d+ (d|h|min|s)( \d+ (h|min|s))?)$/);
      }),
    );
  });
});
