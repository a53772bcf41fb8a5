/** The documents of the release tree: the same text, with links that lead somewhere in the tree. */
import { readdirSync, readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { marked, type Token } from 'marked';
import { aliases, publishedLink, publishedPath, type Source } from './layout.js';

/** The owner and name that the documents and templates say until a release is made. */
const placeholder = 'org/devops-actions';

/** Writes README, docs, change log, the pages of the actions and the templates into the tree. */
export function writeDocuments(target: string, source: Source, workflows: readonly string[]): void {
  for (const path of documents()) {
    const to = publishedPath(path, workflows)!;
    const own = [to, ...aliasesOf(path)];
    for (const each of own) {
      const text = readFileSync(path, 'utf8');
      const linked = path.endsWith('.md') ? relink(text, { from: path, to: each }, source, workflows) : text;
      mkdirSync(dirname(join(target, each)), { recursive: true });
      writeFileSync(join(target, each), linked.replaceAll(placeholder, source.repository));
    }
  }
}

function aliasesOf(path: string): string[] {
  const [top, name = '', file] = path.split('/');
  const alias = aliases[name];
  return top === 'actions' && alias ? [`${alias}/${file}`] : [];
}

/** Paths of the documents in the sources. */
function documents(): string[] {
  const below = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const pages = readdirSync('actions', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join('actions', name, 'README.md'));
  return [
    'README.md',
    'CHANGELOG.md',
    'SECURITY.md',
    ...below('docs'),
    ...below('workflows-templates'),
    ...pages,
  ];
}

/** Links of a document, each once, in the order of the text. */
export function linksOf(text: string): string[] {
  const found = new Set<string>();
  const look = (token: Token) => {
    if ((token.type === 'link' || token.type === 'image') && 'href' in token) found.add(token.href as string);
  };
  marked.walkTokens(marked.lexer(text), look);
  return [...found];
}

function relink(
  text: string,
  where: { from: string; to: string },
  source: Source,
  workflows: readonly string[],
): string {
  return linksOf(text).reduce((done, href) => {
    const link = publishedLink(href, where, source, workflows);
    return link === href ? done : done.replaceAll(`](${href})`, `](${link})`);
  }, text);
}
