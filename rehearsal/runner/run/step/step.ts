import { messageOf } from '../../message-of.js';
import {
  evaluateBoolean,
  evaluateCondition,
  evaluateNumber,
  evaluateText,
  type Scope,
  type Template,
} from '../../read/expression/expressions.js';
import type { ContextValue } from '../../read/expression/expression-data.js';
import { unlessAborted } from '../job/job-control.js';
import type { JobState } from '../job/job-state.js';
import type { Result, StepReport } from '../../request.js';
import { StepFiles } from './step-files.js';
import { StepOutput } from './step-output.js';
import type { Templates } from '../../read/workflow-reader.js';

/** What a step's own code gets. */
export interface StepContext {
  job: JobState;
  scope: Scope;
  /** The `env` context of the step. */
  env: Record<string, string>;
  /** Members of the `github` context that are this step's own. */
  github: Record<string, ContextValue>;
  output: StepOutput;
  /** `STATE_*`, shared by pre, main and post of one action. */
  state: Record<string, string>;
  setOutput: (name: string, value: string) => void;
  /** Aborted when the step is to stop, by cancellation or timeout. */
  cancel: AbortSignal;
}

/** A step ready to be run, whatever kind it is. */
export interface PlannedStep {
  stage: 'pre' | 'main' | 'post';
  /** Shown while the name cannot be evaluated. */
  fallbackName: string;
  name?: Template;
  id?: string;
  /** `github.action`. */
  action: string;
  condition: Template;
  env: Templates;
  continueOnError?: Template;
  timeoutMinutes?: Template;
  state: Record<string, string>;
  /** Resolves whether the step's own work succeeded; a rejection fails it with the message. */
  execute: (context: StepContext) => Promise<boolean>;
}

function stepEnvironment(
  step: PlannedStep,
  job: JobState,
  github: Record<string, ContextValue>,
): Record<string, string> {
  const env = { ...job.env };
  const scope = job.scope(job.env, github);
  for (const [name, template] of Object.entries(step.env)) env[name] = evaluateText(template, scope);
  return env;
}

/** Runs the work of a step under its timeout and under cancellation of its job. */
async function execute(
  step: PlannedStep,
  context: Omit<StepContext, 'cancel'>,
  stop: AbortController,
  name: string,
): Promise<Result> {
  const { job, output, scope } = context;
  const { timings, control } = job.parts;
  let timeout: NodeJS.Timeout | undefined;
  try {
    if (step.timeoutMinutes !== undefined) {
      const minutes = evaluateNumber(step.timeoutMinutes, scope);
      timeout = setTimeout(() => stop.abort(minutes), minutes * timings.minuteMs);
    }
    const succeeded = await unlessAborted(step.execute({ ...context, cancel: stop.signal }), control.dead);
    if (control.dead.aborted) return 'cancelled';
    if (!stop.signal.aborted) return succeeded === true ? 'success' : 'failure';
  } catch (error) {
    if (!stop.signal.aborted) {
      output.error(messageOf(error));
      return 'failure';
    }
  } finally {
    clearTimeout(timeout);
  }
  if (typeof stop.signal.reason === 'number') {
    output.error(`The action '${name}' has timed out after ${stop.signal.reason} minutes.`);
    return 'failure';
  }
  output.error('The operation was canceled.');
  return 'cancelled';
}

/**
 * Runs one step to its report and updates the job's status, env, PATH and `steps` context. When the job gets
 * cancelled, the step is only stopped if its `if` no longer holds.
 */
export async function runStep(step: PlannedStep, job: JobState): Promise<StepReport> {
  const { control, machine, masker, onProgress, key } = job.parts;
  const startedAt = Date.now();
  const begin = performance.now();
  let name = step.fallbackName;
  const outputs: Record<string, string> = {};
  const setOutput = (output: string, value: string) => {
    if (step.id !== undefined && step.stage === 'main') outputs[output] = value;
  };
  const output = new StepOutput({
    masker,
    workspace: machine.workspace,
    setOutput,
    saveState: (state, value) => (step.state[state] = value),
    onLine: (line) => onProgress({ type: 'log', job: key, step: name, line }),
    onAnnotation: (annotation) => onProgress({ type: 'annotation', job: key, step: name, annotation }),
    debug: job.debug,
  });
  const stop = new AbortController();
  const recheck = () => {
    job.status = 'cancelled';
    let holds = false;
    try {
      holds = evaluateCondition(step.condition, job.scope(env, github));
    } catch (error) {
      output.error(messageOf(error));
    }
    if (!holds) stop.abort('cancel');
  };
  const github: Record<string, ContextValue> = { action: step.action };
  let env = job.env;
  let outcome: Result = 'skipped';
  let summary = '';

  if (control.cancel.aborted) job.status = 'cancelled';
  else control.cancel.addEventListener('abort', recheck, { once: true });
  let conclusion: Result;
  try {
    env = stepEnvironment(step, job, github);
    const scope = job.scope(env, github);
    if (step.name !== undefined) name = masker.mask(evaluateText(step.name, scope));
    if (evaluateCondition(step.condition, scope)) {
      onProgress({ type: 'step', job: key, step: name, status: 'started' });
      const files = new StepFiles(machine.fileCommands);
      Object.assign(github, files.context);
      const context = {
        job,
        env,
        github,
        output,
        setOutput,
        state: step.state,
        scope: job.scope(env, github),
      };
      outcome = await execute(step, context, stop, name);
      if (control.dead.aborted) outcome = 'cancelled';
      else {
        summary = masker.mask(
          files.process(output, {
            addPath: (folder) => job.addPath(folder),
            setEnv: (variable, value) => (job.env[variable] = value),
            setOutput,
            saveState: (state, value) => (step.state[state] = value),
          }),
        );
        if (output.failed && outcome === 'success') outcome = 'failure';
      }
    }
    conclusion = outcome === 'failure' && continues(step, job, output, env, github) ? 'success' : outcome;
  } catch (error) {
    output.error(messageOf(error));
    outcome = 'failure';
    conclusion = 'failure';
  } finally {
    control.cancel.removeEventListener('abort', recheck);
  }

  if (conclusion === 'failure' && job.status === 'success') job.status = 'failure';
  if (step.id !== undefined && step.stage === 'main') job.steps[step.id] = { outputs, outcome, conclusion };
  const durationMs = performance.now() - begin;
  onProgress({ type: 'step', job: key, step: name, status: 'completed', conclusion, durationMs });
  return {
    name,
    ...(step.id !== undefined && { id: step.id }),
    stage: step.stage,
    outcome,
    conclusion,
    outputs,
    summary,
    annotations: output.annotations,
    log: output.log.map((line) => `${line}\n`).join(''),
    startedAt,
    durationMs,
  };
}

function continues(
  step: PlannedStep,
  job: JobState,
  output: StepOutput,
  env: Record<string, string>,
  github: Record<string, ContextValue>,
): boolean {
  if (step.continueOnError === undefined) return false;
  try {
    return evaluateBoolean(step.continueOnError, job.scope(env, github));
  } catch (error) {
    output.error(
      'The step failed and an error occurred when attempting to determine whether to continue on error.',
    );
    output.error(messageOf(error));
    return false;
  }
}
