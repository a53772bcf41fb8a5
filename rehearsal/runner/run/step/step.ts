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
import type { StepGroup } from '../job/step-group.js';
import type { Result, StepReport } from '../../request.js';
import { StepFiles } from './step-files.js';
import { StepOutput } from './step-output.js';
import type { Templates } from '../../read/workflow-reader.js';

/** What a step's own code gets. */
export interface StepContext {
  job: JobState;
  /** The steps it is one of. */
  group: StepGroup;
  scope: Scope;
  /** The `env` context of the step. */
  env: Record<string, string>;
  /** The part of it that this step, and the composite actions around it, set. */
  overrides: Record<string, string>;
  /** Members of the `github` context that are this step's own. */
  github: Record<string, ContextValue>;
  output: StepOutput;
  /** `STATE_*`, shared by pre, main and post of one action. */
  state: Record<string, string>;
  setOutput: (name: string, value: string) => void;
  /** Adds what a step inside this one wrote to its summary. */
  addSummary: (markdown: string) => void;
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
  execute: (context: StepContext) => Promise<boolean | 'cancelled'>;
}

/** The environment of a step, and the part of it that does not come from the job. */
function stepEnvironment(
  step: PlannedStep,
  { job, group }: Pick<StepContext, 'job' | 'group'>,
  github: Record<string, ContextValue>,
): Pick<StepContext, 'env' | 'overrides'> {
  const around = { ...job.env, ...group.overrides };
  const scope = group.scope(around, github);
  const own = Object.entries(step.env).map(([name, template]) => [name, evaluateText(template, scope)]);
  const overrides = { ...group.overrides, ...(Object.fromEntries(own) as Record<string, string>) };
  return { env: { ...around, ...overrides }, overrides };
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
    if (!stop.signal.aborted) {
      if (succeeded === 'cancelled') return 'cancelled';
      return succeeded === true ? 'success' : 'failure';
    }
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

/** What a step runs in; `around` is the step of the composite action that it is a part of. */
interface StepSurroundings extends Pick<StepContext, 'job' | 'group'> {
  around?: Pick<StepContext, 'output' | 'cancel'>;
}

/**
 * Runs one step to its report and updates the status and the `steps` context of its group, and env and PATH of the job.
 * When the job gets cancelled, the step is only stopped if its `if` no longer holds. A step inside a composite action
 * writes into the output of the step around it and stops with it.
 */
export async function runStep(
  step: PlannedStep,
  { job, group, around }: StepSurroundings,
): Promise<StepReport> {
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
    onLine: (line) =>
      around === undefined
        ? onProgress({ type: 'log', job: key, step: name, line })
        : around.output.write(line),
    onAnnotation: (annotation) =>
      around === undefined
        ? onProgress({ type: 'annotation', job: key, step: name, annotation })
        : around.output.record(annotation),
    debug: job.debug,
  });
  const stop = new AbortController();
  const recheck = () => {
    job.status = 'cancelled';
    group.status = 'cancelled';
    let holds = false;
    try {
      holds = evaluateCondition(step.condition, group.scope(environment.env, github));
    } catch (error) {
      output.error(messageOf(error));
    }
    if (!holds) stop.abort('cancel');
  };
  const stopWith = () => stop.abort('cancel');
  const github: Record<string, ContextValue> = { ...group.github, action: step.action };
  let environment: Pick<StepContext, 'env' | 'overrides'> = { env: job.env, overrides: {} };
  let outcome: Result = 'skipped';
  const summaries: string[] = [];

  if (control.cancel.aborted) {
    job.status = 'cancelled';
    group.status = 'cancelled';
  } else control.cancel.addEventListener('abort', recheck, { once: true });
  if (around?.cancel.aborted) stopWith();
  else around?.cancel.addEventListener('abort', stopWith, { once: true });
  let conclusion: Result;
  try {
    environment = stepEnvironment(step, { job, group }, github);
    const scope = group.scope(environment.env, github);
    if (step.name !== undefined) name = masker.mask(evaluateText(step.name, scope));
    if (evaluateCondition(step.condition, scope)) {
      if (around === undefined) onProgress({ type: 'step', job: key, step: name, status: 'started' });
      const files = new StepFiles(machine.fileCommands);
      Object.assign(github, files.context);
      const context = {
        job,
        group,
        ...environment,
        github,
        output,
        setOutput,
        addSummary: (markdown: string) => summaries.push(markdown),
        state: step.state,
        scope: group.scope(environment.env, github),
      };
      outcome = await execute(step, context, stop, name);
      if (control.dead.aborted) outcome = 'cancelled';
      else {
        const summary = files.process(output, {
          addPath: (folder) => job.addPath(folder),
          setEnv: (variable, value) => (job.env[variable] = value),
          setOutput,
          saveState: (state, value) => (step.state[state] = value),
        });
        summaries.push(masker.mask(summary));
        if (output.failed && outcome === 'success') outcome = 'failure';
      }
    }
    const forgiven = outcome === 'failure' && continues(step, output, group.scope(environment.env, github));
    conclusion = forgiven ? 'success' : outcome;
  } catch (error) {
    output.error(messageOf(error));
    outcome = 'failure';
    conclusion = 'failure';
  } finally {
    control.cancel.removeEventListener('abort', recheck);
    around?.cancel.removeEventListener('abort', stopWith);
  }

  if (['failure', 'cancelled'].includes(conclusion) && group.status === 'success')
    group.status = conclusion === 'cancelled' ? 'cancelled' : 'failure';
  if (step.id !== undefined && step.stage === 'main') group.steps[step.id] = { outputs, outcome, conclusion };
  const durationMs = performance.now() - begin;
  if (around === undefined)
    onProgress({ type: 'step', job: key, step: name, status: 'completed', conclusion, durationMs });
  return {
    name,
    ...(step.id !== undefined && { id: step.id }),
    stage: step.stage,
    outcome,
    conclusion,
    outputs,
    summary: summaries.join(''),
    annotations: output.annotations,
    log: output.log.map((line) => `${line}\n`).join(''),
    startedAt,
    durationMs,
  };
}

function continues(step: PlannedStep, output: StepOutput, scope: Scope): boolean {
  if (step.continueOnError === undefined) return false;
  try {
    return evaluateBoolean(step.continueOnError, scope);
  } catch (error) {
    output.error(
      'The step failed and an error occurred when attempting to determine whether to continue on error.',
    );
    output.error(messageOf(error));
    return false;
  }
}
