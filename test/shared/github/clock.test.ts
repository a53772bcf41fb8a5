import { expect, it } from '@jest/globals';
import { describeApart } from '../../../shared/github/clock.js';

/* GitHub's Date has whole seconds, so what is measured is up to a second more than what is true. */
it.each([
  ['61 s fast', [61_000, 61_999], true],
  ['61 s slow', [-61_000, -60_001], true],
  ['59 s fast', [59_000, 59_999], false],
  ['59 s slow', [-59_000, -58_001], false],
] as const)('a clock that is %s: told %p', (_, measured, told) => {
  for (const ahead of measured) expect(describeApart(ahead) !== undefined).toBe(told);
});

it('nothing is told before GitHub answered', () => expect(describeApart(undefined)).toBeUndefined());
