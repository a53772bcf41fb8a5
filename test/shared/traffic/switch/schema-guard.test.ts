import { describe, expect, test } from '@jest/globals';
import { olderThanSchemaAllows } from '../../../../shared/traffic/switch/schema-guard.js';

const against = (oldestCompatibleApp: string, version: string) =>
  olderThanSchemaAllows({ version: '43', oldestCompatibleApp }, version);

describe('an app at or after the oldest that the schema allows may run', () => {
  test.each([
    ['1.4.2', '1.4.2'],
    ['1.4.2', '1.4.10'],
    ['1.4.2', 'v1.4.2'],
    ['1.4.2-rc.1', '1.4.2-rc.1'],
    ['1.4.2-rc.2', '1.4.2-rc.10'],
    ['1.4.2-rc.1', '1.4.2'],
    ['1.4-rc.1', '1.4.0'],
    ['1.4.2-alpha', '1.4.2-beta'],
    ['1.4.2', '1.4.3-rc.1'],
    ['1.4.2+build.9', '1.4.2+build.1'],
    ['9', '10.0.0'],
    ['1.4', '1.4.0'],
    ['2026.01.3', '2026.11.1'],
  ])('schema from %s, app %s', (oldest, version) => expect(against(oldest, version)).toBeUndefined());
});

describe('an older app may not, and both versions are in the message', () => {
  test.each([
    ['1.4.2', '1.4.1'],
    ['1.4.2', '1.4.2-rc.1'],
    ['v1.4+build.7', 'v1.4-rc.1'],
    ['1.4.2', '1.4-rc.1'],
    ['1.4.2-rc.10', '1.4.2-rc.9'],
    ['1.4.2-rc.1', '1.4.2-beta.7'],
    ['1.4.2-rc.1', '1.4.2-rc'],
    ['10', 'v9'],
    ['2026.11.1', '2026.09.30'],
  ])('schema from %s, app %s', (oldest, version) =>
    expect(against(oldest, version)).toBe(
      `schema 43 needs an app of at least ${oldest}, and this is ${version}`,
    ),
  );
});

describe('a version without an order may not, and is named', () => {
  test.each([
    ['1.4.2', 'main-3f2a', 'main-3f2a'],
    ['1.4.2', '1.4.2.1', '1.4.2.1'],
    ['1.4.2', '1.4.2-rc..1', '1.4.2-rc..1'],
    ['1.4.2', '99999999999999999999', '99999999999999999999'],
    ['nightly', '1.4.2', 'nightly'],
    ['nightly', 'main-3f2a', 'main-3f2a and nightly'],
  ])('schema from %s, app %s', (oldest, version, unordered) =>
    expect(against(oldest, version)).toMatch(
      new RegExp(`${version} cannot be compared with that: not a semantic version .*: ${unordered}$`),
    ),
  );
});

test('without a schema every version may run', () =>
  expect(olderThanSchemaAllows(undefined, 'main-3f2a')).toBeUndefined());
