import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  code,
  codeBlock,
  details,
  escapeHtml,
  escapeMarkdown,
  link,
  table,
} from '../../../shared/report/markdown.js';

/** Cells of a GFM table row: a pipe ends one unless an odd number of backslashes stands before it. */
const cells = (row: string) => (row.match(/(?:\\.|[^|\\])*\|/gs) ?? []).length - 1;

describe('text of others', () => {
  it.each([
    ['a mention', 'ping @acme/admins', '@acme'],
    ['an issue reference', 'see #12', '#12'],
    ['a reference to another repository', 'acme/shop#12', '#12'],
    ['an old reference', 'GH-12', 'GH-12'],
    ['a closing keyword', 'fixes #12', 'fixes #12'],
    ['a closing keyword with an address', 'closes https://github.com/a/b/issues/1', 'https://'],
    ['an address', 'http://evil.example', 'http://'],
    ['an address without scheme', 'www.evil.example', 'www.'],
    ['a link', '[x](javascript:alert(1))', '](j'],
    ['an image', '![x](y)', '!['],
    ['HTML', '<img src=x onerror=y>', '<img'],
    ['a comment', '<!-- devops-actions:incident {} -->', '<!--'],
    ['an entity', '&#60;b&#62;', '&#60;'],
    ['a code span', '`x`', ' `x'],
    ['a table', 'a | b', 'a |'],
    ['a heading', '# title', '# title'],
    ['a line break', 'a\nb', '\n'],
    ['strikethrough', '~~x~~', '~~'],
  ])('keeps no %s', (_, text, live) => {
    const shown = ` ${escapeMarkdown(text)}`;
    expect(shown.replace(/\\[\\`*_{}[\]()!|~#+=-]/g, '')).not.toContain(live);
  });

  it('stays readable', () =>
    expect(escapeMarkdown('Version 1.4.2 is live, p95 120 ms')).toBe('Version 1.4.2 is live, p95 120 ms'));

  it('of any kind fills exactly one cell of a table, as text and as code', () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('\\', '|', '`', 'a', '\n', ' ')).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(cells(table(['h'], [[escapeMarkdown(value)]]).split('\n')[2]!)).toBe(1);
        expect(cells(table(['h'], [[code(value)]]).split('\n')[2]!)).toBe(1);
        expect(table(['h'], [[escapeMarkdown(value)]]).split('\n')).toHaveLength(3);
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});

describe('code', () => {
  it.each([
    ['a', '`a`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['a``b', '```a``b```'],
    ['a\nb', '`a b`'],
    ['a|b', '`a\\|b`'],
    ['a\\|b', '`a\\|b`'],
  ])('of %j is %j', (text, written) => expect(code(text)).toBe(written));

  it('in a block cannot close it', () => {
    expect(codeBlock('a\n```\nb')).toBe('````\na\n```\nb\n````');
    expect(codeBlock('x', 'yaml')).toBe('```yaml\nx\n```');
  });
});

describe('a link', () => {
  it.each([
    ['https://a.example/x', '[t](https://a.example/x)'],
    ['https://a.example/(x)', '[t](https://a.example/%28x%29)'],
    ['https://a.example/a|b`c\\', '[t](https://a.example/a%7Cb%60c%5C)'],
    ['javascript:alert(1)', 't'],
    ['data:text/html,x', 't'],
    ['https://a.example/ "title"', 't'],
    ['/relative', 't'],
    ['', 't'],
  ])('to %j is %j', (url, written) => expect(link('t', url)).toBe(written));

  it('has a text that cannot end it', () =>
    expect(link('](http://evil)', 'https://a.example')).toMatch(
      /^\[\\\]\\\(http:\u200B\/\/evil\\\)\]\(https:\/\/a\.example\)$/,
    ));
});

describe('HTML', () => {
  it('of others is text', () => {
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;');
    expect(details('</summary><b>', 'body')).toContain('<summary>&lt;/summary&gt;&lt;b&gt;</summary>');
  });
});
