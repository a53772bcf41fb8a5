import { isRequired } from '../workflow/required.js';
import type { Trap } from './trap.js';

const events = ['pull_request', 'pull_request_target'];
const filters = ['paths', 'paths-ignore'];

/** `paths` on a workflow whose job is required: a pull request outside those paths waits for a check that never comes. */
export const requiredPaths: Trap = {
  name: 'required-paths',
  *catch(workflow, tree) {
    const required = workflow.jobs.find((job) => isRequired(job, workflow, tree));
    if (!required) return;
    for (const event of events) {
      for (const { key, keyPlace } of workflow.events.get(event)?.pairs ?? []) {
        if (!filters.includes(key)) continue;
        yield {
          place: keyPlace,
          message:
            `Job "${required.name}" is a required check, and on.${event}.${key} keeps the workflow from starting: ` +
            `the check stays "expected" and the pull request cannot be merged.`,
          fix: `remove "${key}"; let a first job find out what changed, and give the other jobs an "if" that asks it`,
        };
      }
    }
  },
};
