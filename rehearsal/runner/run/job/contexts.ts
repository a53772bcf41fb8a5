import type { ContextValue } from '../../read/expression/expression-data.js';
import type { Machine } from './machine.js';
import type { SecretSource } from '../../plan/trust.js';
import { memberOf, textOf } from '../../payload.js';
import type { JobReport, WorkflowRequest } from '../../request.js';

/** What one run knows about itself, the same for all its jobs. */
export interface RunFacts {
  request: WorkflowRequest;
  workflowName: string;
  runId: number;
  runNumber: number;
  attempt: number;
  /** The webhook payload, with the raw inputs of a dispatch. */
  payload: Record<string, unknown>;
  secretSource: SecretSource;
}

/** The part of a ref that people read, e.g. `main`. */
export const refName = (ref: string) => ref.replace(/^refs\/(?:heads|tags|pull)\//, '');

const idOf = (value: unknown) =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : '1';

/** The `github` context before a job is on a machine; numbers GitHub gives as text are text here. */
export function githubContext(run: RunFacts): Record<string, ContextValue> {
  const { request, payload } = run;
  const { owner, name } = request.repository;
  const { event } = request;
  const url = request.github.url;
  return {
    repository: `${owner}/${name}`,
    repository_owner: owner,
    repository_id: idOf(memberOf(payload, 'repository', 'id')),
    repository_owner_id: idOf(memberOf(payload, 'repository', 'owner', 'id')),
    repositoryUrl: `git://github.com/${owner}/${name}.git`,
    run_id: String(run.runId),
    run_number: String(run.runNumber),
    run_attempt: String(run.attempt),
    retention_days: '90',
    actor: event.actor,
    actor_id: idOf(memberOf(payload, 'sender', 'id')),
    triggering_actor: request.rerun?.actor ?? event.actor,
    workflow: run.workflowName,
    workflow_ref: `${owner}/${name}/${request.workflow}@${event.ref}`,
    workflow_sha: event.sha,
    event_name: event.name,
    event: payload as ContextValue,
    ref: event.ref,
    ref_name: refName(event.ref),
    ref_type: event.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: false,
    sha: event.sha,
    head_ref: textOf(payload, 'pull_request', 'head', 'ref'),
    base_ref: textOf(payload, 'pull_request', 'base', 'ref'),
    secret_source: run.secretSource,
    server_url: url,
    api_url: url,
    graphql_url: `${url}/graphql`,
  };
}

/** `GITHUB_*` variables made from the `github` context; the rest of it is for expressions only. */
const exported = new Set(
  (
    'action action_path action_ref action_repository actor actor_id api_url base_ref env event_name event_path ' +
    'graphql_url head_ref job output path ref ref_name ref_protected ref_type repository repository_id ' +
    'repository_owner repository_owner_id retention_days run_attempt run_id run_number server_url sha state ' +
    'step_summary triggering_actor workflow workflow_ref workflow_sha workspace'
  ).split(' '),
);

/** The exported part of the `github` context as environment variables. */
export function githubEnvironment(github: Record<string, ContextValue>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(github)
      .filter(
        ([name, value]) => exported.has(name) && (typeof value === 'string' || typeof value === 'boolean'),
      )
      .map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)]),
  );
}

/** The `runner` context; it is exported as `RUNNER_*`. */
export function runnerContext(machine: Machine, debug: boolean): Record<string, string> {
  return {
    name: 'rehearsal',
    os: { darwin: 'macOS', win32: 'Windows' }[process.platform as string] ?? 'Linux',
    arch: process.arch.toUpperCase(),
    environment: 'self-hosted',
    temp: machine.temp,
    tool_cache: machine.toolCache,
    workspace: machine.pipeline,
    ...(debug && { debug: '1' }),
  };
}

/** What others see of a job or a call that is over. */
export type NeedResult = Pick<JobReport, 'result' | 'outputs'>;

/** The `needs` context of a job, from the results of the jobs it names. */
export function needsContext(needs: readonly string[], results: Record<string, NeedResult>): ContextValue {
  return Object.fromEntries(
    needs.map((need) => [need, { result: results[need]?.result, outputs: results[need]?.outputs ?? {} }]),
  );
}

/** `strategy` and `matrix` of a job without a matrix. */
export const noMatrix: Record<string, ContextValue> = {
  strategy: { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 },
  matrix: null,
};
