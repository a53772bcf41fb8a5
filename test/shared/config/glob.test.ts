import { describe, expect, test } from '@jest/globals';
import { globMatcher, globProblem, maxGlobLength } from '../../../shared/config/glob.js';
import { cpuMs } from '../../support/cpu-time.js';

describe('a pattern', () => {
  test.each([
    ['main', 'main', true],
    ['main', 'mainline', false],
    ['main', 'feature/main', false],
    ['hotfix/*', 'hotfix/42', true],
    ['hotfix/*', 'hotfix/.42', true],
    ['hotfix/*', 'hotfix', false],
    ['hotfix/*', 'hotfix/a/b', false],
    ['hotfix/**', 'hotfix/a/b', true],
    ['hotfix/**', 'hotfix', false],
    ['hotfix/**', 'hotfixes', false],
    ['release-1.*', 'release-1.4', true],
    ['release-1.*', 'release-124', false],
    ['*', 'any', true],
    ['*', 'any/thing', false],
    ['**', 'any/thing', true],
    ['release**', 'release-1', true],
    ['release**', 'release/1/2', true],
    ['release**', 'prerelease', false],
    ['**-stable', 'team/a-stable', true],
    ['**-stable', 'a-stable', true],
    ['**-stable', 'a-stable/b', false],
    ['a**b', 'ab', true],
    ['a**b', 'a/b', true],
    ['a**b', 'ax/y/zb', true],
    ['**/fix', 'fix', true],
    ['**/fix', 'team/a/fix', true],
    ['team/**/fix', 'team/fix', true],
    ['team/**/fix', 'team/a/b/fix', true],
    ['team/**/fix', 'team/prefix', false],
  ])('%s and the name %s: %s', (pattern, name, matches) => expect(globMatcher(pattern)(name)).toBe(matches));

  test.each([
    'v1.2+build',
    '+(a)',
    '@(a|b)',
    '!(main)',
    '!main',
    '(a+)+',
    '{a,b}',
    '{1..3}',
    'a$',
    'a"b"',
    '[ab]',
    '[[:alpha:]]',
    'a?',
    'ü',
    'a@{1}',
  ])('%s stands for itself and nothing else', (pattern) => {
    const matches = globMatcher(pattern);
    expect(matches(pattern)).toBe(true);
    for (const other of ['a', 'b', 'aa', 'main', 'other', '1', '2', 'v1.22build', 'ab', 'a@', ''])
      expect([other, matches(other)]).toEqual([other, false]);
  });

  test('with as many wildcards as are allowed ends on a hostile name, one more is refused', () => {
    const name = 'a'.repeat(255);
    const before = cpuMs();
    for (const pattern of ['*a*a*a*b', 'a**a**b', '**/*a*a*b']) {
      expect(globProblem(pattern)).toBeUndefined();
      expect(globMatcher(pattern)(name)).toBe(false);
    }
    expect(cpuMs() - before).toBeLessThan(10_000);
    expect(globProblem('*a*a*a*a*b')).toMatch(/at most 4 wildcards/);
    expect(globProblem('a**a**a**b')).toMatch(/counts twice/);
    expect(() => globMatcher('*a*a*a*a*b')).toThrow(/at most 4 wildcards .*, got \*a/);
  });

  test('matches no name longer than git can keep, whatever it costs to look', () => {
    expect(globMatcher('*')('a'.repeat(255))).toBe(true);
    expect(globMatcher('*')('a'.repeat(256))).toBe(false);
    const before = cpuMs();
    expect(globMatcher('*a*a*a*b')('a'.repeat(100_000))).toBe(false);
    expect(cpuMs() - before).toBeLessThan(2_000);
  });

  test('has a bounded length', () => {
    expect(globProblem('a'.repeat(maxGlobLength))).toBeUndefined();
    expect(globMatcher('+'.repeat(255))('+'.repeat(255))).toBe(true);
    expect(globProblem('a'.repeat(maxGlobLength + 1))).toMatch(/at most 256 characters/);
  });
});
