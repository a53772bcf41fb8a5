import { GitHubError } from '../../../shared/github/problem.js';
import type { Able, Releases, StrategyPorts } from './strategy.js';

/** The longest list of files that GitHub compares. */
const mostFiles = 300;

/** Folder whose files a token needs a permission of its own for. */
export const workflowFolder = '.github/workflows/';

/** Why there is no token for the code, in words that say what to do. */
export function doubtToken({ given, control }: StrategyPorts): string | undefined {
  if (given['code-token'] !== undefined && given['code-token'] !== '') return undefined;
  return `the input code-token is missing: what GITHUB_TOKEN pushes to ${control.github.owner}/${control.github.repository} starts no workflow. Fix: pass the token of an App with contents: write and pull-requests: write`;
}

/** What a revert would touch: whether the good release is behind the bad one in the history, and its workflow files. */
export async function doubtChange(
  { control }: StrategyPorts,
  { bad, good }: Releases,
): Promise<string | undefined> {
  const [from, to] = [good.payload.releasedSha, bad.payload.releasedSha];
  const between = `${from.slice(0, 12)} (${good.payload.version}) and ${to.slice(0, 12)} (${bad.payload.version})`;
  if (from === to) return `both releases are of commit ${from.slice(0, 12)}: there is nothing to revert`;
  const { status, files = [] } = await control.github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
    basehead: `${from}...${to}`,
  });
  if (status !== 'ahead')
    return `the commit of the good release is not behind that of the bad one (${between}: ${status}), so a revert would not bring it back`;
  const workflows = files.map(({ filename }) => filename).filter((file) => file.startsWith(workflowFolder));
  if (workflows.length > 0)
    return `${workflows.slice(0, 3).join(', ')} changed between ${between}, and workflow files are reverted by people only`;
  if (files.length >= mostFiles)
    return `more than ${mostFiles} files changed between ${between}, and GitHub does not name them all`;
  return undefined;
}

/** A rule of a branch as GitHub answers it. */
export interface BranchRule {
  type: string;
  ruleset_source?: string;
}

/** Rules that a plain push does not get past, in the words of a person. */
const against: Readonly<Record<string, string>> = {
  pull_request: 'asks for a pull request',
  required_status_checks: 'asks for checks before a push',
  merge_queue: 'asks for the merge queue',
  update: 'lets nobody update it',
  required_signatures: 'asks for signed commits',
  required_deployments: 'asks for a deployment first',
};

/** Why a branch does not take a direct push; undefined when no rule says so. Pure. */
export function forbidsPush(branch: string, rules: readonly BranchRule[]): string | undefined {
  const found = rules.flatMap(({ type }) => against[type] ?? []);
  if (found.length === 0) return undefined;
  return `a rule of ${branch} ${[...new Set(found)].join(' and ')}. Fix: set "revert-by: pull-request", or let the App of code-token bypass the rule`;
}

/** Whether the rules of a branch let a direct push through; rules that cannot be read forbid nothing. */
export async function doubtPush({ control }: StrategyPorts, branch: string): Promise<string | undefined> {
  try {
    const rules = await control.github.rest('GET /repos/{owner}/{repo}/rules/branches/{branch}', { branch });
    return forbidsPush(branch, rules);
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    control.timeline.say(`The rules of ${branch} cannot be read, so whether it takes a push is not known`);
    return undefined;
  }
}

/** The first doubt as an answer of preflight. */
export const able = (doubt: string | undefined): Able =>
  doubt === undefined ? { ok: true } : { ok: false, why: doubt };
