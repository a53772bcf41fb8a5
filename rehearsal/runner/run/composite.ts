import { messageOf } from '../message-of.js';
import type { CompositeManifest } from '../read/action-manifest.js';
import { evaluateText } from '../read/expression/expressions.js';
import type { Templates } from '../read/workflow-reader.js';
import { CompositeState } from './job/composite-state.js';
import { actionInputs } from './step/javascript-step.js';
import { runStep, type PlannedStep, type StepContext } from './step/step.js';

type Outcome = boolean | 'cancelled';

/** Runs the steps of a composite action inside the step that uses it, and hands out its outputs. */
export async function runComposite(
  { manifest, steps }: { manifest: CompositeManifest; steps: readonly PlannedStep[] },
  given: Templates,
  context: StepContext,
): Promise<{ result: Outcome; group: CompositeState }> {
  const { job, overrides, env } = context;
  const inputs = actionInputs(manifest, given, context);
  const group = new CompositeState(job, { inputs, overrides, path: manifest.folder });
  await runInside(steps, group, context);
  try {
    for (const [name, value] of Object.entries(manifest.outputs))
      context.setOutput(name, evaluateText(value, group.scope({ ...job.env, ...env })));
  } catch (error) {
    // Not thrown: what registered for the end of the job runs all the same.
    context.output.error(messageOf(error));
    group.status = 'failure';
  }
  return { result: outcomeOf(group), group };
}

/** Runs what registered for the end of the job, latest first. */
export async function runCompositePost(
  post: PlannedStep[],
  group: CompositeState,
  context: StepContext,
): Promise<Outcome> {
  group.status = 'success';
  group.post = true;
  await runInside(post.reverse(), group, context);
  return outcomeOf(group);
}

async function runInside(
  steps: readonly PlannedStep[],
  group: CompositeState,
  context: StepContext,
): Promise<void> {
  const { job } = context;
  for (const step of steps) {
    if (job.parts.control.dead.aborted) return;
    context.addSummary((await runStep(step, { job, group, around: context })).summary);
  }
}

const outcomeOf = ({ status }: CompositeState): Outcome =>
  status === 'cancelled' ? 'cancelled' : status === 'success';
