import { expect, test } from '@jest/globals';
import { globMatcher } from '../../rehearsal/glob.js';

test.each([
  ['main', 'main', true],
  ['release/*', 'release/1', true],
  ['release/*', 'release/a/b', false],
  ['release/**/*', 'release/a/b', true],
  ['**/*.lock', 'x.lock', true],
  ['a/**', 'a/.b/c', true],
  ['?.lo[a-c]k', 'x.lock', true],
  ['v[!0]', 'v1', true],
  ['v[!0]', 'v0', false],
  ['a+(b)', 'a+(b)', true],
  ['a+(b)', 'abb', false],
  ['{a,b}', 'a', false],
  ['!a', 'b', false],
])('%s and the path %s: %s', (pattern, path, matches) => expect(globMatcher(pattern)(path)).toBe(matches));

test('one of several patterns is enough', () => {
  expect(globMatcher('dist', 'dist/**')('dist/a/b')).toBe(true);
  expect(globMatcher('dist', 'dist/**')('distant')).toBe(false);
});
