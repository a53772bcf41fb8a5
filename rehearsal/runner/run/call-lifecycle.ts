import { messageOf } from '../message-of.js';
import type { ConcurrencyTicket } from '../concurrency.js';
import { callInputs } from '../plan/call-parameters.js';
import { isWithin, places, type PlannedWorkflow } from '../plan/planned-workflow.js';
import { evaluateText, type Scope } from '../read/expression/expressions.js';
import type { Leg } from '../read/strategy/leg.js';
import type { CallJob, CallTrigger, Concurrency } from '../read/workflow.js';
import type { Result } from '../request.js';
import { Frame } from './frame.js';
import { githubContext, type NeedResult } from './job/contexts.js';
import { Lifecycle, NotStarted } from './lifecycle.js';
import { resultOf } from './result.js';
import type { RunState } from './run-state.js';

type SettleJobs = (run: RunState, frame: Frame) => Promise<void>;

/**
 * One job that calls a workflow, from the moment its needs are done to its outputs. The service only knows the jobs of
 * the called workflow; the call itself is shown when it does not come to run them.
 */
export class CallLifecycle extends Lifecycle<CallJob> {
  private readonly tickets: ConcurrencyTicket[] = [];
  private readonly settleJobs: SettleJobs;

  constructor(
    run: RunState,
    frame: Frame,
    job: CallJob,
    { settleJobs, leg }: { settleJobs: SettleJobs; leg: Leg | undefined },
  ) {
    super(run, frame, job, leg);
    this.settleJobs = settleJobs;
  }

  async settle(): Promise<NeedResult> {
    const { run, frame, job, control } = this;
    const plan = frame.plan.calls.get(job.key);
    const trigger = plan?.workflow.call;
    if (plan === undefined || trigger === undefined) throw new Error(`'${job.uses}' was not planned`);
    const wanted = this.begins();
    if (wanted !== true) return this.end(wanted === false ? 'skipped' : 'failure');
    if (this.tooLate) return this.end('cancelled');
    const active = this.active();
    run.active.add(active);
    try {
      const called = await this.open(plan, trigger).catch((error: unknown) => this.refuse(error));
      if (!(called instanceof Frame)) return called;
      control.cancel.addEventListener('abort', () => run.cancelFrame(called), { once: true });
      await this.settleJobs(run, called);
      return { result: resultOf(called), outputs: this.outputs(called, trigger) };
    } finally {
      run.active.delete(active);
      control.close();
      for (const ticket of this.tickets) ticket.release();
    }
  }

  /** The called workflow with its inputs, once both concurrency groups, the call's and its own, let it begin. */
  private async open(plan: PlannedWorkflow, trigger: CallTrigger): Promise<Frame> {
    const { run, frame, job } = this;
    const facts = { github: githubContext(run.facts), vars: run.facts.request.vars };
    const inputs = callInputs(job, trigger, this.scope, { contexts: { ...facts, inputs: frame.inputs } });
    const called = new Frame({
      plan,
      inputs,
      secrets: (environment, token) => this.secrets(environment, token),
      caller: {
        frame,
        job: job.key,
        key: this.localKey,
        name: this.name,
        permissions: job.permissions ?? frame.permissions,
      },
    });
    // Nothing waits in a group for jobs that a new attempt leaves alone.
    const kept = places(plan, `${this.key}.`).every(({ key }) => this.isKept(key));
    if (!kept) {
      await this.join(called, job.concurrency, this.scope);
      await this.join(called, plan.workflow.concurrency, { contexts: { ...facts, inputs } });
    }
    return called;
  }

  private isKept(key: string): boolean {
    return Object.keys(this.run.reports).some(
      (reported) => isWithin(key, reported) || isWithin(reported, key),
    );
  }

  private async join(called: Frame, concurrency: Concurrency | undefined, scope: Scope): Promise<void> {
    if (concurrency === undefined) return;
    const ticket = await this.takeTurn(called, concurrency, scope, () => this.run.cancelFrame(called));
    this.tickets.push(ticket);
    if (ticket.group !== '') called.groups.set(ticket.group.toLowerCase(), `'${this.name}'`);
  }

  /**
   * What the caller passes, read again for each job: `${{ secrets.NAME }}` gives the secret of the called job's
   * environment, as github.com does, though the calling job itself is in none.
   */
  private secrets(environment: string | undefined, token: string): Record<string, string> {
    const { frame, job, scope } = this;
    const own = frame.secrets(environment, token);
    if (job.secrets === 'inherit') return own;
    const contexts = { ...scope.contexts, secrets: own };
    return Object.fromEntries(
      Object.entries(job.secrets)
        .map(([name, { value }]) => [name, evaluateText(value, { contexts })] as const)
        .filter(([, value]) => value !== ''),
    );
  }

  private outputs(called: Frame, trigger: CallTrigger): Record<string, string> {
    const { facts } = this.run;
    const contexts = {
      github: githubContext(facts),
      inputs: called.inputs,
      vars: facts.request.vars,
      jobs: called.results as unknown as Scope['contexts'][string],
    };
    return Object.fromEntries(
      Object.entries(trigger.outputs)
        .map(([name, template]) => [name, evaluateText(template, { contexts })] as const)
        .filter(([, value]) => value !== ''),
    );
  }

  private async refuse(error: unknown): Promise<NeedResult> {
    this.annotate(messageOf(error));
    return this.end(error instanceof NotStarted ? error.result : 'failure');
  }

  private async end(result: Result): Promise<NeedResult> {
    await this.register();
    return (this.run.reports[this.key] = await this.complete(result));
  }
}
