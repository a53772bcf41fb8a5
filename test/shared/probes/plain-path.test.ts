import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadJsonPath, type CompiledPath } from '../../../shared/probes/evaluators/json-path.js';
import { plainPath } from '../../../shared/probes/evaluators/plain-path.js';

let compile: (source: string) => CompiledPath;
beforeAll(async () => {
  compile = await loadJsonPath();
});

const names = fc.constantFrom('a', 'b', '_x', 'length', 'constructor', '__proto__', 'Zz9');
const segments = fc.array(
  fc.oneof(
    names.map((name) => `.${name}`),
    fc.nat(3).map((index) => `[${index}]`),
  ),
  { maxLength: 4 },
);
const documents = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 'text', [], {}),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(names, tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join()}}`)
      .map((text) => JSON.parse(text) as unknown),
  ),
})).value;

describe('a path of names and indexes', () => {
  it('finds what the whole engine finds, in any document', () => {
    fc.assert(
      fc.property(segments, documents, (parts, document) => {
        const source = `$${parts.join('')}`;
        const compiled = compile(source);
        if (!compiled.ok) throw new Error(compiled.reason);
        expect(plainPath(source)?.values(document)).toEqual(compiled.path.values(document));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    '',
    'a',
    '$ ',
    ' $',
    '$.',
    '$..a',
    '$.a.',
    '$.a b',
    '$[01]',
    '$[-1]',
    '$[1:2]',
    '$[*]',
    '$.*',
    "$['a']",
    '$[?@.a]',
    '$.a[',
    '$.a-b',
    '$.ä',
    '$a',
    '$[0]x',
    '$.1',
    '$[9999999999]',
  ])('is not %j: that is for the engine', (source) => {
    expect(plainPath(source)).toBeUndefined();
  });
});
