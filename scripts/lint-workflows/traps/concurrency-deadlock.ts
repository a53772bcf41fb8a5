import { inputScope, type InputValues } from '../workflow/inputs.js';
import { reduceText, type Scope } from '../workflow/reduce.js';
import { calleeOf, type Tree } from '../workflow/tree.js';
import type { Job, Workflow } from '../workflow/workflow.js';
import type { YamlNode } from '../workflow/yaml-node.js';
import type { Place } from '../finding.js';
import type { Caught, Trap } from './trap.js';

/** A concurrency group that a run holds while what is inside it runs. */
interface Held {
  readonly group: string;
  readonly written: string;
  readonly owner: string;
  readonly file: string;
  readonly place: Place;
}

interface Visit {
  readonly workflow: Workflow;
  readonly tree: Tree;
  readonly scope: Scope;
  readonly held: readonly Held[];
  /** Where the outermost workflow leads to this one; undefined in that workflow itself. */
  readonly calledAt: Place | undefined;
  readonly path: readonly Workflow[];
}

/** A called workflow runs inside its caller's group: asking for the same one waits for itself, and GitHub cancels it. */
export const concurrencyDeadlock: Trap = {
  name: 'concurrency-deadlock',
  *catch(workflow, tree) {
    const scope = inputScope(workflow, new Map(), workflow);
    yield* visit({ workflow, tree, scope, held: [], calledAt: undefined, path: [] }, workflow);
  },
};

function* visit(at: Visit, root: Workflow): Generator<Caught> {
  const { workflow, scope } = at;
  if (at.path.includes(workflow)) return;
  const own = heldBy(workflow.root, scope, workflow, `workflow ${workflow.name}`);
  const inside = [...at.held, ...own];
  for (const next of own) yield* clash(at.held, next, at.calledAt);
  for (const job of workflow.jobs) {
    const asked = heldBy(job.node, scope, workflow, `job ${job.id}`);
    for (const next of asked) yield* clash(inside, next, at.calledAt ?? next.place);
    const callee = calleeOf(at.tree, job);
    if (!callee) continue;
    yield* visit(
      {
        workflow: callee.workflow,
        tree: callee.tree,
        scope: inputScope(callee.workflow, givenTo(job, scope), root),
        held: [...inside, ...asked],
        calledAt: at.calledAt ?? job.place,
        path: [...at.path, workflow],
      },
      root,
    );
  }
}

function* clash(held: readonly Held[], next: Held, place: Place | undefined): Generator<Caught> {
  const same = held.find(({ group }) => group === next.group);
  if (!same || place === undefined) return;
  yield {
    place,
    message:
      `Deadlock: ${next.owner} (${next.file}:${next.place.line}) asks for concurrency group "${next.written}", ` +
      `which ${same.owner} (${same.file}:${same.place.line}) holds until it is done. GitHub cancels the run.`,
    fix:
      `remove "concurrency" from ${same.file}:${same.place.line}, ` +
      `or give the called workflow a literal group of its own, without github.workflow.`,
  };
}

function heldBy(node: YamlNode, scope: Scope, workflow: Workflow, owner: string): Held[] {
  const concurrency = node.get('concurrency');
  const group = concurrency?.text ?? concurrency?.get('group')?.text;
  if (concurrency === undefined || group === undefined) return [];
  const term = reduceText(group, scope);
  // GitHub compares the names of groups without regard to case.
  const reduced = ('open' in term ? term.open : term.known.coerceString()).toLowerCase();
  if (reduced === '') return [];
  return [{ group: reduced, written: group, owner, file: workflow.path, place: concurrency.place }];
}

function givenTo(job: Job, scope: Scope): InputValues {
  return new Map(
    (job.node.get('with')?.pairs ?? []).map(({ key, value }) => {
      const text = value.text ?? '';
      return [key.toLowerCase(), reduceText(text, scope)];
    }),
  );
}
