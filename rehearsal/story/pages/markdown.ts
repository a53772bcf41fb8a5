import { Marked } from 'marked';
import sanitizeHtml from 'sanitize-html';
import type { Markup } from '../../../shared/report/html.js';

const marked = new Marked({ gfm: true });

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
      allowedAttributes: { a: ['href'], code: ['class'], th: ['align'], td: ['align'] },
      allowedClasses: { code: ['language-mermaid'] },
      allowedSchemes: ['http', 'https'],
      allowProtocolRelative: false,
    }),
  };
}
