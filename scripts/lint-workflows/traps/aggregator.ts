import { isSurelySkipped } from '../workflow/conditions.js';
import { isAggregator, isNamedAggregator, isRequired, readsResults } from '../workflow/required.js';
import type { Job, Workflow } from '../workflow/workflow.js';
import type { Caught, Trap } from './trap.js';

const afterFailure = { success: false, failure: true, cancelled: false };
const afterSkip = { success: false, failure: false, cancelled: false };

/** A required job that is skipped when what it stands for failed: for branch rules, skipped is success. */
export const aggregator: Trap = {
  name: 'aggregator',
  *catch(workflow, tree) {
    for (const job of workflow.jobs) {
      if (job.needs.length === 0 || !isRequired(job, workflow, tree)) continue;
      const caught = skippedWhenItMatters(job) ?? blindTo(job, workflow);
      if (caught) yield caught;
    }
  },
};

function skippedWhenItMatters(job: Job): Caught | undefined {
  const condition = job.node.get('if');
  const ended = isSurelySkipped(condition, afterFailure)
    ? 'fails'
    : isNamedAggregator(job) && isSurelySkipped(condition, afterSkip)
      ? 'is skipped'
      : undefined;
  return (
    ended && {
      place: condition?.place ?? job.place,
      message: `Job "${job.name}" is skipped when a job it needs ${ended}, and a skipped required check counts as passed.`,
      fix: `give job ${job.id}  if: always()  and let a step fail unless every needs.<job>.result is as it must be`,
    }
  );
}

function blindTo(job: Job, workflow: Workflow): Caught | undefined {
  if (!isAggregator(job, workflow) || !isNamedAggregator(job)) return undefined;
  if (!readsResults(job)) {
    return {
      place: job.place,
      message: `Job "${job.name}" runs whatever happened, and looks at no result: it is always green.`,
      fix: `pass  \${{ toJSON(needs) }}  or each needs.<job>.result to a step that fails unless they succeeded`,
    };
  }
  const unseen = workflow.jobs.filter(
    (other) => !isAggregator(other, workflow) && !stands(job, other, workflow),
  );
  if (unseen.length === 0) return undefined;
  const ids = unseen.map(({ id }) => id).join(', ');
  return {
    place: job.place,
    message: `Job "${job.name}" does not need ${ids}: their failure does not stop a merge.`,
    fix: `add ${ids} to jobs.${job.id}.needs`,
  };
}

/** Whether the result of the other job reaches this one: it needs that job, or a job that needs it. */
function stands(job: Job, other: Job, workflow: Workflow, seen = new Set<string>()): boolean {
  if (seen.has(job.id)) return false;
  seen.add(job.id);
  if (job.needs.includes(other.id)) return true;
  return workflow.jobs.some(
    ({ id }, at) => job.needs.includes(id) && stands(workflow.jobs[at]!, other, workflow, seen),
  );
}
