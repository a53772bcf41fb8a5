/** Where a file of the sources stands in the release tree. Pure. */
import { posix } from 'node:path';

/** Names under which an action is published beside its own. */
export const aliases: Readonly<Record<string, string>> = { 'blue-green-switch': 'blue-green' };

/** Files and folders that stand in the tree under the same path. */
const same = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'docs', 'schemas'];

/**
 * The path in the tree of a file or folder of the sources; undefined for what is not published. `workflows` are the
 * paths of the workflows that others may call.
 */
export function publishedPath(path: string, workflows: readonly string[]): string | undefined {
  const clean = posix.normalize(path).replace(/\/$/, '');
  const [top = '', name = '', ...rest] = clean.split('/');
  if (same.includes(top) || workflows.includes(clean)) return clean;
  // The name under which GitHub looks for templates in an organisation's repository .github.
  if (top === 'workflows-templates') return posix.join('workflow-templates', name, ...rest);
  if (top === 'actions' && name !== '' && ['', 'README.md', 'action.yml'].includes(rest.join('/')))
    return posix.join(name, ...rest);
  return undefined;
}

export interface Source {
  /** owner/name of the repository. */
  repository: string;
  /** Full sha of the commit that the tree is made of. */
  sha: string;
}

/**
 * A link of a document as it reads in the tree: relative where what it leads to is published too, else to the sources
 * on GitHub. `from` and `to` are the document's paths in the sources and in the tree.
 */
export function publishedLink(
  href: string,
  { from, to }: { from: string; to: string },
  source: Source,
  workflows: readonly string[],
): string {
  if (/^([a-z][a-z0-9+.-]*:|#|\/)/i.test(href)) return href;
  const [path = '', ...anchor] = href.split('#');
  const suffix = anchor.length > 0 ? `#${anchor.join('#')}` : '';
  const target = posix.join(posix.dirname(from), path);
  const published = publishedPath(target, workflows);
  if (published === undefined)
    return `https://github.com/${source.repository}/blob/${source.sha}/${target}${suffix}`;
  const relative = posix.relative(posix.dirname(to), published);
  return `${relative === '' ? '.' : relative}${suffix}`;
}
