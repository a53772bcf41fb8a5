import { join } from 'node:path';
import type { ConcurrencyGroups } from './concurrency.js';
import type { RunFacts } from './contexts.js';
import type { ControlApi } from './control-api.js';
import { JobLifecycle, type ActiveJob } from './job-lifecycle.js';
import type { JobReport, RunReport, Timings } from './request.js';
import type { ThirdPartyMap } from './third-party/action.js';
import type { Workflow } from './workflow-file.js';

/** Places on machines: a job that finds none waits for one, in order. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Resolves a function that gives the place back; also resolves, with nothing to give back, when aborted. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return () => undefined;
    if (this.free > 0) this.free--;
    else {
      const got = await new Promise<boolean>((resolve) => {
        const turn = () => resolve(true);
        this.waiting.push(turn);
        signal.addEventListener('abort', () => {
          const at = this.waiting.indexOf(turn);
          if (at >= 0) this.waiting.splice(at, 1);
          resolve(false);
        });
      });
      if (!got) return () => undefined;
    }
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    };
  }
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

/** One attempt of a run: its jobs as a graph, and what cancelling or losing machines does to them. */
export class Run {
  readonly reports: Record<string, JobReport>;
  readonly active = new Set<ActiveJob>();
  cancelled = false;
  /** The time a cancelled run may still take is over: nothing starts any more. */
  expired = false;
  private deadline: NodeJS.Timeout | undefined;
  private readonly started = new Map<string, Promise<void>>();

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

  /** Cancels the run: jobs go on whose `if` still holds. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const job of this.active) if (!job.stillWanted()) job.control.cancelNow();
    this.deadline = setTimeout(() => {
      this.expired = true;
      for (const job of this.active) {
        job.control.cancelNow();
        job.control.die('deadline');
      }
    }, this.timings.cancelDeadlineMs);
  }

  /** The machines of all jobs now running die. */
  lose(): void {
    for (const job of this.active) if (job.running) job.control.die('lost');
  }

  /** Runs all jobs not kept from an earlier attempt and resolves the conclusion. */
  async settle(): Promise<RunReport['conclusion']> {
    try {
      await Promise.all(this.workflow.jobs.map(({ key }) => this.job(key)));
    } catch (error) {
      // The stand-in is unreachable: nothing may go on behind the back of whoever gets this error.
      this.expired = true;
      for (const job of this.active) job.control.die('deadline');
      await Promise.allSettled(this.started.values());
      throw error;
    } finally {
      clearTimeout(this.deadline);
    }
    const results = Object.values(this.reports).map(({ result }) => result);
    if (this.cancelled && results.some((result) => result !== 'success')) return 'cancelled';
    if (results.includes('failure')) return 'failure';
    return results.includes('cancelled') ? 'cancelled' : 'success';
  }

  private job(key: string): Promise<void> {
    const known = this.started.get(key);
    if (known !== undefined) return known;
    const job = this.workflow.jobs.find((each) => each.key === key);
    if (job === undefined || this.reports[key] !== undefined) return Promise.resolve();
    const settled = Promise.all(job.needs.map((need) => this.job(need)))
      .then(() => new JobLifecycle(this, job).settle())
      .then((report) => {
        this.reports[key] = report;
      });
    this.started.set(key, settled);
    return settled;
  }
}

/** Where everything of a run is kept. */
export const runFolder = (workDir: string, runId: number) => join(workDir, 'runs', String(runId));
