import type { ContextValue } from '../../read/expression/expression-data.js';
import type { Scope } from '../../read/expression/expressions.js';
import type { JobState } from './job-state.js';
import type { StepGroup, StepResults } from './step-group.js';

interface CompositeParts {
  inputs: Record<string, string>;
  overrides: Record<string, string>;
  /** Of the action's folder: `github.action_path`. */
  path: string;
}

/** What one use of a composite action keeps to itself: inputs, results of its steps, and whether one failed. */
export class CompositeState implements StepGroup {
  status: StepGroup['status'] = 'success';
  readonly steps: StepResults = {};
  readonly defaults = {};
  /** In its post steps the status functions look at the job. */
  post = false;

  constructor(
    private readonly job: JobState,
    private readonly parts: CompositeParts,
  ) {}

  get github() {
    return { action_path: this.parts.path };
  }

  get overrides() {
    return this.parts.overrides;
  }

  scope(env: Record<string, string>, github: Record<string, ContextValue> = {}): Scope {
    const { contexts, functions } = this.job.scope(env, { ...this.github, ...github });
    const status = () => (this.post ? this.job.status : this.status);
    return {
      contexts: { ...contexts, inputs: this.parts.inputs, steps: this.steps },
      functions: {
        ...functions,
        success: () => status() === 'success',
        failure: () => status() === 'failure',
      },
    };
  }
}
