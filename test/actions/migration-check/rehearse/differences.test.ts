import { expect, test } from '@jest/globals';
import { differences } from '../../../../actions/migration-check/rehearse/differences.js';

test.each<[string, string[], string[], string[]]>([
  ['the same', ['a', 'b'], ['a', 'b'], []],
  ['a line that is missing', ['a', 'b'], ['a'], ['- b']],
  ['a line too many', ['a'], ['a', 'c'], ['+ c']],
  ['a line that is there twice', ['a'], ['a', 'a'], ['+ a']],
  ['another order', ['a', 'b'], ['b', 'a'], ['the same lines in another order']],
])('%s', (_, expected, got, told) => {
  expect(differences(expected, got)).toEqual(told);
});

test('more lines than anybody reads are counted', () => {
  const many = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  expect(differences(many, [])).toHaveLength(11);
  expect(differences(many, []).at(-1)).toBe('- and 20 more lines');
});
