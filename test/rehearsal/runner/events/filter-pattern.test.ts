import { describe, expect, it } from '@jest/globals';
import { chooses } from '../../../../rehearsal/runner/plan/events/filter-pattern.js';

describe('a filter pattern', () => {
  // GitHub docs, "Workflow syntax: filter pattern cheat sheet", in cases of our own.
  it.each([
    ['main', 'main', true],
    ['main', 'main2', false],
    ['feature/*', 'feature/cart', true],
    ['feature/*', 'feature/cart/fix', false],
    ['feature/**', 'feature/cart/fix', true],
    ['**', 'any/branch/at/all', true],
    ['*', 'any', true],
    ['*', 'any/branch', false],
    ['*fix', 'hot-fix', true],
    ['v2*', 'v2.0', true],
    ['v2*', 'v20', true],
    ['v[12].[0-9]+.[0-9]+', 'v1.10.1', true],
    ['v[12].[0-9]+.[0-9]+', 'v3.10.1', false],
    ['v[12].[0-9]+.[0-9]+', 'v1x10.1', false],
    ['*.jsx?', 'page.js', true],
    ['*.jsx?', 'page.jsx', true],
    ['*.jsx?', 'page.jsxx', false],
    ['*.jsx?', 'src/page.js', false],
    ['**.js', 'src/js/app.js', true],
    ['**.js', 'app.js', true],
    ['docs/*', 'docs/a.md', true],
    ['docs/*', 'docs/more/a.md', false],
    ['docs/**', 'docs/more/a.md', true],
    ['docs/**', 'docs2/a.md', false],
    ['docs/**/*.md', 'docs/a.md', true],
    ['docs/**/*.md', 'docs/more/a.md', true],
    ['**/docs/**', 'docs/a.md', true],
    ['**/docs/**', 'site/docs/a.md', true],
    ['**/README.md', 'README.md', true],
    ['**/README.md', 'src/README.md', true],
    ['**/README.md', 'src/MYREADME.md', false],
    ['**/*src/**', 'a/my-src/app.js', true],
    ['**/*-post.md', 'posts/my-post.md', true],
    ['a.b', 'axb', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['release (old)', 'release (old)', true],
  ])('%s against %s: %s', (pattern, name, expected) => {
    expect(chooses([pattern], name)).toBe(expected);
  });

  it('with ! takes away from those before it, and a later one gives back', () => {
    const patterns = ['releases/**', '!releases/**-alpha', 'releases/1-alpha'];
    expect(
      ['releases/2', 'releases/2-alpha', 'releases/1-alpha', 'main'].map((name) => chooses(patterns, name)),
    ).toEqual([true, false, true, false]);
  });

  it('with ! in front of all others takes nothing away', () => {
    expect(chooses(['!docs/**', '**'], 'docs/a.md')).toBe(true);
  });
});
