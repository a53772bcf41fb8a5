import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { coded, codesIn, refusalCodes } from '../../shared/contracts/refusal-codes.js';

const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
const [, ...entries] = page.split(/^### /m);
const entryOf = (code: string) => entries.find((entry) => entry.startsWith(`${code}\n`)) ?? '';

describe('the page of troubles', () => {
  it('has each code of a refusal once, and no other', () => {
    const headings = entries.map((entry) => entry.slice(0, entry.indexOf('\n')));
    expect([...headings].sort()).toEqual([...refusalCodes].sort());
  });

  it.each(refusalCodes)('gives for %s the message, why it comes and what to do', (code) => {
    for (const part of ['**Message:** `', '**Why:** ', '**What to do:** '])
      expect(entryOf(code)).toContain(part);
  });
});

it('a code stands behind its text and is found there; brackets of others are no code', () => {
  const text = coded('verdict-expired', 'the verdict expired');
  expect(text).toBe('the verdict expired [verdict-expired]');
  expect(codesIn(['x [no-such-code]', `${text}; and more`, text])).toEqual(['verdict-expired']);
});
