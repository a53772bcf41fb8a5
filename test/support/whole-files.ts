import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseDocument } from 'yaml';

/** A configuration file that people copy: a file of this repository or a block of a page. */
export interface WholeFile {
  /** Path, and for a block its line. */
  where: string;
  text: string;
  /**
   * Name of the schema that its first line gives to editors; undefined without such a line or with one that leads
   * elsewhere.
   */
  schema: string | undefined;
}

/** Where the schemas of the tagged release are read from. */
const published = 'https://raw.githubusercontent.com/org/devops-actions/v1/';

function schemaNamed(text: string, folder: string | undefined): string | undefined {
  const [, address] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
  if (address === undefined) return undefined;
  const path = address.startsWith(published)
    ? address.slice(published.length)
    : folder === undefined
      ? ''
      : normalize(join(folder, address));
  return /^schemas\/([a-z-]+)\.json$/.exec(path)?.[1];
}

/** Whether a text is a whole file of the suite: all of them begin with a version. */
function isWhole(text: string): boolean {
  const document = parseDocument(text, { logLevel: 'silent' });
  return document.errors.length === 0 && (document.toJS() as { version?: unknown } | null)?.version === 1;
}

/** Where people find files to copy. */
const folders = ['docs', 'actions', 'workflows-templates', 'rehearsal/story/fixture'];

function filesOf(ending: RegExp): string[] {
  const below = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  return ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', ...below].filter((file) => ending.test(file));
}

/** Every whole file in the documentation, the examples, the templates and the rehearsal. */
export function wholeFiles(): WholeFile[] {
  const blocks = filesOf(/\.md$/).flatMap((page) => {
    const text = readFileSync(page, 'utf8');
    return [...text.matchAll(/^```ya?ml\n([^]*?)^```$/gm)].map(({ 1: block = '', index }) => ({
      where: `${page}:${text.slice(0, index).split('\n').length}`,
      text: block,
      schema: schemaNamed(block, undefined),
    }));
  });
  const files = filesOf(/\.ya?ml$/).map((file) => {
    const text = readFileSync(file, 'utf8');
    return { where: file, text, schema: schemaNamed(text, dirname(file)) };
  });
  return [...blocks, ...files].filter(({ text }) => isWhole(text));
}
