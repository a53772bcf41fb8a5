import { describe, expect, it } from '@jest/globals';
import { anchor, dataTable, element, htmlPage } from '../../../shared/report/html.js';

describe('markup', () => {
  it('escapes text and attribute values', () => {
    expect(element('p', { title: `"x' <` }, '<b>&').markup).toBe(
      '<p title="&quot;x&#39; &lt;">&lt;b&gt;&amp;</p>',
    );
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', ' https://x', 'https://x"y', '//x'])(
    'makes no link of %s',
    (url) => {
      expect(anchor('text', url).markup).toBe('<span>text</span>');
      expect(element('a', { href: url }, 'x').markup).toBe('<a href="#">x</a>');
    },
  );

  it('links http and https', () => {
    expect(anchor('a<b', 'https://github.example/x?a=1&b=2').markup).toBe(
      '<a href="https://github.example/x?a=1&amp;b=2" rel="noopener noreferrer">a&lt;b</a>',
    );
  });

  it.each([
    ['script', {}],
    ['p onload', {}],
    ['p', { onclick: 'x' }],
    ['p', { 'a b': 'x' }],
  ])('refuses an element %s with %j', (name, attributes) => {
    expect(() => element(name, attributes)).toThrow(/for a report/);
  });

  it('drops control and direction characters from text', () => {
    expect(element('p', {}, 'a\u0000b\u202Ec\u0007').markup).toBe('<p>abc</p>');
  });

  it('names each cell of a table by its column', () => {
    expect(dataTable('T', ['A', 'B'], [[1, 'x']]).markup).toContain(
      '<td data-label="A">1</td><td data-label="B">x</td>',
    );
  });

  it('refuses a style sheet that could close itself', () => {
    const page = { title: 't', language: 'en', body: [] };
    expect(() => htmlPage({ ...page, style: 'a{}</style>' })).toThrow(/style sheet/);
    expect(htmlPage({ ...page, style: 'a{}' })).toMatch(
      /^<!doctype html>\n<html lang="en"><head><meta charset="utf-8">/,
    );
  });
});
