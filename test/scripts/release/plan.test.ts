import { describe, expect, it } from '@jest/globals';
import { planRelease } from '../../../scripts/release/plan.js';

const changelog = `# Changes

## 1.3.0 (2026-11-29)

- A gate more.

## 1.3.0-rc.1

- Tried.

## 1.2.9

## 1.2.8

- Old.
`;
const plan = (version: string, fields: Partial<Parameters<typeof planRelease>[0]> = {}) =>
  planRelease({ version, packageVersion: version, tags: ['v1', 'v1.2.8', 'v0.9.0'], changelog, ...fields });

describe('a release', () => {
  it('is tagged with its version, moves the tag of its major, and says what changed', () => {
    expect(plan('1.3.0')).toEqual({
      ok: true,
      plan: { version: '1.3.0', tag: 'v1.3.0', moving: 'v1', prerelease: false, notes: '- A gate more.' },
    });
  });

  it('moves a tag of its own as a pre-release', () => {
    expect(plan('1.3.0-rc.1')).toMatchObject({
      ok: true,
      plan: { tag: 'v1.3.0-rc.1', moving: 'v1-next', prerelease: true },
    });
  });

  it.each([
    ['v1.3.0', {}, 'is not a version'],
    ['1.3', {}, 'is not a version'],
    ['1.3.0+build', {}, 'is not a version'],
    ['1.3.0', { packageVersion: '1.2.8' }, 'package.json says 1.2.8'],
    ['1.3.0', { tags: ['v1.4.0'] }, 'v1.4.0 is released already'],
    ['1.3.0-rc.1', { tags: ['v1.3.0'] }, 'v1.3.0 is released already'],
    ['1.3.1', {}, 'no section of it'],
    ['1.2.9', {}, 'no section of it'],
  ])('%s with %j is refused', (version, fields, message) => {
    const planned = plan(version, fields);
    expect(planned.ok ? '' : planned.problems.join('\n')).toContain(message);
  });

  it('is not held by a pre-release above it, whose moving tag is another', () => {
    expect(plan('1.3.0', { tags: ['v1.4.0-rc.1'] })).toMatchObject({ ok: true, plan: { moving: 'v1' } });
    expect(plan('1.3.0-rc.1', { tags: ['v1.4.0-rc.1'] })).toMatchObject({ ok: false });
  });

  it('of an older major is not held by a newer one', () => {
    expect(plan('1.3.0', { tags: ['v2.0.0'] })).toMatchObject({ ok: true, plan: { moving: 'v1' } });
  });

  it('names all that speaks against it at once', () => {
    const planned = plan('1.3.1', { packageVersion: '1.0.0', tags: ['v1.9.0'] });
    expect(planned.ok ? [] : planned.problems).toHaveLength(3);
  });
});
