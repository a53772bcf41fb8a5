import { join } from 'node:path';
import type { ConcurrencyGroups } from '../concurrency.js';
import type { RunFacts } from './job/contexts.js';
import type { ControlApi } from './control-api.js';
import type { JobControl } from './job/job-control.js';
import type { JobReport, Timings } from '../request.js';
import type { Slots } from './slots.js';
import type { ThirdPartyMap } from '../third-party/action.js';
import { runFolder } from '../plan/rerun.js';
import type { Workflow } from '../read/workflow-file.js';

/** A job that waits or runs, as the cancellation of its run sees it. */
export interface ActiveJob {
  control: JobControl;
  /** On a machine, which can get lost. */
  running: boolean;
  /** Whether its `if` still holds now that the run is cancelled. */
  stillWanted: () => boolean;
}

interface RunParts {
  facts: RunFacts;
  workflow: Workflow;
  api: ControlApi;
  timings: Timings;
  thirdParty: ThirdPartyMap;
  concurrency: ConcurrencyGroups;
  /** Group of the workflow itself, if it has one. */
  concurrencyGroup?: string | undefined;
  slots: Slots;
  /** Reports kept from an earlier attempt. */
  kept: Record<string, JobReport>;
}

/** What one attempt of a run is, and what became of it so far, as its jobs see it. */
export class RunState {
  readonly reports: Record<string, JobReport>;
  readonly active = new Set<ActiveJob>();
  cancelled = false;
  /** The time a cancelled run may still take is over: nothing starts any more. */
  expired = false;

  constructor(private readonly parts: RunParts) {
    this.reports = { ...parts.kept };
  }

  get facts() {
    return this.parts.facts;
  }
  get workflow() {
    return this.parts.workflow;
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
  get concurrencyGroup() {
    return this.parts.concurrencyGroup;
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

  /** All jobs a job waits for, directly or not. */
  ancestors(key: string): string[] {
    const found = new Set<string>();
    const visit = (each: string) => {
      for (const need of this.workflow.jobs.find((job) => job.key === each)?.needs ?? []) {
        if (!found.has(need)) visit(need);
        found.add(need);
      }
    };
    visit(key);
    return [...found];
  }
}
