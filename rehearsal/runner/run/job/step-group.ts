import type { ContextValue } from '../../read/expression/expression-data.js';
import type { Scope } from '../../read/expression/expressions.js';
import type { RunDefaults } from '../../read/workflow.js';
import type { Result } from '../../request.js';

/** The `steps` context. */
export type StepResults = Record<
  string,
  { outputs: Record<string, string>; outcome: Result; conclusion: Result }
>;

/** Steps that see each other: those of a job, or those of one composite action in it. */
export interface StepGroup {
  /** What `success()` and `failure()` of these steps look at. */
  status: Exclude<Result, 'skipped'>;
  readonly steps: StepResults;
  /** What a composite action's own step set in `env`; it wins over what steps add to the environment of the job. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Members of the `github` context that all of them have. */
  readonly github: Readonly<Record<string, ContextValue>>;
  /** Where the shell and the working directory of a script come from that names none. */
  readonly defaults: RunDefaults;
  /** Contexts and functions for an expression in a step, with the step's own env and `github` members. */
  scope: (env: Record<string, string>, github?: Record<string, ContextValue>) => Scope;
}
