import { git } from '../git.js';
import type { WorkflowRequest } from '../request.js';
import { folderSource, gitSource, type Source } from './source.js';

/** A called workflow file and the repository it is in. */
export interface CalledFile {
  source: Source;
  path: string;
}

const workflowPath = /^\.github\/workflows\/[^/]+\.ya?ml$/;

/** `owner/repo/path@ref` of a workflow file: `job.workflow_ref`, and how GitHub names it in messages. */
export const fullName = ({ source, path }: CalledFile): string =>
  `${source.repository}/${path}@${source.ref}`;

/**
 * Finds the file that a job's `uses` names. `./` and `$/` are the repository of the calling file at its own commit;
 * anything else is this run's repository or one of the request's `actions`. Throws with what to write instead.
 */
export async function resolveCall(
  uses: string,
  caller: Source,
  { repository, actions }: Pick<WorkflowRequest, 'repository' | 'actions'>,
): Promise<CalledFile> {
  const own = /^[.$]\/(.*)$/.exec(uses)?.[1];
  if (own !== undefined) {
    if (!workflowPath.test(own)) throw new Error(notAWorkflow(uses));
    return { source: caller, path: own };
  }
  const [, owner, name, path = '', ref = ''] = /^([^/@]+)\/([^/@]+)\/([^@]+)@(.+)$/.exec(uses) ?? [];
  if (!workflowPath.test(path)) throw new Error(notAWorkflow(uses));
  const remote = `${owner}/${name}`;
  if (remote === `${repository.owner}/${repository.name}`) {
    const { gitDir } = repository;
    const sha = await git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], { gitDir }).catch(
      () => '',
    );
    if (sha === '') throw new Error(`'${uses}': ${remote} has no branch, tag or commit '${ref}'`);
    return { source: gitSource({ repository: remote, ref, sha: sha.trim(), gitDir }), path };
  }
  const folder = actions[remote];
  if (folder === undefined) {
    throw new Error(
      `'${uses}': add '${remote}' to \`actions\` of the request; mapped are ${Object.keys(actions).join(', ') || 'none'}`,
    );
  }
  return { source: folderSource(remote, ref, folder), path };
}

const notAWorkflow = (uses: string) =>
  `'${uses}' is not a workflow: write ./.github/workflows/NAME.yml, $/.github/workflows/NAME.yml ` +
  'or owner/repo/.github/workflows/NAME.yml@ref';
