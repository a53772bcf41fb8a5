import { join } from 'node:path';
import { messageOf } from '../message-of.js';
import type { ConcurrencyTicket } from '../concurrency.js';
import { githubContext, needsContext, noMatrix } from './job/contexts.js';
import { evaluateBoolean, evaluateCondition, evaluateText, type Scope } from '../read/expressions.js';
import { runJob, type JobOutcome } from './job.js';
import { JobControl, pause, unlessAborted } from './job/job-control.js';
import { JobState } from './job/job-state.js';
import { prepareMachine } from './job/machine.js';
import { Masker } from './job/masker.js';
import { tokenPermissions } from '../plan/permissions.js';
import type { Annotation, JobReport, Result } from '../request.js';
import type { ActiveJob, RunState } from './run-state.js';
import type { Job } from '../read/workflow-file.js';

/** Contexts and status functions of a job before it has a machine: they look at all jobs it descends from. */
function jobScope(run: RunState, job: Job): Scope {
  const chosen = (jobs: string[]) =>
    (jobs.length > 0 ? jobs : run.ancestors(job.key)).map((key) => run.reports[key]?.result);
  return {
    contexts: {
      github: githubContext(run.facts),
      inputs: run.facts.inputs,
      vars: run.facts.request.vars,
      needs: needsContext(job.needs, run.reports),
      ...noMatrix,
    },
    functions: {
      success: (...jobs) => !run.cancelled && chosen(jobs).every((result) => result === 'success'),
      failure: (...jobs) => chosen(jobs).includes('failure'),
      cancelled: () => run.cancelled,
    },
  };
}

/** Why a job does not get a machine. */
class NotStarted extends Error {
  constructor(
    readonly result: 'failure' | 'cancelled',
    reason: string,
  ) {
    super(reason);
  }
}

/** One job from the moment its needs are done to its report. */
export class JobLifecycle {
  private readonly annotations: Annotation[] = [];
  private readonly control: JobControl;
  private readonly scope: Scope;
  private id = 0;
  private name: string;

  constructor(
    private readonly run: RunState,
    private readonly job: Job,
  ) {
    this.control = new JobControl(run.timings);
    this.scope = jobScope(run, job);
    this.name = job.key;
  }

  async settle(): Promise<JobReport> {
    const { run, job, control } = this;
    this.name = this.tryText() ?? job.key;
    const wanted = this.wanted();
    const { facts } = run;
    this.id = (
      await run.api.createJob(facts.runId, { name: this.name, key: job.key, attempt: facts.attempt })
    ).id;
    if (wanted !== true) return this.complete(wanted === false ? 'skipped' : 'failure');
    this.progress('queued');

    if (run.expired) return this.complete('cancelled');
    const active: ActiveJob = { control, running: false, stillWanted: () => this.wanted() === true };
    run.active.add(active);
    let ticket: ConcurrencyTicket | undefined;
    let leaveSlot: (() => void) | undefined;
    try {
      ticket = await this.takeTurn();
      const environment = await this.awaitEnvironment();
      leaveSlot = await run.slots.take(control.cancel);
      if (control.cancel.aborted)
        throw new NotStarted('cancelled', 'The job was cancelled before it started');
      const state = await this.start(environment);
      active.running = true;
      const outcome = await runJob(state, run.artifacts);
      active.running = false;
      return await this.afterRun(outcome);
    } catch (error) {
      this.annotate(messageOf(error));
      return await this.complete(error instanceof NotStarted ? error.result : 'failure');
    } finally {
      run.active.delete(active);
      control.close();
      leaveSlot?.();
      ticket?.release();
    }
  }

  private tryText(): string | undefined {
    try {
      return evaluateText(this.job.name, this.scope);
    } catch {
      return undefined;
    }
  }

  /** Whether the job's `if` holds; `undefined`, with an annotation, when it cannot be evaluated. */
  private wanted(): boolean | undefined {
    try {
      return evaluateCondition(this.job.condition, this.scope);
    } catch (error) {
      this.annotate(messageOf(error));
      return undefined;
    }
  }

  private async takeTurn(): Promise<ConcurrencyTicket | undefined> {
    const { run, job, control } = this;
    if (job.concurrency === undefined) return undefined;
    const group = evaluateText(job.concurrency.group, this.scope);
    if (group === '') return undefined;
    if (run.concurrencyGroup?.toLowerCase() === group.toLowerCase()) {
      throw new NotStarted(
        'cancelled',
        `Canceling since a deadlock was detected for concurrency group: '${group}' between a top level workflow and '${job.key}'`,
      );
    }
    const ticket = run.concurrency.enter({
      group: run.groupKey(group),
      cancelInProgress: evaluateBoolean(job.concurrency.cancelInProgress, this.scope),
      queue: job.concurrency.queue,
      cancel: (reason) => {
        this.annotate(reason);
        control.cancelNow();
      },
    });
    const answer = await unlessAborted(ticket.ready, control.cancel);
    if (answer?.turn === 'go') return ticket;
    ticket.release();
    throw new NotStarted(
      'cancelled',
      answer?.reason ?? 'The job was cancelled while it waited for its concurrency group',
    );
  }

  /** Asks for the environment and waits for its approval; resolves its name. */
  private async awaitEnvironment(): Promise<string | undefined> {
    const { run, job, control, id } = this;
    if (job.environment === undefined) return undefined;
    const environment = evaluateText(job.environment.name, this.scope);
    if (environment === '') return undefined;
    let answer = await run.api.requestEnvironment(id, environment, job.environment.deployment);
    const refuse = () => {
      if (typeof answer.refused === 'string') throw new NotStarted('failure', answer.refused);
    };
    refuse();
    if (answer.approved) return environment;
    await run.api.updateJob(id, 'waiting');
    this.progress('waiting');
    const approving = run.facts.request.approve?.(environment, run.facts.runId);
    let refusal: unknown;
    approving?.catch((error: unknown) => (refusal = error));
    while (!answer.approved && !control.cancel.aborted) {
      if (refusal !== undefined)
        throw new NotStarted('failure', `approve('${environment}') failed: ${messageOf(refusal)}`);
      await pause(run.timings.approvalPollMs, control.cancel);
      answer = await run.api.readEnvironment(id);
      refuse();
    }
    return environment;
  }

  private async start(environment: string | undefined): Promise<JobState> {
    const { run, job, id, control } = this;
    const { request, runId, attempt } = run.facts;
    const token = await run.api.createToken({
      actor: 'github-actions[bot]',
      permissions: tokenPermissions(run.workflow.permissions, job.permissions),
      runId,
      attempt,
      jobId: id,
    });
    const own = environment ?? '';
    const secrets = { ...request.secrets, ...request.environmentSecrets?.[own] };
    const masker = new Masker();
    for (const secret of [token, ...Object.values(secrets)]) masker.add(secret);
    const root = join(run.folder, `attempt-${attempt}`, job.key);
    const state = new JobState({
      run: run.facts,
      job,
      id,
      token,
      machine: prepareMachine(root, request.repository.name, run.facts.payload),
      masker,
      control,
      timings: run.timings,
      thirdParty: run.thirdParty,
      secrets,
      vars: { ...request.vars, ...request.environmentVars?.[own] },
      needs: needsContext(job.needs, run.reports),
      env: [run.workflow.env, job.env],
      onProgress: request.onProgress,
    });
    await run.api.updateJob(id, 'in_progress');
    this.progress('in_progress');
    return state;
  }

  private async afterRun(outcome: JobOutcome): Promise<JobReport> {
    const { run, job, control } = this;
    this.annotations.push(...outcome.annotations);
    if (control.dead.reason === 'lost') {
      // The service only notices that the machine no longer renews its lock.
      await pause(run.timings.lostMs, control.cancel);
      this.annotate('The hosted runner lost communication with the server.');
      return this.complete(control.cancel.aborted ? 'cancelled' : 'failure', outcome);
    }
    const forgiven = outcome.result === 'failure' && evaluateBoolean(job.continueOnError, this.scope);
    return this.complete(outcome.result, outcome, forgiven ? 'success' : outcome.result);
  }

  private async complete(
    conclusion: Result,
    outcome?: JobOutcome,
    result: Result = conclusion,
  ): Promise<JobReport> {
    await this.run.api.updateJob(this.id, 'completed', conclusion);
    const { id, name, job } = this;
    this.run.facts.request.onProgress({
      type: 'job',
      job: job.key,
      id,
      name,
      status: 'completed',
      conclusion,
    });
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

  private progress(status: 'queued' | 'waiting' | 'in_progress'): void {
    const { id, name, job } = this;
    this.run.facts.request.onProgress({ type: 'job', job: job.key, id, name, status });
  }

  private annotate(text: string): void {
    const annotation: Annotation = { level: 'error', message: text };
    this.annotations.push(annotation);
    this.run.facts.request.onProgress({ type: 'annotation', job: this.job.key, annotation });
  }
}
