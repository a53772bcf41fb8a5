import { calleeOf, type Tree } from '../workflow/tree.js';
import type { Job, Workflow } from '../workflow/workflow.js';
import type { YamlNode } from '../workflow/yaml-node.js';

/** A value that a job passes to a boolean or number input of the workflow it calls. */
export interface TypedInput {
  readonly name: string;
  readonly type: 'boolean' | 'number';
  readonly value: YamlNode;
  readonly job: Job;
  readonly callee: Workflow;
}

/** Every value passed to an input that takes no text. GitHub converts none: a wrong one fails the whole run. */
export function typedInputs(workflow: Workflow, tree: Tree): readonly TypedInput[] {
  return workflow.jobs.flatMap((job) => {
    const callee = calleeOf(tree, job)?.workflow;
    if (!callee) return [];
    return (job.node.get('with')?.pairs ?? []).flatMap(({ key, value }): TypedInput[] => {
      const type = callee.callInputs.get(key.toLowerCase())?.type;
      return type === 'boolean' || type === 'number' ? [{ name: key, type, value, job, callee }] : [];
    });
  });
}
