import { git } from '../../git.js';
import { textOf } from '../../payload.js';
import type { WorkflowRequest } from '../../request.js';

/** An empty tree, which every git knows. */
const nothing = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** GitHub docs, "Workflow syntax: Git diff comparisons": more files are not looked at. */
const most = 300;

/**
 * Paths that an event changed: of a push since the commit before it, of a pull request since it left its base. Rejects
 * when the event does not say enough.
 */
export async function changedFiles({
  event,
  repository: { gitDir },
}: Pick<WorkflowRequest, 'event' | 'repository'>): Promise<string[]> {
  const run = (...args: string[]) => git(args, { gitDir });
  const list = async (...commits: string[]) =>
    (await run('diff', '--name-only', '-z', '--no-renames', ...commits))
      .split('\0')
      .filter((path) => path !== '')
      .slice(0, most);
  if (event.name === 'push') {
    const before = textOf(event.payload, 'before');
    if (before !== '' && !/^0+$/.test(before)) return list(before, event.sha);
    const parent = await run('rev-parse', '--verify', '--quiet', `${event.sha}^`).catch(() => '');
    return list(parent.trim() || nothing, event.sha);
  }
  const base = textOf(event.payload, 'pull_request', 'base', 'sha');
  const head = textOf(event.payload, 'pull_request', 'head', 'sha');
  if (base === '' || head === '') {
    throw new Error(
      `event '${event.name}' does not say what it changed: give pull_request.base.sha and pull_request.head.sha`,
    );
  }
  return list(`${base}...${head}`);
}
