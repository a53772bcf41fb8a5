import { describe, expect, it } from '@jest/globals';
import { renderMarkdown } from '../../../../rehearsal/story/pages/markdown.js';

const html = (text: string) => renderMarkdown(text).markup;

describe('a job summary in the page', () => {
  it('keeps what GitHub shows: tables, code, links, parts that open', () => {
    expect(html('| a | b |\n| --- | --- |\n| `c` | [d](https://e.example) |')).toContain(
      '<td><code>c</code></td>\n<td><a href="https://e.example">d</a></td>',
    );
    expect(html('<details>\n<summary>More</summary>\n\n**bold**\n\n</details>')).toContain(
      '<summary>More</summary><p><strong>bold</strong></p>\n</details>',
    );
    expect(html('```mermaid\nxychart-beta\n```')).toContain(
      'draws here</summary><pre><code>xychart-beta</code></pre>',
    );
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<details open ontoggle=alert(1)>x</details>',
    '<a href="javascript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '[x](data:text/html,alert)',
    '[x](//evil.example)',
    '![x](https://evil.example/pixel.png)',
    '<iframe src="https://evil.example"></iframe>',
    '<p style="position:fixed">x</p>',
    '<style>*{display:none}</style>',
    '<form action="https://evil.example"><input></form>',
    '<svg onload=alert(1)><a href="https://x.example">x</a></svg>',
  ])('takes what could act out of %s', (text) => {
    expect(html(text)).not.toMatch(
      /<script|<img|\son\w+=|javascript:|data:|evil\.example"|<iframe|style|<form|<input|<svg/i,
    );
  });

  it('cannot end or open what is around it', () => {
    expect(html('</details></article></section></main>after')).not.toContain('</');
    expect(html('<details><summary>open')).toMatch(/<\/summary>[^]*<\/details>/);
  });
});
