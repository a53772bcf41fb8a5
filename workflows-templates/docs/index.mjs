// The index of pages: between <!-- index --> and <!-- /index --> of a page stand all pages of its folder and below, with
// their front matter. Without --write it only says what is out of date. docs/templates/docs.md of the suite.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { isMap, parseDocument } from 'yaml';

const region = /^<!-- index -->\r?\n[^]*?^<!-- \/index -->$/m;
const schema = JSON.parse(readFileSync(new URL('front-matter.schema.json', import.meta.url), 'utf8'));
// Lists lead to other pages, and have no place in a cell.
const keys = Object.keys(schema.properties).filter((key) => schema.properties[key].type !== 'array');

/** Text of a page as text of a cell. */
const cell = (value) =>
  String(value ?? '')
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|&]/g, '\\$&');

const pages = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.md'],
  {
    encoding: 'utf8',
  },
)
  .split('\0')
  .filter(Boolean)
  .sort()
  .map((path) => {
    const text = readFileSync(path, 'utf8');
    const [whole = '', matter = ''] = /^---\r?\n([^]*?)\r?\n---\r?\n/.exec(text) ?? [];
    const { contents } = parseDocument(matter);
    const [, title] = /^# +(.+?) *#*$/m.exec(text.slice(whole.length)) ?? [];
    return { path, text, title: title ?? path, known: isMap(contents) ? contents.toJSON() : undefined };
  });

const say = (line) => process.stdout.write(`${line}\n`);
let stale = 0;
for (const { path, text } of pages) {
  if (!region.test(text)) continue;
  const folder = dirname(path);
  const listed = pages.filter(
    (page) => page.known && page.path !== path && (folder === '.' || page.path.startsWith(`${folder}/`)),
  );
  const used = keys.filter((key) => listed.some(({ known }) => known[key] !== undefined));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rows = listed.map((page) => {
    const to = encodeURI(relative(folder, page.path)).replace(
      /[()]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16)}`,
    );
    return line([`[${cell(page.title)}](${to})`, ...used.map((key) => cell(page.known[key]))]);
  });
  const table = [line(['page', ...used]), line(['---', ...used.map(() => '---')]), ...rows].join('\n');
  // A function, since $& in a title would mean something in a text.
  const now = text.replace(region, () => `<!-- index -->\n\n${table}\n\n<!-- /index -->`);
  // Formatters widen cells; what a table says is what stands in them.
  const said = (one) =>
    region
      .exec(one)[0]
      .replace(/[ \t]+/g, ' ')
      .replace(/-{3,}/g, '---');
  if (said(now) === said(text)) continue;
  stale += 1;
  if (process.argv.includes('--write')) writeFileSync(path, now);
  else
    say(
      `::error file=${path.replace(/[%\r\n,:]/g, '')}::The index is not that of the pages. Fix: run  node .github/docs/index.mjs --write`,
    );
}
const all = pages.filter(({ text }) => region.test(text)).length;
say(`${all} ${all === 1 ? 'index' : 'indexes'}, ${stale} out of date`);
process.exitCode = stale > 0 && !process.argv.includes('--write') ? 1 : 0;
