import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { helpFor } from '../../shared/runner/help.js';
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

describe('a summary', () => {
  const own = { serverUrl: 'https://github.com', repository: 'org/devops-actions', ref: 'v1' };

  it.each(refusalCodes)('leads from %s to its heading, whichever action refused', (name) => {
    const report = { gates: [{ reason: coded(name, 'it is so') }] };
    const line = helpFor('## ❌ refused\n', report, own);
    const [, address] = /\[[^\]]+\]\(([^)]+)\)/.exec(line) ?? [];
    const { origin, pathname, hash } = new URL(address!);
    expect(`${origin}${pathname}`).toBe(
      'https://github.com/org/devops-actions/blob/v1/docs/troubleshooting.md',
    );
    // GitHub makes the anchor of a heading of it: small letters and hyphens stay.
    expect(entryOf(hash.slice(1))).not.toBe('');
  });

  it('names the page where the runner does not say whose action it is, and nothing where nothing was refused', () => {
    const report = { reason: coded('lock-busy', 'busy') };
    expect(helpFor('', report, { ...own, repository: undefined })).toContain(
      '`lock-busy` in docs/troubleshooting.md',
    );
    expect(helpFor('', { reason: 'busy' }, own)).toBe('');
    expect(helpFor('see docs/troubleshooting.md#lock-busy', report, own)).toBe('');
  });
});

it('a code stands behind its text and is found there; brackets of others are no code', () => {
  const text = coded('verdict-expired', 'the verdict expired');
  expect(text).toBe('the verdict expired [verdict-expired]');
  expect(codesIn(['x [no-such-code]', `${text}; and more`, text])).toEqual(['verdict-expired']);
});
