import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { collectionInfo } from '../cli/import/support.js';
import { runCli } from '../cli/terminal.js';

/** The tables of docs/laptop.md that say what becomes of a construct, tried one by one. */

const page = readFileSync('docs/laptop.md', 'utf8');
const rowsBetween = (from: string, to?: string) => {
  const part = page.slice(page.indexOf(from), to === undefined ? undefined : page.indexOf(to));
  return [...part.matchAll(/^\| (\S[^|]*?) +\| `(.+?)` +\| (imported|TODO) +\|$/gm)].map(
    ([, where, written, becomes]) =>
      [where!, written!.replaceAll('\\|', '|').replace(' ⏎ ', '\n'), becomes!] as const,
  );
};

const becomes = async (format: string, original: string): Promise<string> => {
  const { code, err } = await runCli(['import', format, 'original'], { original });
  if (code === 0) return 'imported';
  const partial = await runCli(['import', format, 'original', '--partial'], { original });
  return partial.code === 0 && partial.out.includes('todo:') ? 'TODO' : `refused: ${err}`;
};

const start = page.indexOf('### What becomes of which construct');
const hurl = rowsBetween('\nHurl:\n', '\nPostman:\n');
const postman = rowsBetween('\nPostman:\n');

test('both tables are there', () => {
  expect(start).toBeGreaterThan(0);
  expect([hurl.length > 20, postman.length > 20]).toEqual([true, true]);
});

describe('Hurl', () => {
  test.each(hurl)('%s: %s is %s', async (where, written, expected) => {
    const lines = where.startsWith('[')
      ? ['GET http://localhost/x']
      : [written.replace('{{url}}', 'http://localhost')];
    const section = where.startsWith('[') ? [where, written] : [];
    const isAnswer = where === '[Asserts]' || where === '[Captures]';
    const entry = isAnswer ? [...lines, 'HTTP 200', ...section] : [...lines, ...section, 'HTTP 200'];
    expect(await becomes('hurl', entry.join('\n'))).toBe(expected);
  });
});

describe('Postman', () => {
  test.each(postman)('%s: %s is %s', async (where, written, expected) => {
    const listen = where === 'test script' ? 'test' : 'prerequest';
    const event = where === 'request' ? [] : [{ listen, script: { exec: [written] } }];
    const own = where === 'request' ? (JSON.parse(`{${written}}`) as object) : {};
    const request = { method: 'POST', url: 'http://localhost/x', ...own };
    const collection = { info: collectionInfo, item: [{ name: 'One', request, event }] };
    expect(await becomes('postman', JSON.stringify(collection))).toBe(expected);
  });
});
