import { join } from 'node:path';
import type { ConcurrencyGroups } from '../concurrency.js';
import type { RunFacts } from './job/contexts.js';
import type { ControlApi } from './control-api.js';
import type { JobControl } from './job/job-control.js';
import type { JobReport, Timings } from '../request.js';
import type { Slots } from './slots.js';
import type { ThirdPartyMap } from '../third-party/action.js';
import { runFolder } from '../plan/rerun.js';
import type { Frame } from './frame.js';

/** A job that waits or runs, as the cancellation of its run sees it. */
export interface ActiveJob {
  /** The workflow it is a job of. */
  frame: Frame;
  control: JobControl;
  /** On a machine, which can get lost. */
  running: boolean;
  /** Whether its `if` still holds now that its workflow is cancelled. */
  stillWanted: () => boolean;
}

interface RunParts {
  facts: RunFacts;
  api: ControlApi;
  timings: Timings;
  thirdParty: ThirdPartyMap;
  concurrency: ConcurrencyGroups;
  slots: Slots;
  /** Reports kept from an earlier attempt. */
  kept: Record<string, JobReport>;
}

/** What one attempt of a run is, and what became of it so far, as its jobs see it. */
export class RunState {
  readonly reports: Record<string, JobReport>;
  readonly active = new Set<ActiveJob>();
  private readonly approvals = new Map<string, Promise<void>>();
  /** The time a cancelled run may still take is over: nothing starts any more. */
  expired = false;

  constructor(private readonly parts: RunParts) {
    this.reports = { ...parts.kept };
  }

  get facts() {
    return this.parts.facts;
  }
  get api() {
    return this.parts.api;
  }
  get timings() {
    return this.parts.timings;
  }
  get thirdParty() {
    return this.parts.thirdParty;
  }
  get concurrency() {
    return this.parts.concurrency;
  }
  get slots() {
    return this.parts.slots;
  }
  /** Everything of this run on disk. */
  get folder() {
    return runFolder(this.facts.request.workDir, this.facts.runId);
  }

  readonly artifacts = (runId: number): string =>
    join(runFolder(this.facts.request.workDir, runId), 'artifacts');

  /** Concurrency groups are per repository. */
  groupKey(group: string): string {
    const { owner, name } = this.facts.request.repository;
    return `${owner}/${name}: ${group}`;
  }

  /** Asks for the approval of an environment; jobs that wait for it at the same time share one review. */
  approve(environment: string): Promise<void> {
    const { request, runId } = this.facts;
    const asked = this.approvals.get(environment);
    if (asked !== undefined) return asked;
    const review = (request.approve?.(environment, runId) ?? Promise.resolve()).finally(() =>
      this.approvals.delete(environment),
    );
    this.approvals.set(environment, review);
    return review;
  }

  /** Cancels a workflow of the run with all it calls: jobs go on whose `if` still holds. */
  cancelFrame(frame: Frame): void {
    frame.cancel();
    for (const job of this.active) if (job.frame.isIn(frame) && !job.stillWanted()) job.control.cancelNow();
  }

  /** The service does not answer any more: nothing may go on behind the back of whoever gets the error. */
  breakDown(): void {
    this.expired = true;
    for (const job of this.active) job.control.die('deadline');
  }
}
