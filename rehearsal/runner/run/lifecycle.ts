import { messageOf } from '../message-of.js';
import type { ConcurrencyTicket } from '../concurrency.js';
import {
  evaluateBoolean,
  evaluateCondition,
  evaluateText,
  type Scope,
} from '../read/expression/expressions.js';
import type { BaseJob, Concurrency } from '../read/workflow.js';
import type { Annotation, JobReport, Result } from '../request.js';
import type { Frame } from './frame.js';
import { githubContext, needsContext, noMatrix } from './job/contexts.js';
import { JobControl, unlessAborted } from './job/job-control.js';
import type { JobOutcome } from './job.js';
import type { ActiveJob, RunState } from './run-state.js';

/** Why a job does not start. */
export class NotStarted extends Error {
  constructor(
    readonly result: 'failure' | 'cancelled',
    reason: string,
  ) {
    super(reason);
  }
}

/** Contexts and status functions of a job before it has a machine: they look at all jobs it descends from. */
function jobScope(run: RunState, frame: Frame, job: BaseJob): Scope {
  const chosen = (jobs: string[]) =>
    (jobs.length > 0 ? jobs : frame.ancestors(job.key)).map((key) => frame.results[key]?.result);
  return {
    contexts: {
      github: githubContext(run.facts),
      inputs: frame.inputs,
      vars: run.facts.request.vars,
      needs: needsContext(job.needs, frame.results),
      ...noMatrix,
    },
    functions: {
      success: (...jobs) => !frame.cancelled && chosen(jobs).every((result) => result === 'success'),
      failure: (...jobs) => chosen(jobs).includes('failure'),
      cancelled: () => frame.cancelled,
    },
  };
}

/** What a job with steps and a job that calls a workflow go through alike. */
export class Lifecycle<Kind extends BaseJob> {
  protected readonly annotations: Annotation[] = [];
  protected readonly control: JobControl;
  protected readonly scope: Scope;
  /** In the whole run. */
  protected readonly key: string;
  protected name: string;
  protected id = 0;

  constructor(
    protected readonly run: RunState,
    protected readonly frame: Frame,
    protected readonly job: Kind,
  ) {
    this.control = new JobControl(run.timings);
    this.scope = jobScope(run, frame, job);
    this.key = frame.key(job.key);
    this.name = frame.name(this.tryName() ?? job.key);
  }

  private tryName(): string | undefined {
    try {
      return evaluateText(this.job.name, this.scope);
    } catch {
      return undefined;
    }
  }

  /** Whether the job's `if` holds; `undefined`, with an annotation, when it cannot be evaluated. */
  protected wanted(): boolean | undefined {
    try {
      return evaluateCondition(this.job.condition, this.scope);
    } catch (error) {
      this.annotate(messageOf(error));
      return undefined;
    }
  }

  /** As the cancellation of the run, or of its workflow, sees it. */
  protected active(): ActiveJob {
    return {
      frame: this.frame,
      control: this.control,
      running: false,
      stillWanted: () => this.wanted() === true,
    };
  }

  /** Waits for the turn of the job, or of the workflow it calls, in a concurrency group; `cancel` is called when a later claim wants this one to stop. */
  protected async takeTurn(
    frame: Frame,
    { group: template, cancelInProgress, queue }: Concurrency,
    scope: Scope,
    cancel: () => void,
  ): Promise<ConcurrencyTicket & { group: string }> {
    const { run, control } = this;
    const group = evaluateText(template, scope);
    if (group === '') return { group, ready: Promise.resolve({ turn: 'go' }), release: () => undefined };
    const holder = frame.holder(group);
    if (holder !== undefined) {
      throw new NotStarted(
        'cancelled',
        `Canceling since a deadlock was detected for concurrency group: '${group}' between ${holder} and '${this.name}'`,
      );
    }
    const ticket = run.concurrency.enter({
      group: run.groupKey(group),
      cancelInProgress: evaluateBoolean(cancelInProgress, scope),
      queue,
      cancel: (reason) => {
        this.annotate(reason);
        cancel();
      },
    });
    const answer = await unlessAborted(ticket.ready, control.cancel);
    if (answer?.turn === 'go') return { group, ...ticket };
    ticket.release();
    throw new NotStarted(
      'cancelled',
      answer?.reason ?? 'The job was cancelled while it waited for its concurrency group',
    );
  }

  /** Makes the job known to the service. */
  protected async register(): Promise<void> {
    const { run, name, key } = this;
    const { runId, attempt } = run.facts;
    this.id = (await run.api.createJob(runId, { name, key, attempt })).id;
  }

  protected async complete(
    conclusion: Result,
    outcome?: JobOutcome,
    result: Result = conclusion,
  ): Promise<JobReport> {
    const { id, name, key, run } = this;
    await run.api.updateJob(id, 'completed', conclusion);
    run.facts.request.onProgress({ type: 'job', job: key, id, name, status: 'completed', conclusion });
    return {
      id,
      result,
      conclusion,
      outputs: outcome?.outputs ?? {},
      steps: outcome?.steps ?? [],
      annotations: this.annotations,
      ...(outcome?.environmentUrl !== undefined && { environmentUrl: outcome.environmentUrl }),
    };
  }

  protected annotate(text: string): void {
    const annotation: Annotation = { level: 'error', message: text };
    this.annotations.push(annotation);
    this.run.facts.request.onProgress({ type: 'annotation', job: this.key, annotation });
  }
}
