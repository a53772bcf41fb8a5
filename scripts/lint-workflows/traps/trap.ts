import type { Place } from '../finding.js';
import type { Tree } from '../workflow/tree.js';
import type { Workflow } from '../workflow/workflow.js';

/** What a trap found: where, what happens on GitHub, and the exact change. */
export interface Caught {
  readonly place: Place;
  readonly message: string;
  readonly fix: string;
}

/** A fault that GitHub accepts or answers late, and that the other tools do not see. Pure: looks at parsed files only. */
export interface Trap {
  readonly name: string;
  catch(workflow: Workflow, tree: Tree): Iterable<Caught>;
}
