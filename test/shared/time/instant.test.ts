import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isoInstant, parseInstant } from '../../../shared/time/instant.js';

describe('an instant', () => {
  it.each([
    ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00.5Z', Date.UTC(2026, 0, 31, 12, 0, 0, 500)],
    ['2026-01-31T12:00:00+02:00', Date.UTC(2026, 0, 31, 10)],
    ['2026-01-01T00:30:00+02:00', Date.UTC(2025, 11, 31, 22, 30)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
  ])('%s is read', (text, ms) => expect(parseInstant(text)).toBe(ms));

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00-05:00',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:00+99:00',
    '2026-01-31T12:00:00',
    '2026-01-31',
    '2026-1-31T12:00:00Z',
    '1767225600',
    'now',
    '',
  ])('%j is none', (text) => expect(parseInstant(text)).toBeUndefined());

  it('that was written is read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => expect(parseInstant(isoInstant(ms))).toBe(ms)),
    );
  });
});
