import type { Template } from './expression/expressions.js';
import type { Templates } from './workflow-reader.js';
import type { DispatchInput, PermissionsShape } from './workflow-shape.js';
import type { CallInput } from './call-shape.js';
import type { Strategy } from './strategy/strategy.js';
import type { ValueTree } from './strategy/value-tree.js';
import type { EventFilter } from './events.js';

export interface Concurrency {
  group: Template;
  cancelInProgress: Template;
  queue: 'single' | 'max';
}

export interface RunDefaults {
  shell?: Template;
  workingDirectory?: Template;
}

export interface Step {
  /** Position in the job or action, from 0. */
  index: number;
  id?: string;
  name?: Template;
  condition: Template;
  action:
    { uses: string; with: Templates } | { run: Template; shell?: Template; workingDirectory?: Template };
  env: Templates;
  continueOnError: Template;
  timeoutMinutes?: Template;
  line: number;
}

/** What jobs with steps and jobs that call a workflow have in common. */
export interface BaseJob {
  key: string;
  name: Template;
  needs: string[];
  condition: Template;
  permissions?: PermissionsShape;
  concurrency?: Concurrency;
  strategy?: Strategy;
  line: number;
}

/** A service container of a job. */
export interface Service {
  name: string;
  image: Template;
  env: Templates;
  ports: Template[];
  options: Template;
  line: number;
}

/** A job that runs steps on a machine. */
export interface StepsJob extends BaseJob {
  runsOn: ValueTree;
  services: Service[];
  environment?: { name: Template; url?: Template; deployment: boolean };
  outputs: Templates;
  env: Templates;
  defaults: RunDefaults;
  timeoutMinutes: Template;
  continueOnError: Template;
  steps: Step[];
}

/** A value under `with` of a call, of the type that YAML gives it or as an expression. */
export interface CallValue {
  value: string | number | boolean | Template;
  line: number;
}

/** A job that calls a workflow: `uses`. */
export interface CallJob extends BaseJob {
  uses: string;
  usesLine: number;
  with: Record<string, CallValue>;
  /** `inherit`, or what the caller passes by name. */
  secrets: 'inherit' | Record<string, { value: Template; line: number }>;
}

export type Job = StepsJob | CallJob;

export const isCall = (job: Job): job is CallJob => 'uses' in job;

/** What `on.workflow_call` declares. */
export interface CallTrigger {
  inputs: Record<string, { type: CallInput['type']; required: boolean; default?: CallValue }>;
  secrets: Record<string, { required: boolean }>;
  outputs: Templates;
}

export interface Workflow {
  path: string;
  name: string;
  events: Record<string, EventFilter>;
  dispatchInputs: Record<string, DispatchInput>;
  /** Absent: nobody may call it. */
  call?: CallTrigger;
  env: Templates;
  permissions?: PermissionsShape;
  concurrency?: Concurrency;
  jobs: Job[];
}
