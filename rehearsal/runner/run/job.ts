import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../message-of.js';
import { evaluateNumber, evaluateText } from '../read/expression/expressions.js';
import type { JobState } from './job/job-state.js';
import { killOrphans } from './job/machine.js';
import { StepPlanner, type Level } from './step-planner.js';
import { Services } from './services.js';
import type { Annotation, Result, StepReport } from '../request.js';
import { runStep, type PlannedStep } from './step/step.js';

/** What a machine hands back: its result, or how it was lost. */
export interface JobOutcome {
  result: Exclude<Result, 'skipped'>;
  outputs: Record<string, string>;
  steps: StepReport[];
  annotations: Annotation[];
  environmentUrl?: string;
}

/** Logs and summaries as files beside the job's workspace, numbered in the order the steps ran. */
function keep(job: JobState, steps: readonly StepReport[]): void {
  const { root } = job.parts.machine;
  for (const folder of ['logs', 'summaries']) mkdirSync(join(root, folder), { recursive: true });
  steps.forEach((step, index) => {
    const file = `${String(index + 1).padStart(2, '0')}-${step.name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80)}`;
    writeFileSync(join(root, 'logs', `${file}.txt`), step.log);
    if (step.summary !== '') writeFileSync(join(root, 'summaries', `${file}.md`), step.summary);
  });
}

/** GitHub docs, "Workflow syntax: outputs": at most 1 MB a job, counted as UTF-16. */
const outputLimit = 1024 * 1024;

/** Evaluates the outputs; empty ones are left out, those that hold a secret too, with a warning. */
function jobOutputs(job: JobState, annotate: (annotation: Annotation) => void): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, template] of Object.entries(job.parts.job.outputs)) {
    const value = evaluateText(template, job.scope());
    if (value === '') continue;
    if (job.parts.masker.mask(value) === value) outputs[name] = value;
    else annotate({ level: 'warning', message: `Skip output '${name}' since it may contain secret.` });
  }
  const bytes = Object.values(outputs).reduce((sum, value) => sum + value.length * 2, 0);
  if (bytes > outputLimit)
    throw new Error(`The outputs of the job take ${bytes} bytes, at most ${outputLimit} are allowed`);
  return outputs;
}

/** The steps of a job between those of its services; reads no workspace, since only checkout fills it. */
function planSteps(
  job: JobState,
  services: Services,
  artifacts: (runId: number) => string,
): { queue: PlannedStep[]; post: PlannedStep[] } {
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
  return { queue: [...first, ...level.pre, ...main], post: level.post };
}

/** Runs a job's steps, its post steps latest first, and evaluates its outputs. Stops dead when the machine dies. */
export async function runJob(job: JobState, artifacts: (runId: number) => string): Promise<JobOutcome> {
  const { control, timings, job: definition, machine } = job.parts;
  const annotations: Annotation[] = [];
  const annotate = (annotation: Annotation) => {
    annotations.push(annotation);
    job.parts.onProgress({ type: 'annotation', job: job.parts.key, annotation });
  };
  const services = new Services(job);
  const { queue, post } = planSteps(job, services, artifacts);
  const minutes = evaluateNumber(definition.timeoutMinutes, job.scope());
  const timer = setTimeout(
    () => {
      annotate({
        level: 'error',
        message: `The job running on runner rehearsal has exceeded the maximum execution time of ${minutes} minutes.`,
      });
      control.cancelNow();
    },
    Math.min(minutes * timings.minuteMs, 2 ** 31 - 1),
  );

  const steps: StepReport[] = [];
  try {
    for (
      let step = queue.shift();
      step !== undefined && !control.dead.aborted;
      step = queue.shift() ?? post.pop()
    ) {
      steps.push(await runStep(step, { job, group: job }));
    }
  } finally {
    clearTimeout(timer);
    killOrphans(machine.trackingId);
    await services.stop();
  }
  keep(job, steps);
  if (control.dead.aborted) return { result: 'cancelled', outputs: {}, steps, annotations };

  let outputs: Record<string, string> = {};
  let environmentUrl: string | undefined;
  try {
    outputs = jobOutputs(job, annotate);
    const url = definition.environment?.url && evaluateText(definition.environment.url, job.scope());
    if (url !== undefined && job.parts.masker.mask(url) === url) environmentUrl = url;
  } catch (error) {
    annotate({ level: 'error', message: messageOf(error) });
    if (job.status === 'success') job.status = 'failure';
  }
  return {
    result: job.status,
    outputs,
    steps,
    annotations,
    ...(environmentUrl !== undefined && { environmentUrl }),
  };
}
