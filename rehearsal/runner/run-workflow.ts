import { processConcurrency, type ConcurrencyTicket } from './concurrency.js';
import { changedFiles } from './plan/events/changed-files.js';
import { typeInputs } from './plan/dispatch-inputs.js';
import { whyNotStarted } from './plan/events/event-filter.js';
import { planWorkflow } from './plan/plan-workflow.js';
import type { PlannedWorkflow } from './plan/planned-workflow.js';
import { keepReport, keptReports } from './plan/rerun.js';
import { secretSource } from './plan/trust.js';
import { evaluateBoolean, evaluateText, type Scope } from './read/expression/expressions.js';
import type { Workflow } from './read/workflow.js';
import { WorkflowError } from './read/workflow-reader.js';
import { realTimings, type RunReport, type Timings, type WorkflowRequest } from './request.js';
import { ControlApi } from './run/control-api.js';
import { Frame } from './run/frame.js';
import { githubContext, refName, type RunFacts } from './run/job/contexts.js';
import { unlessAborted } from './run/job/job-control.js';
import { Run } from './run/run.js';
import { RunState } from './run/run-state.js';
import { Slots } from './run/slots.js';
import type { ThirdPartyMap } from './third-party/action.js';
import { defaultThirdParty } from './third-party/defaults.js';

export { workflowsStartedBy } from './plan/events/started-by.js';
export { ConcurrencyGroups, processConcurrency } from './concurrency.js';
export * from './request.js';
export type { BuiltinAction, BuiltinContext, ThirdPartyAction, ThirdPartyMap } from './third-party/action.js';
export { defaultThirdParty } from './third-party/defaults.js';
export { dependencyReviewAction, trivyAction, type Finding } from './third-party/scanners.js';
export { WorkflowError } from './read/workflow-reader.js';

const defaultParallel = 4;

/** Reads the workflow at its commit with all it calls, and refuses, before anything runs, all that would not run. */
async function plan(request: WorkflowRequest, thirdParty: ThirdPartyMap): Promise<PlannedWorkflow> {
  const planned = await planWorkflow(request, thirdParty);
  const reason = await whyNotStarted(planned.workflow, request.event, () => changedFiles(request));
  if (reason === undefined) return planned;
  throw new WorkflowError([`${request.workflow}: ${reason}`]);
}

function payloadOf(request: WorkflowRequest, raw: Record<string, string>): Record<string, unknown> {
  const given = (request.event.payload ?? {}) as Record<string, unknown>;
  if (request.event.name !== 'workflow_dispatch') return given;
  return { ref: request.event.ref, workflow: request.workflow, ...given, inputs: raw };
}

/** Joins the workflow's concurrency group; resolves `undefined` when it never gets its turn. */
async function takeTurn(
  run: Run,
  state: RunState,
  top: Frame,
  scope: Scope,
): Promise<ConcurrencyTicket | undefined> {
  const { facts, concurrency } = state;
  const { runId, attempt, request } = facts;
  const declared = top.workflow.concurrency;
  const group = declared === undefined ? '' : evaluateText(declared.group, scope);
  if (declared === undefined || group === '')
    return { ready: Promise.resolve({ turn: 'go' }), release: () => undefined };
  top.groups.set(group.toLowerCase(), 'a top level workflow');
  const ticket = concurrency.enter({
    group: state.groupKey(group),
    cancelInProgress: evaluateBoolean(declared.cancelInProgress, scope),
    queue: declared.queue,
    cancel: () => run.cancel(),
  });
  const soon = await Promise.race([ticket.ready, Promise.resolve(undefined)]);
  if (soon === undefined) {
    await state.api.updateRun(runId, 'pending');
    request.onProgress({ type: 'run', runId, attempt, status: 'pending' });
  }
  const turn = await unlessAborted(ticket.ready, request.signal ?? new AbortController().signal);
  if (turn?.turn === 'go') return ticket;
  ticket.release();
  return undefined;
}

/**
 * Runs one workflow file to its end: jobs in parallel along `needs`, steps as real processes, everything the
 * Actions service knows told to the stand-in. Rejects with a {@link WorkflowError} before anything runs when the
 * file or the request is wrong; a failed or cancelled run resolves with its conclusion.
 */
export async function runWorkflow(request: WorkflowRequest): Promise<RunReport> {
  const timings: Timings = { ...realTimings, ...request.timings };
  const thirdParty = { ...defaultThirdParty, ...request.thirdParty };
  const planned = await plan(request, thirdParty);
  const { workflow } = planned;
  const earlier = request.rerun && keptReports(planned, request.workDir, request.rerun);
  const { inputs, raw } =
    request.event.name === 'workflow_dispatch'
      ? typeInputs(workflow.dispatchInputs, earlier?.inputs ?? request.event.inputs ?? {})
      : { inputs: {}, raw: {} };
  const api = new ControlApi(request.github.url);
  const { runId, runNumber, attempt } = await register(request, workflow, api, earlier?.runNumber);
  const facts: RunFacts = {
    request,
    workflowName: workflow.name,
    runId,
    runNumber,
    attempt,
    payload: payloadOf(request, raw),
    secretSource: secretSource(request),
  };
  const scope: Scope = { contexts: { github: githubContext(facts), inputs, vars: request.vars } };
  const top = new Frame({
    plan: planned,
    inputs,
    secrets: (environment) =>
      facts.secretSource === 'Actions'
        ? { ...request.secrets, ...request.environmentSecrets?.[environment ?? ''] }
        : {},
  });
  const state = new RunState({
    facts,
    api,
    timings,
    thirdParty,
    concurrency: request.concurrency ?? processConcurrency,
    slots: new Slots(request.maxParallel ?? defaultParallel),
    kept: earlier?.jobs ?? {},
  });
  const run = new Run(state, top);

  const onCancel = () => run.cancel();
  const onLose = () => run.lose();
  request.signal?.addEventListener('abort', onCancel);
  request.lose?.addEventListener('abort', onLose);
  let ticket: ConcurrencyTicket | undefined;
  let conclusion: RunReport['conclusion'] = 'cancelled';
  try {
    ticket = await takeTurn(run, state, top, scope);
    if (ticket !== undefined) {
      if (request.signal?.aborted) run.cancel();
      await api.updateRun(runId, 'in_progress');
      request.onProgress({ type: 'run', runId, attempt, status: 'in_progress' });
      conclusion = await run.settle();
    }
    await api.updateRun(runId, 'completed', conclusion);
  } finally {
    ticket?.release();
    request.signal?.removeEventListener('abort', onCancel);
    request.lose?.removeEventListener('abort', onLose);
  }
  const report: RunReport = { inputs: raw, runId, runNumber, attempt, conclusion, jobs: state.reports };
  keepReport(request.workDir, report);
  request.onProgress({ type: 'run', runId, attempt, status: 'completed', conclusion });
  return report;
}

async function register(
  request: WorkflowRequest,
  workflow: Workflow,
  api: ControlApi,
  earlierNumber: number | undefined,
): Promise<{ runId: number; runNumber: number; attempt: number }> {
  const { repository, event, rerun } = request;
  if (rerun !== undefined) {
    const { attempt } = await api.createAttempt(rerun.runId, rerun.actor);
    return { runId: rerun.runId, runNumber: earlierNumber ?? 1, attempt };
  }
  const { id, runNumber, attempt } = await api.createRun({
    owner: repository.owner,
    name: repository.name,
    workflowPath: request.workflow,
    workflowName: workflow.name,
    event: event.name,
    headSha: event.sha,
    headBranch: refName(event.ref),
    actor: event.actor,
  });
  return { runId: id, runNumber, attempt };
}
