import { isRequired } from '../workflow/required.js';
import type { Trap } from './trap.js';

/** A required job that does not run for a merge queue: queued pull requests wait for it until they are thrown out. */
export const mergeGroup: Trap = {
  name: 'merge-group',
  *catch(workflow, tree) {
    const required = workflow.jobs.find((job) => isRequired(job, workflow, tree));
    const on = workflow.root.get('on');
    if (!required || !on || !workflow.events.has('pull_request') || workflow.events.has('merge_group'))
      return;
    yield {
      place: workflow.events.get('pull_request')?.place ?? on.place,
      message: `Job "${required.name}" is a required check, and a merge queue never gets it: on has no merge_group.`,
      fix: `add  merge_group:  under "on"`,
    };
  },
};
