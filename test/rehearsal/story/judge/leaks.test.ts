import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchLeaks } from '../../../../rehearsal/story/judge/leaks.js';

const secret = 'ñ"&:/k2Jx+5Bf9Q==';
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'leaks-'));
  mkdirSync(join(dir, 'deep', 'er'), { recursive: true });
  writeFileSync(join(dir, 'fine.txt'), 'password: ***');
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('the search for secrets', () => {
  it('finds none where there is none, and says how many files it read', () => {
    expect(searchLeaks([secret], dir, { state: '{}' })).toEqual({ files: 1, found: [] });
  });

  it.each([
    ['as it is', `before ${secret} after`],
    ['in a URL', `postgresql://shop:${encodeURIComponent(secret)}@db/shop`],
    ['in JSON', JSON.stringify({ secret })],
    ['in base64, with what follows it', Buffer.from(`${secret}\n`).toString('base64')],
  ])('finds one %s, in a file however deep and in a text', (_, text) => {
    const file = join(dir, 'deep', 'er', 'log.txt');
    writeFileSync(file, text);
    const { found } = searchLeaks(['other', secret], dir, { state: text, more: '' });
    rmSync(file);
    expect(found).toEqual(['deep/er/log.txt', 'state']);
  });
});
