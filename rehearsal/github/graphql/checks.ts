import type { CommitStatus } from '../model.js';
import type { CheckRun, CheckSuite, WorkflowRun } from '../runs-model.js';
import type { App } from '../actors-model.js';
import { nodeId } from '../node-id.js';
import { htmlUrl } from '../represent/repository.js';
import { combinedState } from '../routes/statuses.js';
import { checkRunsOf, suiteOutcome } from '../rules/checks.js';
import { latestStatuses } from '../rules/deployments.js';
import { workflowOf } from '../rules/runs.js';
import { iso, isoOrNull } from '../state.js';
import { actorFields } from './actors.js';
import { commitOrNull } from './commits.js';
import { refOrNull } from './refs.js';
import { connection, type PageArguments } from './connection.js';
import { type Fields, guarded, type View } from './view.js';

const upper = (text: string | null): string | null => text?.toUpperCase() ?? null;

interface CheckRunFilter {
  appId?: number | null;
  checkName?: string | null;
  checkType?: 'ALL' | 'LATEST' | null;
  conclusions?: string[] | null;
  status?: string | null;
  statuses?: string[] | null;
}

const matches = (run: CheckRun, filter: CheckRunFilter): boolean =>
  (filter.appId ?? run.app.id) === run.app.id &&
  (filter.checkName ?? run.name) === run.name &&
  (filter.status ?? upper(run.status)) === upper(run.status) &&
  (filter.statuses?.includes(upper(run.status) ?? '') ?? true) &&
  (filter.conclusions?.includes(upper(run.conclusion) ?? '') ?? true);

const appFields = (app: App): Fields => ({
  id: nodeId('A', 0, app.id),
  databaseId: app.id,
  slug: app.slug,
  name: app.name,
});

export function checkRunFields(view: View, run: CheckRun): Fields {
  return {
    __typename: 'CheckRun',
    id: nodeId('CR', view.repo.id, run.id),
    databaseId: run.id,
    name: run.name,
    status: upper(run.status),
    conclusion: upper(run.conclusion),
    startedAt: isoOrNull(run.startedAt),
    completedAt: isoOrNull(run.completedAt),
    detailsUrl: run.detailsUrl,
    externalId: run.externalId,
    title: run.output.title,
    summary: run.output.summary,
    text: run.output.text,
    url: htmlUrl(view.state, view.repo, `/runs/${run.id}`),
    checkSuite: () => {
      const suite = view.repo.suites.find(({ id }) => id === run.suiteId);
      return suite === undefined ? null : checkSuiteFields(view, suite);
    },
  };
}

function workflowRunFields(view: View, run: WorkflowRun): Fields {
  const { state, repo } = view;
  const workflow = workflowOf(repo, run);
  const path = `/${repo.owner}/${repo.name}/actions/workflows/${workflow.path.split('/').at(-1)}`;
  return {
    __typename: 'WorkflowRun',
    id: nodeId('WFR', repo.id, run.id),
    databaseId: run.id,
    event: run.event,
    runNumber: run.runNumber,
    createdAt: iso(run.createdAt),
    updatedAt: iso(run.attempts.at(-1)?.updatedAt ?? run.createdAt),
    url: htmlUrl(state, repo, `/actions/runs/${run.id}`),
    workflow: {
      id: nodeId('W', repo.id, workflow.id),
      databaseId: workflow.id,
      name: workflow.name,
      resourcePath: path,
      url: `${state.baseUrl}${path}`,
    },
    file: { id: nodeId('W', repo.id, `file/${run.id}`), path: workflow.path },
    checkSuite: () => {
      const suite = repo.suites.find(({ id }) => id === run.checkSuiteId);
      return suite === undefined ? null : checkSuiteFields(view, suite);
    },
  };
}

export function checkSuiteFields(view: View, suite: CheckSuite): Fields {
  const { repo } = view;
  const { status, conclusion } = suiteOutcome(repo, suite);
  const run = repo.runs.find(({ id }) => id === suite.runId);
  return {
    __typename: 'CheckSuite',
    id: nodeId('CS', repo.id, suite.id),
    databaseId: suite.id,
    app: appFields(suite.app),
    status: upper(status),
    conclusion: upper(conclusion),
    createdAt: iso(suite.createdAt),
    updatedAt: iso(suite.updatedAt),
    branch: () => (suite.headBranch === null ? null : refOrNull(view, `refs/heads/${suite.headBranch}`)),
    commit: () => commitOrNull(view, suite.headSha),
    workflowRun: guarded(view, ['actions', 'read'], () =>
      run === undefined ? null : workflowRunFields(view, run),
    ),
    checkRuns: (args: PageArguments & { filterBy?: CheckRunFilter | null }) => {
      const filter = args.filterBy ?? {};
      const runs = checkRunsOf(repo, suite.id, filter.checkType === 'ALL' ? 'all' : 'latest');
      const chosen = runs.filter((one) => matches(one, filter));
      return connection(
        'checkRuns',
        chosen,
        args,
        ({ id }) => id,
        (one) => checkRunFields(view, one),
      );
    },
  };
}

function statusContextFields(view: View, status: CommitStatus): Fields {
  return {
    __typename: 'StatusContext',
    id: nodeId('SC', view.repo.id, status.id),
    context: status.context,
    state: status.state.toUpperCase(),
    description: status.description,
    targetUrl: status.targetUrl,
    createdAt: iso(status.createdAt),
    creator: actorFields(view.state, status.creator),
  };
}

const failing = ['failure', 'timed_out', 'cancelled', 'action_required', 'startup_failure', 'stale'];

function rollupState(statuses: readonly CommitStatus[], runs: readonly CheckRun[]): string {
  const worst = statuses.length === 0 ? 'success' : combinedState(statuses);
  if (worst === 'failure' || runs.some(({ conclusion }) => failing.includes(conclusion ?? '')))
    return 'FAILURE';
  return worst === 'pending' || runs.some(({ status }) => status !== 'completed') ? 'PENDING' : 'SUCCESS';
}

interface SuiteArguments extends PageArguments {
  filterBy?: { appId?: number | null; checkName?: string | null } | null;
}

/** The members of a commit that tell what was checked on it. */
export function commitCheckFields(view: View, oid: string): Fields {
  const { repo } = view;
  const suites = (): CheckSuite[] => repo.suites.filter(({ headSha }) => headSha === oid);
  return {
    checkSuites: guarded(view, ['checks', 'read'], (args: SuiteArguments) => {
      const { appId, checkName } = args.filterBy ?? {};
      const chosen = suites().filter(
        ({ id, app }) =>
          (appId ?? app.id) === app.id &&
          ((checkName ?? null) === null ||
            checkRunsOf(repo, id, 'latest').some(({ name }) => name === checkName)),
      );
      return connection(
        'checkSuites',
        chosen,
        args,
        ({ id }) => id,
        (suite) => checkSuiteFields(view, suite),
      );
    }),
    status: guarded(view, ['statuses', 'read'], () => {
      const statuses = latestStatuses(repo, oid);
      if (statuses.length === 0) return null;
      return {
        id: nodeId('SC', repo.id, oid),
        state: combinedState(statuses).toUpperCase(),
        contexts: statuses.map((status) => statusContextFields(view, status)),
      };
    }),
    statusCheckRollup: guarded(view, ['checks', 'read'], () => {
      const statuses = latestStatuses(repo, oid);
      const runs = suites().flatMap(({ id }) => checkRunsOf(repo, id, 'latest'));
      if (statuses.length + runs.length === 0) return null;
      const contexts = [
        ...runs.map((run) => checkRunFields(view, run)),
        ...statuses.map((status) => statusContextFields(view, status)),
      ];
      return {
        id: nodeId('SC', repo.id, `rollup/${oid}`),
        state: rollupState(statuses, runs),
        contexts: (args: PageArguments) =>
          connection(
            'contexts',
            contexts,
            args,
            ({ id }) => String(id),
            (one) => one,
          ),
      };
    }),
  };
}
