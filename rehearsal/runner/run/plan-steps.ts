import type { Services } from './services.js';
import type { JobState } from './job/job-state.js';
import { StepPlanner, type Level } from './step-planner.js';
import type { PlannedStep } from './step/step.js';

/** The steps of a job, and the post steps that register while it runs. */
export interface StepPlan {
  pre: PlannedStep[];
  main: PlannedStep[];
  /** Post steps registered so far; to be run latest first. */
  post: PlannedStep[];
}

/** Plans the steps of a job between those of its services; reads no workspace, since only checkout fills it. */
export function planSteps(job: JobState, services: Services, artifacts: (runId: number) => string): StepPlan {
  const { plan, machine, job: definition } = job.parts;
  const { first, last } = services.steps();
  const level: Level = {
    used: new Map(),
    pre: [],
    post: last,
    self: () => plan.source.checkout(machine.actions),
    depth: 0,
  };
  const planner = new StepPlanner(job, artifacts);
  const main = definition.steps.map((step) => planner.plan(step, level));
  return { pre: [...first, ...level.pre], main, post: level.post };
}
