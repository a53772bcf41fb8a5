import type { Job, Workflow } from './workflow.js';

/** The workflows of one repository, and those of the suite that they may call. */
export interface Tree {
  readonly workflows: readonly Workflow[];
  readonly suite?: Tree;
  /** Names of checks that the repository's rulesets require. */
  readonly requiredChecks?: readonly string[];
}

/** A reusable workflow together with the repository it stands in, where its own `./` and `$/` point. */
export interface Callee {
  readonly workflow: Workflow;
  readonly tree: Tree;
}

const folder = '.github/workflows/';
const suiteName = 'devops-actions';

/** The workflow that a job calls, if it is at hand: of the same repository or of the suite. */
export function calleeOf(tree: Tree, job: Job): Callee | undefined {
  const uses = job.uses;
  if (uses === undefined) return undefined;
  const at = uses.indexOf(folder);
  if (at < 0) return undefined;
  const owner = uses.slice(0, at);
  const [file = ''] = uses.slice(at + folder.length).split('@');
  const home = homeOf(tree, owner);
  const workflow = home?.workflows.find(({ path }) => path.split('/').at(-1) === file);
  return home && workflow ? { workflow, tree: home } : undefined;
}

function homeOf(tree: Tree, owner: string): Tree | undefined {
  if (owner === './' || owner === '$/') return tree;
  return owner.split('/')[1] === suiteName ? (tree.suite ?? tree) : undefined;
}
