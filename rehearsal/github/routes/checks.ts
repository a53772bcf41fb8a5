import { GitHubError, found } from '../errors.js';
import type { CheckRun, CheckSuite } from '../runs-model.js';
import { checkRunJson, checkSuiteJson } from '../represent/checks.js';
import {
  appOf,
  changeCheckRun,
  type CheckRunChange,
  checkRunsOf,
  newCheckRun,
  suiteFor,
} from '../rules/checks.js';
import { type Answer, created, ok, paged, type RepoContext, type Route, route } from '../route.js';

const suiteOf = ({ repo, params }: RepoContext): CheckSuite =>
  found(repo.suites.find(({ id }) => id === Number(params['check_suite_id'])));

const checkRunOf = ({ repo, params }: RepoContext): CheckRun =>
  found(repo.checkRuns.find(({ id }) => id === Number(params['check_run_id'])));

async function suitesAt({ repo, params }: RepoContext): Promise<CheckSuite[]> {
  const commit = found(await repo.git.resolve(params['ref'] ?? ''));
  return repo.suites.filter(({ headSha }) => headSha === commit.oid);
}

function listRuns(context: RepoContext, suites: readonly CheckSuite[]): Promise<Answer> {
  const { query } = context;
  const filter = query['filter'] === 'all' ? 'all' : 'latest';
  const runs = suites
    .flatMap(({ id }) => checkRunsOf(context.repo, id, filter))
    .filter(
      ({ name, status, app }) =>
        (query['check_name'] ?? name) === name &&
        (query['status'] ?? status) === status &&
        (query['app_id'] ?? app.id) === app.id,
    )
    .sort((a, b) => b.id - a.id);
  return paged(
    context,
    runs,
    (run) => checkRunJson(context.state, context.repo, run),
    (check_runs, total_count) => ({ total_count, check_runs }),
  );
}

export const checkRoutes: readonly Route[] = [
  route('GET /commits/{ref}/check-runs', [['checks', 'read']], async (context) =>
    listRuns(context, await suitesAt(context)),
  ),
  route('GET /commits/{ref}/check-suites', [['checks', 'read']], async (context) => {
    const { repo, query } = context;
    const suites = (await suitesAt(context)).filter(
      ({ id, app }) =>
        (query['app_id'] ?? app.id) === app.id &&
        (query['check_name'] === undefined ||
          checkRunsOf(repo, id, 'latest').some(({ name }) => name === query['check_name'])),
    );
    return paged(
      context,
      suites,
      (suite) => checkSuiteJson(context.state, repo, suite),
      (check_suites, total_count) => ({ total_count, check_suites }),
    );
  }),
  route('GET /check-suites/{check_suite_id}', [['checks', 'read']], async (context) =>
    ok(await checkSuiteJson(context.state, context.repo, suiteOf(context))),
  ),
  route('GET /check-suites/{check_suite_id}/check-runs', [['checks', 'read']], (context) =>
    listRuns(context, [suiteOf(context)]),
  ),
  route('GET /check-runs/{check_run_id}', [['checks', 'read']], (context) =>
    ok(checkRunJson(context.state, context.repo, checkRunOf(context))),
  ),
  route('POST /check-runs', [['checks', 'write']], async ({ state, repo, token, body }) => {
    const fields = body as CheckRunChange & { name: string; head_sha: string };
    const app = appOf(token);
    const commit = found(await repo.git.commit(fields.head_sha));
    const run = newCheckRun(state, suiteFor(state, repo, app, commit.oid), fields.name);
    run.startedAt = state.now();
    changeCheckRun(state, repo, run, fields);
    repo.checkRuns.push(run);
    return created(checkRunJson(state, repo, run));
  }),
  route('PATCH /check-runs/{check_run_id}', [['checks', 'write']], (context) => {
    const { state, repo, token, body } = context;
    const app = appOf(token);
    const run = checkRunOf(context);
    // An app changes only its own check runs (docs: checks/update, "that you own").
    if (run.app.id !== app.id) {
      const message = `Invalid app_id \`${app.id}\` - check run can only be modified by the GitHub App that created it.`;
      throw new GitHubError(403, message);
    }
    changeCheckRun(state, repo, run, body as CheckRunChange);
    return ok(checkRunJson(state, repo, run));
  }),
];
