import { describe, expect, test } from '@jest/globals';
import { matchTexts } from '../../../../actions/smoke-test/judge/match-text.js';
import { cpuMs } from '../../../support/cpu-time.js';

const lookup = () => {
  throw new Error('nothing is looked up');
};
const both = ['contains', 'not-contains'] as const;

describe('a long part of a text', () => {
  const part = `begin ${'ab'.repeat(10_000)} end`;

  test('is found where it is, and not where only the most of it is', () => {
    expect(matchTexts('contains', part, [`x${part}x`], lookup).holds).toBe(true);
    expect(matchTexts('not-contains', part, [`x${part}x`], lookup).holds).toBe(false);
    expect(matchTexts('contains', part, [part.slice(1)], lookup).holds).toBe(false);
    expect(matchTexts('contains', part, ['', part], lookup, 'every').holds).toBe('mixed');
    expect(matchTexts('contains', part, [part, part], lookup, 'every').holds).toBe(true);
  });

  test.each(both)('that nearly matches everywhere takes little time and is no answer to %s', (operator) => {
    const hostile = `${'a'.repeat(50_000)}b${'a'.repeat(50_000)}`;
    const startedAt = cpuMs();
    for (const texts of [['a'.repeat(1_000_000)], Array<string>(1_000).fill('a'.repeat(100_000))])
      expect(matchTexts(operator, hostile, texts, lookup)).toMatchObject({
        holds: undefined,
        problem: expect.stringContaining('100001 characters is too long'),
      });
    expect(cpuMs() - startedAt).toBeLessThan(2_000);
  });
});

test.each(both)('a short part is looked for by %s in the longest answer there may be', (operator) => {
  const { holds } = matchTexts(operator, 'needle', [`${'a'.repeat(16 * 2 ** 20)}needle`], lookup);
  expect(holds).toBe(operator === 'contains');
});
