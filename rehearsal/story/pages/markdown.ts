import { Marked } from 'marked';
import sanitizeHtml from 'sanitize-html';
import type { Markup } from '../../../shared/report/html.js';
import { escapeHtml } from '../../../shared/report/markdown.js';

const marked = new Marked({
  gfm: true,
  renderer: {
    /** A chart is drawn by GitHub only; here its text is out of the way. */
    code: ({ lang, text }) =>
      lang === 'mermaid' &&
      `<details><summary>Text of a chart that GitHub draws here</summary><pre><code>${escapeHtml(text)}</code></pre></details>\n`,
  },
});

/**
 * A job summary as HTML for a page. Summaries hold text of others: of the HTML in them only what GitHub shows and
 * cannot act stays, such as `details`; no styles, no images, no other links than http and https.
 */
export function renderMarkdown(text: string): Markup {
  const html = marked.parse(text, { async: false });
  return {
    markup: sanitizeHtml(html, {
      allowedTags: [
        ...['h1', 'h2', 'h3', 'h4', 'p', 'br', 'hr', 'strong', 'em', 'del', 'a', 'code', 'pre', 'blockquote'],
        ...['ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'details', 'summary'],
      ],
      allowedAttributes: { a: ['href'], th: ['align'], td: ['align'] },
      allowedSchemes: ['http', 'https'],
      allowProtocolRelative: false,
    }),
  };
}
