import { GitHubError, invalid } from '../errors.js';
import type { Repo, Token } from '../model.js';
import type { CheckRun, CheckStatus, CheckSuite } from '../runs-model.js';
import type { App } from '../actors-model.js';
import { type GitHubState, actionsApp } from '../state.js';

/** Check runs of a suite; `latest` keeps the newest of each name (OpenAPI: "filter", checks/list-for-suite). */
export function checkRunsOf(repo: Repo, suiteId: number, filter: 'latest' | 'all'): CheckRun[] {
  const runs = repo.checkRuns.filter((run) => run.suiteId === suiteId).sort((a, b) => b.id - a.id);
  if (filter === 'all') return runs;
  const seen = new Set<string>();
  return runs.filter(({ name }) => !seen.has(name) && seen.add(name));
}

const worstFirst = [
  'action_required',
  'timed_out',
  'cancelled',
  'failure',
  'stale',
  'neutral',
  'success',
  'skipped',
];

/**
 * A suite's state: its workflow run's when it has one, else the worst of its check runs (docs: "About check suites").
 */
export function suiteOutcome(
  repo: Repo,
  suite: CheckSuite,
): { status: CheckStatus; conclusion: string | null } {
  const run = repo.runs.find(({ id }) => id === suite.runId);
  const attempt = run?.attempts.at(-1);
  if (attempt !== undefined) return { status: attempt.status, conclusion: attempt.conclusion };
  const runs = checkRunsOf(repo, suite.id, 'latest');
  if (runs.length === 0) return { status: 'queued', conclusion: null };
  if (runs.some(({ status }) => status !== 'completed')) return { status: 'in_progress', conclusion: null };
  const conclusions = runs.map(({ conclusion }) => conclusion ?? 'neutral');
  return {
    status: 'completed',
    conclusion: worstFirst.find((one) => conclusions.includes(one)) ?? 'neutral',
  };
}

export interface CheckRunChange {
  name?: string;
  details_url?: string;
  external_id?: string;
  status?: CheckStatus;
  started_at?: string;
  conclusion?: string;
  completed_at?: string;
  output?: { title?: string; summary?: string; text?: string; annotations?: unknown[] };
}

/**
 * Only an app may write checks (docs: "Write permission for the REST API to interact with checks is only available to
 * GitHub Apps").
 */
export function appOf(token: Token): App {
  if (token.app === null) throw new GitHubError(403, 'You must authenticate via a GitHub App.');
  return token.app;
}

/**
 * The suite a new check run goes to. One made with a job token lands in the oldest Actions suite of that commit,
 * whatever workflow that belongs to: a green check is no proof of the workflow it appears under.
 */
export function suiteFor(state: GitHubState, repo: Repo, app: App, headSha: string): CheckSuite {
  const known = repo.suites.find((suite) => suite.headSha === headSha && suite.app.id === app.id);
  return known ?? addSuite(state, repo, { app, headSha, headBranch: null, runId: null });
}

export function addSuite(
  state: GitHubState,
  repo: Repo,
  fields: Pick<CheckSuite, 'app' | 'headSha' | 'headBranch' | 'runId'>,
): CheckSuite {
  const now = state.now();
  const suite: CheckSuite = { id: state.nextId(), ...fields, createdAt: now, updatedAt: now };
  repo.suites.push(suite);
  return suite;
}

/** Applies a create or update; throws 422 where GitHub does. `status` follows `conclusion` (OpenAPI: checks/create). */
export function changeCheckRun(state: GitHubState, repo: Repo, run: CheckRun, change: CheckRunChange): void {
  const conclusion = change.conclusion ?? null;
  const status = conclusion === null ? (change.status ?? run.status) : 'completed';
  if (status === 'completed' && conclusion === null && run.conclusion === null) {
    throw invalid({ resource: 'CheckRun', code: 'missing_field', field: 'conclusion' });
  }
  if (change.output !== undefined && change.output.summary === undefined) {
    throw invalid({ resource: 'CheckRun', code: 'missing_field', field: 'summary' });
  }
  run.name = change.name ?? run.name;
  run.detailsUrl = change.details_url ?? run.detailsUrl;
  run.externalId = change.external_id ?? run.externalId;
  if (change.started_at !== undefined) run.startedAt = Date.parse(change.started_at);
  if (status === 'completed') {
    run.conclusion = conclusion ?? run.conclusion;
    run.completedAt = change.completed_at === undefined ? state.now() : Date.parse(change.completed_at);
  } else {
    run.conclusion = null;
    run.completedAt = null;
  }
  run.status = status;
  if (change.output !== undefined) {
    const { title, summary, text, annotations } = change.output;
    run.output = {
      title: title ?? run.output.title,
      summary: summary ?? null,
      text: text ?? null,
      annotations: run.output.annotations + (annotations?.length ?? 0),
    };
  }
  const suite = repo.suites.find(({ id }) => id === run.suiteId);
  if (suite !== undefined) suite.updatedAt = state.now();
}

/** A new check run, not yet in the list, so that a refused change leaves nothing behind. */
export function newCheckRun(
  state: GitHubState,
  suite: CheckSuite,
  name: string,
  id: number = state.nextId(),
): CheckRun {
  return {
    id,
    suiteId: suite.id,
    app: suite.app,
    name,
    headSha: suite.headSha,
    status: 'queued',
    conclusion: null,
    startedAt: suite.app.id === actionsApp.id ? null : state.now(),
    completedAt: null,
    externalId: '',
    detailsUrl: null,
    output: { title: null, summary: null, text: null, annotations: 0 },
  };
}
