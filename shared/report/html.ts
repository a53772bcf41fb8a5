import { escapeHtml } from './markdown.js';

/**
 * HTML or SVG that is safe to put into a page: made only by the functions of this file, so text of others is always
 * escaped.
 */
export interface Markup {
  readonly markup: string;
}

export type Child = Markup | string | number | undefined | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | undefined>>;

const voidElements = new Set(['meta', 'br', 'hr', 'img', 'input', 'link']);
const addresses = new Set(['href', 'src', 'action', 'formaction', 'xlink:href']);

/**
 * An element; strings among the children are text. Throws on a name that is none, on event handlers and on script
 * elements.
 */
export function element(name: string, attributes: Attributes, ...children: Child[]): Markup {
  if (!/^[a-zA-Z][\w-]*$/.test(name) || /^script$/i.test(name))
    throw new Error(`"${name}" is no element for a report`);
  const written = Object.entries(attributes).map(([key, value]) => attribute(key, value));
  const open = `<${name}${written.join('')}>`;
  return { markup: voidElements.has(name) ? open : `${open}${children.map(write).join('')}</${name}>` };
}

function attribute(key: string, value: string | number | undefined): string {
  if (value === undefined) return '';
  if (!/^[a-zA-Z][\w:-]*$/.test(key) || /^on/i.test(key))
    throw new Error(`"${key}" is no attribute for a report`);
  const text = String(value);
  const safe = addresses.has(key.toLowerCase()) && !isAddress(text) ? '#' : text;
  return ` ${key}="${escapeHtml(safe)}"`;
}

function isAddress(text: string): boolean {
  return /^https?:\/\/[^\s<>"]+$/i.test(text) || /^#[\w-]*$/.test(text);
}

function write(child: Child): string {
  if (child === undefined) return '';
  if (typeof child === 'string' || typeof child === 'number')
    return escapeHtml(withoutControls(String(child)));
  if ('markup' in child) return child.markup;
  return child.map(write).join('');
}

/** Control and direction-override characters could hide or reorder what a reader sees. */
function withoutControls(text: string): string {
  return text.replace(/[\u0000-\u0008\u000B-\u001F\u007F\u202A-\u202E\u2066-\u2069]/g, '');
}

/** A link that opens where the reader chooses; text alone when the address is not http or https. */
export function anchor(text: string, url: string): Markup {
  return isAddress(url)
    ? element('a', { href: url, rel: 'noopener noreferrer' }, text)
    : element('span', {}, text);
}

/** A table with a head and a caption for those who listen to the page. */
export function dataTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Child[])[],
): Markup {
  return element(
    'table',
    {},
    element('caption', {}, caption),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        head.map((cell) => element('th', { scope: 'col' }, cell)),
      ),
    ),
    element(
      'tbody',
      {},
      rows.map((row) =>
        element(
          'tr',
          {},
          row.map((cell, i) => element('td', { 'data-label': head[i] }, cell)),
        ),
      ),
    ),
  );
}

/** A whole page in one file: its policy forbids scripts and every request. `style` is our own CSS, never data. */
export function htmlPage(page: {
  title: string;
  language: string;
  style: string;
  body: readonly Child[];
}): string {
  if (/<\//.test(page.style)) throw new Error('a style sheet cannot hold "</"');
  const style: Markup = { markup: `<style>${page.style}</style>` };
  const html = element(
    'html',
    { lang: page.language },
    element(
      'head',
      {},
      element('meta', { charset: 'utf-8' }),
      element('meta', {
        'http-equiv': 'Content-Security-Policy',
        content: "default-src 'none'; style-src 'unsafe-inline'",
      }),
      element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      element('meta', { name: 'color-scheme', content: 'light dark' }),
      element('meta', { name: 'referrer', content: 'no-referrer' }),
      element('title', {}, page.title),
      style,
    ),
    element('body', {}, page.body),
  );
  return `<!doctype html>\n${html.markup}\n`;
}
