import { isCall } from '../read/workflow.js';
import type { PermissionsShape } from '../read/workflow-shape.js';
import { beyond } from './permissions.js';
import type { PlannedWorkflow } from './planned-workflow.js';
import { fullName } from './resolve-call.js';

/**
 * What called workflows ask for beyond what their callers allow, one line each with the line of the calling job.
 * Conditions are not looked at: GitHub refuses the run even for a job that its `if` would skip.
 */
export function aboveCeiling(
  { workflow, calls }: PlannedWorkflow,
  given?: PermissionsShape,
  file = workflow.path,
): string[] {
  const problems: string[] = [];
  for (const job of workflow.jobs) {
    const callee = calls.get(job.key);
    if (!isCall(job) || callee === undefined) continue;
    const allowed = job.permissions ?? workflow.permissions ?? given;
    const name = fullName({ source: callee.source, path: callee.workflow.path });
    const ask = (who: string, requested: PermissionsShape | undefined) => {
      const over = requested === undefined ? undefined : beyond(requested, allowed);
      if (over !== undefined)
        problems.push(`${file}:${job.line}: Error calling workflow '${name}'. ${who} ${over}`);
    };
    ask('The workflow', callee.workflow.permissions);
    for (const nested of callee.workflow.jobs) ask(`The nested job '${nested.key}'`, nested.permissions);
    problems.push(...aboveCeiling(callee, allowed, name));
  }
  return problems;
}
