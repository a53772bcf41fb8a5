import { ContextAccess, IndexAccess } from '@actions/expressions/ast';
import { childrenOf, parseCondition, parseText, type Expr } from './expression.js';
import { pathOf } from './reduce.js';
import type { Tree } from './tree.js';
import type { Job, Workflow } from './workflow.js';
import type { YamlNode } from './yaml-node.js';

/** Names that teams give to the one job that stands for all others in the branch rules. */
const wholes = ['all', 'alls', 'ci', 'check', 'checks', 'test', 'tests', 'build', 'builds', 'jobs', 'pr'];
const ends = [
  'green',
  'ok',
  'pass',
  'passed',
  'success',
  'successful',
  'succeeded',
  'complete',
  'completed',
  'done',
];

function isAggregatorName(name: string): boolean {
  const words = name.toLowerCase().split(/[^a-z]+/);
  if (words.includes('required')) return true;
  return words.some((word) => wholes.includes(word)) && ends.includes(words.at(-1) ?? '');
}

const isNeededByNone = (job: Job, workflow: Workflow) =>
  !workflow.jobs.some(({ needs }) => needs.includes(job.id));

/** A job that stands for others: its name says so, or it needs others and looks at how they ended. */
export function isAggregator(job: Job, workflow: Workflow): boolean {
  if (job.needs.length === 0 || !isNeededByNone(job, workflow)) return false;
  return isNamedAggregator(job) || readsResults(job);
}

export const isNamedAggregator = (job: Job): boolean =>
  isAggregatorName(job.name) || isAggregatorName(job.id);

/** Whether the branch rules require this job: a ruleset in the repository names it, or it is an aggregator. */
export function isRequired(job: Job, workflow: Workflow, tree: Tree): boolean {
  const named = (tree.requiredChecks ?? []).some(
    (check) => check === job.name || check.startsWith(`${job.name} / `) || check.startsWith(`${job.name} (`),
  );
  return named || isAggregator(job, workflow);
}

/** Whether anything in the job looks at how the jobs it needs ended. */
export function readsResults(job: Job): boolean {
  const own = job.node.pairs.filter(({ key }) => key === 'env' || key === 'steps' || key === 'with');
  return own.some(({ value }) => mentions(value, isResult));
}

function isResult(expr: Expr): boolean {
  const [context, , field] = pathOf(expr)?.split('.') ?? [];
  if (context !== 'needs') return false;
  return (
    field === 'result' ||
    expr instanceof ContextAccess ||
    (expr instanceof IndexAccess && field === undefined)
  );
}

function mentions(node: YamlNode, is: (expr: Expr) => boolean, key = ''): boolean {
  const { text } = node;
  if (text !== undefined) {
    const condition = key === 'if' ? parseCondition(text) : undefined;
    const exprs = condition
      ? [condition]
      : (parseText(text) ?? []).filter((part) => typeof part === 'object');
    return exprs.some((expr) => holds(expr, is));
  }
  return (
    node.items.some((item) => mentions(item, is)) ||
    node.pairs.some((pair) => mentions(pair.value, is, pair.key))
  );
}

function holds(expr: Expr, is: (expr: Expr) => boolean): boolean {
  // `needs.a.outputs.x` holds `needs.a` and `needs`, which alone would be a look at everything.
  if (pathOf(expr) !== undefined) return is(expr);
  return childrenOf(expr).some((child) => holds(child, is));
}
