import { messageOf } from '../message-of.js';
import type { ConcurrencyTicket } from '../concurrency.js';
import {
  evaluateBoolean,
  evaluateCondition,
  evaluateText,
  type Scope,
} from '../read/expression/expressions.js';
import type { BaseJob, Concurrency } from '../read/workflow.js';
import { legName, type Leg } from '../read/strategy/leg.js';
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
function jobScope(run: RunState, frame: Frame, job: BaseJob, leg: Leg | undefined): Scope {
  const chosen = (jobs: string[]) =>
    jobs.length > 0 ? jobs.map((key) => frame.results[key]?.result) : frame.ancestorResults(job.key);
  return {
    contexts: {
      github: githubContext(run.facts),
      inputs: frame.inputs,
      vars: run.facts.request.vars,
      needs: needsContext(job.needs, frame.results),
      ...(leg?.contexts ?? noMatrix),
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
  /** In its own workflow; one job of a matrix has that of the job and its own after a dot. */
  protected readonly localKey: string;
  /** In the whole run. */
  protected readonly key: string;
  protected name: string;
  protected id = 0;

  constructor(
    protected readonly run: RunState,
    protected readonly frame: Frame,
    protected readonly job: Kind,
    /** One job of a matrix; whether it is wanted was decided before the matrix was made. */
    protected readonly leg?: Leg,
  ) {
    this.control = new JobControl(run.timings);
    this.scope = jobScope(run, frame, job, leg);
    this.localKey = leg === undefined ? job.key : `${job.key}.${leg.id}`;
    this.key = frame.key(this.localKey);
    this.name = frame.name(this.ownName());
  }

  /** A matrix that is not made keeps the name as it is written; a name with an expression gets nothing added. */
  private ownName(): string {
    const { job, leg } = this;
    const literal = job.name.parts.every((part) => typeof part === 'string');
    if (leg === undefined && job.strategy !== undefined) return job.name.source;
    if (leg !== undefined && literal) return legName(job.name.source, leg);
    try {
      return evaluateText(job.name, this.scope);
    } catch {
      return job.key;
    }
  }

  /** Asks a job of a matrix to stop since another one failed. */
  cancelled(reason: string): void {
    this.annotate(reason);
    this.control.cancelNow();
  }

  /** Aborted when the job is asked to stop. */
  get cancel(): AbortSignal {
    return this.control.cancel;
  }

  /** Whether the job is to begin; for one of a matrix that was decided before. */
  protected begins(): boolean | undefined {
    return this.leg === undefined ? this.wanted() : true;
  }

  /** Whether it was cancelled before it began. */
  protected get tooLate(): boolean {
    const { run, control, frame, leg } = this;
    return run.expired || control.cancel.aborted || (leg !== undefined && frame.cancelled && !this.wanted());
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
    this.control.close();
    await run.api.updateJob(id, 'completed', conclusion);
    run.facts.request.onProgress({ type: 'job', job: key, id, name, status: 'completed', conclusion });
    return {
      id,
      name,
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
