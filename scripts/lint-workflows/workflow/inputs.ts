import { known, open, type Scope, type Term } from './reduce.js';
import type { Workflow } from './workflow.js';
import type { ScalarValue } from './yaml-node.js';

/** What a caller passes, by the input's name in lower case. */
export type InputValues = ReadonlyMap<string, Term>;

/** What an input holds that has no default. */
const emptyOf: Readonly<Record<string, ScalarValue>> = { boolean: false, number: 0 };

const sharedContexts = ['github', 'vars'];

/**
 * What a workflow knows of its contexts when it is called with these inputs. `github` is that of the outermost
 * workflow of the run; jobs, matrices and unknown inputs of two workflows are never taken for the same.
 */
export function inputScope(workflow: Workflow, given: InputValues, outermost: Workflow): Scope {
  return {
    context(path) {
      const [context = '', name = ''] = path.split('.');
      if (path === 'github.workflow') return known(outermost.name);
      if (sharedContexts.includes(context)) return open(path);
      if (context === 'inputs') {
        const value = given.get(name) ?? defaultOf(workflow, name, outermost);
        if (value) return value;
      }
      return open(`${workflow.path}#${path}`);
    },
  };
}

function defaultOf(workflow: Workflow, name: string, outermost: Workflow): Term | undefined {
  // Whoever starts the outermost workflow may choose; a called one has what its caller passed, or the default.
  const input = workflow === outermost ? undefined : workflow.callInputs.get(name);
  return input && known(input.default?.scalar ?? emptyOf[input.type] ?? '');
}
