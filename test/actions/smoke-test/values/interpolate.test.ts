import { describe, expect, test } from '@jest/globals';
import {
  fillText,
  fillValue,
  parseTemplate,
  UnresolvedError,
} from '../../../../actions/smoke-test/values/interpolate.js';

const values: Record<string, unknown> = {
  name: 'Ana',
  id: 7,
  item: { a: [1] },
  none: null,
  'env.HOST': 'h',
  sneaky: '{{ name }}',
};
const lookup = (reference: string) => values[reference];

describe('text with references', () => {
  test('is filled in, with or without spaces', () => {
    expect(fillText('/{{name}}/{{ id }}?h={{  env.HOST  }}', lookup)).toBe('/Ana/7?h=h');
    expect(fillText('nothing { } to } do {', lookup)).toBe('nothing { } to } do {');
    expect(fillText('', lookup)).toBe('');
  });

  test('is filled in once: a value is not read for references', () => {
    expect(fillText('{{ sneaky }}', lookup)).toBe('{{ name }}');
  });

  test('passes each value, and only the values, through an escape', () => {
    expect(fillText('^{{ name }}$', lookup, (value) => `<${value}>`)).toBe('^<Ana>$');
  });

  test.each([
    ['{{ nobody }}', /nobody }} has no value/],
    ['a {{ item }}', /is an object and cannot stand inside text/],
    ['a {{ none }}', /is null and cannot stand inside text/],
  ])('%s cannot be filled in', (text, reason) => {
    expect(() => fillText(text, lookup)).toThrow(UnresolvedError);
    expect(() => fillText(text, lookup)).toThrow(reason);
  });

  test.each(['{{', '{{ }}', '{{ a b }}', '{{ 1a }}', 'x {{ name', '{{ a.b.c }}', '{{{ name }}}'])(
    '%s is no template',
    (text) => {
      expect(parseTemplate(text).ok).toBe(false);
    },
  );
});

describe('smoke fault 15: an expression of GitHub is refused with the right form', () => {
  test.each([
    ['Bearer ${{ secrets.T }}', '${{ secrets.T }}', 'write {{ secrets.T }}, without $', 'input "secrets"'],
    ['${{ env.HOST }}/x', '${{ env.HOST }}', 'write {{ env.HOST }}, without $', 'input "environment"'],
    ['{{ name }} ${{ id }}', '${{ id }}', 'write {{ name }} here, without $', 'input "variables"'],
    ["${{ github.sha || 'x' }}", "${{ github.sha || 'x' }}", 'without $', 'input "variables"'],
    ['${{name}}', '${{name}}', 'without $', 'input "variables"'],
  ])('%s', (text, got, form, input) => {
    const template = parseTemplate(text);
    expect(template).toMatchObject({ ok: false, got: expect.stringContaining(got) });
    expect(!template.ok && template.fix).toContain(form);
    expect(!template.ok && template.fix).toContain(input);
  });

  test('a pattern may have an escaped dollar before a value', () => {
    expect(fillText('^\\${{ id }}$', lookup)).toBe('^\\$7$');
  });
});

describe('a value with references', () => {
  test('keeps the type of what it consists of alone', () => {
    expect(
      fillValue({ id: '{{ id }}', text: 'no. {{ id }}', item: '{{ item }}', none: '{{ none }}' }, lookup),
    ).toEqual({
      id: 7,
      text: 'no. 7',
      item: { a: [1] },
      none: null,
    });
  });

  test('is filled in at every depth, keys included', () => {
    expect(fillValue([{ '{{ name }}': ['{{ name }}', 1, true, null] }], lookup)).toEqual([
      { Ana: ['Ana', 1, true, null] },
    ]);
  });
});
