import type { NeedResult } from './job/contexts.js';
import type { InputValue } from '../plan/call-parameters.js';
import type { PlannedWorkflow } from '../plan/planned-workflow.js';
import type { Result } from '../request.js';
import type { PermissionsShape } from '../read/workflow-shape.js';

/** The job that calls a workflow. */
interface Caller {
  frame: Frame;
  /** Its key in its own file. */
  job: string;
  /** The same, for one job of a matrix with its own part. */
  key: string;
  /** Shown before the names of the called jobs. */
  name: string;
  permissions: PermissionsShape | undefined;
}

interface FrameParts {
  plan: PlannedWorkflow;
  inputs: Record<string, InputValue>;
  /** Secrets of a job that is in this environment; `GITHUB_TOKEN` is added to them. */
  secrets: (environment: string | undefined, token: string) => Record<string, string>;
  caller?: Caller;
}

/** One workflow of a run, the one that the event started or a called one: its jobs and what became of them so far. */
export class Frame {
  /** By key of the job in this file. */
  readonly results: Record<string, NeedResult> = {};
  /** Concurrency groups that this workflow, or the job that calls it, holds: group in lower case → who holds it. */
  readonly groups = new Map<string, string>();
  private stopped = false;

  constructor(private readonly parts: FrameParts) {}

  get plan() {
    return this.parts.plan;
  }

  get inputs() {
    return this.parts.inputs;
  }

  get workflow() {
    return this.plan.workflow;
  }

  /** Permissions of jobs that write none; undefined is the default of the repository. */
  get permissions(): PermissionsShape | undefined {
    return this.workflow.permissions ?? this.parts.caller?.permissions;
  }

  get cancelled(): boolean {
    return this.stopped || (this.parts.caller?.frame.cancelled ?? false);
  }

  cancel(): void {
    this.stopped = true;
  }

  /** Whether this workflow is that one, or called by it. */
  isIn(other: Frame): boolean {
    return this === other || (this.parts.caller?.frame.isIn(other) ?? false);
  }

  /** Key of a job in the whole run. */
  key(job: string): string {
    const { caller } = this.parts;
    return caller === undefined ? job : `${caller.frame.key(caller.key)}.${job}`;
  }

  /** Name of a job as GitHub shows it, and as its check is called. */
  name(job: string): string {
    return this.parts.caller === undefined ? job : `${this.parts.caller.name} / ${job}`;
  }

  /** Who of those that wait for this workflow holds a concurrency group. */
  holder(group: string): string | undefined {
    return this.groups.get(group.toLowerCase()) ?? this.parts.caller?.frame.holder(group);
  }

  /** The `secrets` context of a job in an environment. */
  secrets(environment: string | undefined, token: string): Record<string, string> {
    return { ...this.parts.secrets(environment, token), GITHUB_TOKEN: token };
  }

  /**
   * What became of all jobs a job waits for, directly or not. A job of a called workflow waits for what the call waits
   * for too: one that was skipped there skips it, unless its own `if` says otherwise.
   */
  ancestorResults(key: string): (Result | undefined)[] {
    const found = new Set<string>();
    const visit = (each: string) => {
      for (const need of this.workflow.jobs.find((job) => job.key === each)?.needs ?? []) {
        if (!found.has(need)) visit(need);
        found.add(need);
      }
    };
    visit(key);
    const { caller } = this.parts;
    const own = [...found].map((each) => this.results[each]?.result);
    return caller === undefined ? own : [...own, ...caller.frame.ancestorResults(caller.job)];
  }
}
