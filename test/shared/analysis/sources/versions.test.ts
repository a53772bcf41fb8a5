import { describe, expect, it } from '@jest/globals';
import { severalVersions } from '../../../../shared/analysis/sources/versions.js';

const told = (label: string, values: readonly string[], match: Record<string, string> = {}) =>
  severalVersions(
    values.map((value) => ({ labels: { code: '200', [label]: value } })),
    { metric: 'requests_total', match, version: '1.1.0', colour: 'green' },
  );

describe('a page that counts requests of others', () => {
  it.each([
    ['image', ['shop:1.0.0', 'shop:1.1.0'], "match: { image: 'shop:{{ version }}' }"],
    ['v', ['v1.0.0', 'v1.1.0'], "match: { v: 'v{{ version }}' }"],
    ['pod', ['shop-1.0.0-x', 'shop-1.1.0-y'], "match: { pod: 'shop-{{ version }}-y' }"],
    ['version', ['1.0.0'], "match: { version: '{{ version }}' }"],
    ['app_version', ['0.9.0', '1.0.0'], "match: { app_version: '{{ version }}' }"],
    ['colour', ['blue', 'green'], "match: { colour: '{{ colour }}' }"],
  ])('by %s (%j) is refused with the line to add', (label, values, fix) => {
    expect(told(label, values)).toContain(fix);
  });

  it.each([
    ['version', ['1.1.0']],
    ['version', ['v1.1.0']],
    ['version', ['1.1', '2']],
    ['route', ['/docs/1.0.0/x', '/docs/1.1.0/x']],
    ['colour', ['blue', 'red']],
    ['host', ['10.1.1.0.2', '10.1.0.0.3']],
  ])('%s (%j) is one that counts no others', (label, values) => {
    expect(told(label, values)).toBeUndefined();
  });

  it('is not refused by a label that is chosen already', () => {
    expect(told('version', ['1.0.0'], { version: '1.0.0' })).toBeUndefined();
  });
});
