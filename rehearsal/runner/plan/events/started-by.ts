import { git } from '../../git.js';
import { readWorkflow } from '../../read/workflow-file.js';
import type { WorkflowRequest } from '../../request.js';
import { changedFiles } from './changed-files.js';
import { whyNotStarted } from './event-filter.js';

/**
 * Paths of the workflow files at the event's commit that the event starts, sorted. Rejects with a `WorkflowError` for a
 * file that cannot be read.
 */
export async function workflowsStartedBy(
  request: Pick<WorkflowRequest, 'event' | 'repository'>,
): Promise<string[]> {
  const { event, repository } = request;
  const { gitDir } = repository;
  const list = await git(['ls-tree', '--name-only', '-z', event.sha, '.github/workflows/'], { gitDir });
  const paths = list.split('\0').filter((path) => /\.ya?ml$/.test(path));
  const started: string[] = [];
  for (const path of paths) {
    const workflow = readWorkflow(path, await git(['show', `${event.sha}:${path}`], { gitDir }));
    const reason = await whyNotStarted(workflow, event, () => changedFiles(request));
    if (reason === undefined) started.push(path);
  }
  return started;
}
