import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finderOf } from '../../../../actions/smoke-test/judge/contains-text.js';
import { cpuMs } from '../../../support/cpu-time.js';

test('a part is found exactly where the runtime finds it, however it is looked for', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 12 });
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '\ud83d'), minLength: 1, maxLength: 5 });
  let found = 0;
  fc.assert(
    fc.property(fc.array(text, { maxLength: 3 }), part, (texts, wanted) => {
      const holds = texts.some((one) => one.includes(wanted));
      if (holds) found++;
      expect(texts.some(finderOf(wanted, 0))).toBe(holds);
      expect(texts.some(finderOf(wanted))).toBe(holds);
    }),
    { numRuns: 2_000 },
  );
  expect(found).toBeGreaterThan(200);
});

test('a long part that nearly matches everywhere takes no time worth mentioning', () => {
  const part = `${'a'.repeat(50_000)}b${'a'.repeat(50_000)}`;
  const startedAt = cpuMs();
  const contains = finderOf(part);
  expect(contains('a'.repeat(1_000_000))).toBe(false);
  expect(contains(`${'a'.repeat(100_000)}${part}`)).toBe(true);
  expect(cpuMs() - startedAt).toBeLessThan(2_000);
});
