import { join } from 'node:path';
import { messageOf } from '../message-of.js';
import type { ConcurrencyTicket } from '../concurrency.js';
import { inApiNames, readOnly, tokenPermissions } from '../plan/permissions.js';
import { evaluateBoolean, evaluateText } from '../read/expression/expressions.js';
import { evaluateTree } from '../read/strategy/value-tree.js';
import type { StepsJob } from '../read/workflow.js';
import type { JobReport } from '../request.js';
import { needsContext, noMatrix } from './job/contexts.js';
import { pause } from './job/job-control.js';
import { JobState } from './job/job-state.js';
import { prepareMachine } from './job/machine.js';
import { Masker } from './job/masker.js';
import { runJob, type JobOutcome } from './job.js';
import { Lifecycle, NotStarted } from './lifecycle.js';

/** One job with steps from the moment its needs are done to its report. */
export class JobLifecycle extends Lifecycle<StepsJob> {
  async settle(): Promise<JobReport> {
    const { run, job, control } = this;
    const wanted = this.begins();
    await this.register();
    if (wanted !== true) return this.complete(wanted === false ? 'skipped' : 'failure');
    this.progress('queued');

    if (this.tooLate) return this.complete('cancelled');
    const active = this.active();
    run.active.add(active);
    let ticket: ConcurrencyTicket | undefined;
    let leaveSlot: (() => void) | undefined;
    try {
      if (job.concurrency !== undefined)
        ticket = await this.takeTurn(this.frame, job.concurrency, this.scope, () => control.cancelNow());
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
    let refusal: unknown;
    run.approve(environment).catch((error: unknown) => (refusal = error));
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
    const { run, frame, job, key, id, control } = this;
    evaluateTree(job.runsOn, this.scope);
    const { request, runId, attempt } = run.facts;
    const written = tokenPermissions(job.permissions ?? frame.permissions);
    const permissions = run.facts.secretSource === 'Actions' ? written : readOnly(written);
    const token = await run.api.createToken({
      actor: 'github-actions[bot]',
      permissions: inApiNames(permissions),
      runId,
      attempt,
      jobId: id,
    });
    const secrets = frame.secrets(environment, token);
    const masker = new Masker();
    for (const secret of Object.values(secrets)) masker.add(secret);
    const root = join(run.folder, `attempt-${attempt}`, key);
    const state = new JobState({
      run: run.facts,
      plan: frame.plan,
      job,
      key,
      id,
      token,
      permissions,
      machine: prepareMachine(root, request.repository.name, run.facts.payload),
      masker,
      control,
      timings: run.timings,
      thirdParty: run.thirdParty,
      inputs: frame.inputs,
      secrets,
      vars: { ...request.vars, ...request.environmentVars?.[environment ?? ''] },
      needs: needsContext(job.needs, frame.results),
      variation: this.leg?.contexts ?? noMatrix,
      env: [frame.workflow.env, job.env],
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

  private progress(status: 'queued' | 'waiting' | 'in_progress'): void {
    const { id, name, key } = this;
    this.run.facts.request.onProgress({ type: 'job', job: key, id, name, status });
  }
}
