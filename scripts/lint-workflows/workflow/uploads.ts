import { falsy } from '@actions/expressions/result';
import type { Place } from '../finding.js';
import { parseCondition } from './expression.js';
import { inputScope, type InputValues } from './inputs.js';
import { combinationsOf, type Combination } from './matrix.js';
import { known, open, reduce, reduceText, type Scope, type Term } from './reduce.js';
import { calleeOf, type Tree } from './tree.js';
import type { Job, Step, Workflow } from './workflow.js';
import type { YamlNode } from './yaml-node.js';

/** An artifact that one job of a run uploads. */
export interface Upload {
  /** Equal texts are equal names. */
  readonly name: string;
  readonly written: string;
  readonly file: string;
  readonly place: Place;
  readonly step: Step;
  readonly isOverwrite: boolean;
  /** Whether an `if:` of its step or of a job above decides. */
  readonly isConditional: boolean;
  /** The job of the outermost workflow it belongs to, and which of that job's matrix. */
  readonly job: Job;
  readonly instance: string;
}

interface Run {
  readonly workflow: Workflow;
  readonly tree: Tree;
  readonly outermost: Workflow;
  readonly given: InputValues;
  readonly path: readonly Workflow[];
  readonly top: Pick<Upload, 'job' | 'instance' | 'isConditional'> | undefined;
  readonly id: string;
}

const uploader = 'actions/upload-artifact@';

/** Every upload of a run of this workflow: of each job of each matrix, through called workflows. */
export function uploadsOf(workflow: Workflow, tree: Tree): readonly Upload[] {
  return uploadsIn({
    workflow,
    tree,
    outermost: workflow,
    given: new Map(),
    path: [],
    top: undefined,
    id: '',
  });
}

function uploadsIn(run: Run): Upload[] {
  if (run.path.includes(run.workflow)) return [];
  const base = inputScope(run.workflow, run.given, run.outermost);
  return run.workflow.jobs.flatMap((job) =>
    instancesOf(job).flatMap((combination, index) => {
      const id = `${run.id}/${job.id}#${index}`;
      const scope = jobScope(base, run.workflow, { job, combination, index, id });
      const isConditional = (run.top?.isConditional ?? false) || job.node.get('if') !== undefined;
      const top = { job: run.top?.job ?? job, instance: run.top?.instance ?? id, isConditional };
      const callee = calleeOf(run.tree, job);
      if (callee) {
        const given = new Map(
          (job.node.get('with')?.pairs ?? []).map(({ key, value }) => [
            key.toLowerCase(),
            reduceText(value.text ?? '', scope),
          ]),
        );
        return uploadsIn({ ...run, ...callee, given, path: [...run.path, run.workflow], top, id });
      }
      return job.steps.flatMap((step) => uploadOf(step, run.workflow, scope, top));
    }),
  );
}

/** A matrix that only a run knows is taken as two jobs of which nothing is known. */
function instancesOf(job: Job): readonly (Combination | 'dynamic')[] {
  const combinations = combinationsOf(job);
  if (combinations === 'dynamic') return ['dynamic', 'dynamic'];
  return combinations ?? [{}];
}

function uploadOf(
  step: Step,
  workflow: Workflow,
  scope: Scope,
  top: Pick<Upload, 'job' | 'instance' | 'isConditional'>,
): Upload[] {
  if (!step.uses?.startsWith(uploader)) return [];
  const condition = step.node.get('if')?.text;
  const expr = condition === undefined ? undefined : parseCondition(condition);
  const answer = expr && reduce(expr, scope);
  if (answer && 'known' in answer && falsy(answer.known)) return [];
  // Which of a matrix that only the run knows is meant cannot be told.
  if (answer && 'open' in answer && answer.open.includes('#matrix.')) return [];
  const name = step.node.get('with')?.get('name');
  const written = name?.text ?? 'artifact';
  const term = reduceText(written, withEnv(scope, step.node));
  return [
    {
      ...top,
      isConditional: top.isConditional || condition !== undefined,
      name: 'open' in term ? term.open : term.known.coerceString(),
      written,
      file: workflow.path,
      place: (name ?? step.node).place,
      step,
      isOverwrite: step.node.get('with')?.get('overwrite')?.text === 'true',
    },
  ];
}

/** Contexts whose values may differ from job to job of one matrix. */
const perJob = ['steps', 'job', 'runner', 'env', 'matrix', 'strategy'];

/** One job of a matrix; without a matrix the only one. */
interface Instance {
  readonly job: Job;
  readonly combination: Combination | 'dynamic';
  readonly index: number;
  readonly id: string;
}

function jobScope(base: Scope, workflow: Workflow, { job, combination, index, id }: Instance): Scope {
  const own: Scope = {
    context(path) {
      const [context = '', ...keys] = path.split('.');
      if (context === 'matrix' && combination !== 'dynamic') return valueIn(combination, keys);
      if (path === 'strategy.job-index') return known(index);
      return perJob.includes(context) ? open(`${id}#${path}`) : base.context(path);
    },
  };
  return withEnv(withEnv(own, workflow.root), job.node);
}

function valueIn(combination: Combination, keys: readonly string[]): Term {
  let value: unknown = combination;
  for (const key of keys) {
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    value = entries.find(([name]) => name.toLowerCase() === key)?.[1];
  }
  if (typeof value === 'object' && value !== null) return open(JSON.stringify(value));
  return known((value ?? null) as string | number | boolean | null);
}

function withEnv(scope: Scope, node: YamlNode): Scope {
  const variables = node.get('env')?.pairs ?? [];
  if (variables.length === 0) return scope;
  return {
    context(path) {
      const set = variables.find((pair) => `env.${pair.key.toLowerCase()}` === path);
      return set ? reduceText(set.value.text ?? '', scope) : scope.context(path);
    },
  };
}
