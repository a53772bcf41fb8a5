import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import * as z from 'zod';
import { parseConfig } from '../../../shared/config/parse.js';
import { suggest } from '../../../shared/text/suggest.js';

const leaf = z.strictObject({ name: z.string(), count: z.int().optional() });
const schema = z.strictObject({
  name: z.string(),
  list: z.array(leaf),
  map: z.record(z.string(), z.discriminatedUnion('type', [leaf.extend({ type: z.literal('a') })])),
});

const fragment = fc.constantFrom(
  'name',
  'list',
  'map',
  'type',
  ':',
  ': ',
  '- ',
  '\n',
  '\n  ',
  '\t',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '&a ',
  '*a',
  '<<',
  '|',
  '>',
  '!x ',
  '#',
  '---\n',
  '...',
  '%YAML 1.1\n',
  '?',
  '~',
  '1',
  'true',
  '.nan',
  '__proto__',
  'constructor',
  '\r\n',
  '\uFEFF',
  '\u0000',
  '\uD800',
);

describe('any text', () => {
  it('is a value or problems with a place, and never an exception', () => {
    const texts = fc.oneof(
      fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseConfig(text, 'f', schema);
        if (parsed.ok) return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        const lines = text.split('\n').length;
        for (const { line, column, got, allowed, fix } of parsed.problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThanOrEqual(1);
          expect([got, allowed, fix]).not.toContain('');
        }
      }),
      { numRuns: 1_500, seed: 20_261_122 },
    );
  });

  it('that YAML wrote of plain data is that data again', () => {
    const keys = fc.string().filter((key) => !['', '<<', '__proto__'].includes(key));
    const data = fc.dictionary(
      keys,
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())),
    );
    fc.assert(
      fc.property(data, (value) => {
        const copy = { ...value };
        expect(parseConfig(stringify(copy), 'f', z.unknown())).toMatchObject({ ok: true, value: copy });
        expect(parseConfig(JSON.stringify(copy), 'f', z.unknown())).toMatchObject({ ok: true, value: copy });
      }),
      { numRuns: 300, seed: 20_261_122 },
    );
  });
});

describe('a suggestion', () => {
  it.each([
    ['enviroment', ['environment', 'service'], 'environment'],
    ['Service', ['environment', 'service'], 'service'],
    ['tiemout', ['timeout', 'time'], 'timeout'],
    ['ulr', ['url', 'type'], 'url'],
    ['x', ['a', 'b'], undefined],
    ['colour', ['digest'], undefined],
    ['a', [], undefined],
  ])('for %s among %j is %s', (word, candidates, meant) => expect(suggest(word, candidates)).toBe(meant));
});
