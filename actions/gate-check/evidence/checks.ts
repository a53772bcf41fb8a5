import * as z from 'zod';
import { shaSchema } from '../../../shared/contracts/formats.js';
import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { identityOf } from '../../../shared/ledger/record.js';
import type { GateRequest } from '../../../shared/contracts/reports/gate-report.js';
import { checksPart, commitIn, type CommitAnswer, type SuiteNode } from './code/commit-query.js';
import { defineEvidence, whole } from './evidence.js';

const checkState = {
  /** `completed`, or what it is doing instead. */
  status: z.string(),
  conclusion: z.string().nullable(),
  url: z.string(),
};

const workflowRunSchema = z.strictObject({
  id: whole,
  /** Counts up for each workflow. */
  number: whole,
  path: z.string(),
  event: z.string(),
  headSha: shaSchema,
  /** The newest attempt. */
  attempt: whole,
  status: z.string(),
  jobs: z.array(z.strictObject({ id: whole, name: z.string(), attempt: whole, ...checkState })),
});

/**
 * A run of a workflow on the commit with its jobs of every attempt, as the Actions API knows them: nothing else can
 * write these.
 */
export type WorkflowRunEvidence = z.output<typeof workflowRunSchema>;

const postedCheckSchema = z.strictObject({
  id: whole,
  name: z.string(),
  app: z.strictObject({ id: whole, slug: z.string() }).nullable(),
  /** The workflow run of the suite it stands in; a check posted with a job's token can stand in the suite of any. */
  run: z.strictObject({ id: whole, workflow: z.string(), event: z.string() }).nullable(),
  ...checkState,
});

/** A check run as it stands on the commit, whoever posted it. */
export type PostedCheck = z.output<typeof postedCheckSchema>;

const schema = z.strictObject({
  runs: z.array(workflowRunSchema),
  posted: z.array(postedCheckSchema),
  statuses: z.array(
    z.strictObject({
      context: z.string(),
      state: z.string(),
      creator: z.strictObject({ login: z.string(), bot: z.boolean() }),
      url: z.string(),
    }),
  ),
  /** What could not be read whole; a requirement that falls into it is unknown. */
  truncated: z.array(z.string()),
});

export type Checks = z.output<typeof schema>;

/** Most jobs read of one run. */
const mostJobs = 2_000;

/**
 * Checks of the commit. GraphQL finds the suites; for the workflows asked for, the run and its jobs come from the
 * Actions API, since a check run posted with any job's token looks like GitHub Actions' own and stands in a suite of
 * its choice. A gate says its workflows.
 */
export const checks = defineEvidence({
  kind: 'checks',
  what: 'the checks of the commit',
  schema,
  permission: { checks: 'read', statuses: 'read', actions: 'read' },
  first: (_needs: readonly (readonly string[])[], { request: { sha } }) => ({
    part: checksPart,
    variables: { sha },
  }),
  collect: async (needs: readonly (readonly string[])[], sources) => {
    const commit = commitIn(await sources.first<CommitAnswer>('checks'), sources);
    const suites = commit.checkSuites?.nodes ?? [];
    const workflows = needs.flat();
    const read = await Promise.all(
      suites.map((suite) => readRun(sources.github, sources.request, suite, workflows)),
    );
    const known = read.filter((one) => one !== undefined);
    const runs = known.map(({ run }) => run);
    const truncated = [
      ...(commit.checkSuites?.pageInfo.hasNextPage ? ['check-suites'] : []),
      ...(suites.some((suite) => !isActions(suite) && suite.checkRuns?.pageInfo.hasNextPage)
        ? ['check-runs']
        : []),
      ...(known.some(({ jobsTruncated }) => jobsTruncated) ? ['jobs'] : []),
    ];
    return {
      runs,
      posted: suites.flatMap(readPosted),
      statuses: (commit.status?.contexts ?? []).map(({ context, state, targetUrl, creator }) => ({
        context,
        state: state.toLowerCase(),
        creator: identityOf(creator),
        url: targetUrl ?? '',
      })),
      truncated,
    };
  },
});

/** The slug is reserved; the id differs on GitHub Enterprise Server. */
const isActions = (suite: SuiteNode): boolean => suite.app?.slug === 'github-actions';

function readPosted(suite: SuiteNode): PostedCheck[] {
  const { app, workflowRun: run } = suite;
  return (suite.checkRuns?.nodes ?? []).map((check) => ({
    id: check.databaseId ?? 0,
    name: check.name,
    app: app ? { id: app.databaseId ?? 0, slug: app.slug } : null,
    run: run
      ? { id: run.databaseId ?? 0, workflow: workflowOf(suite) ?? 'an unknown workflow', event: run.event }
      : null,
    status: check.status.toLowerCase(),
    conclusion: check.conclusion?.toLowerCase() ?? null,
    url: check.detailsUrl ?? '',
  }));
}

/** The workflow's path as GraphQL has it: good enough to choose what to look up, not to believe. */
function workflowOf({ workflowRun }: SuiteNode): string | undefined {
  const file = workflowRun?.workflow?.resourcePath.split('/').at(-1);
  return workflowRun?.file?.path ?? (file ? `.github/workflows/${file}` : undefined);
}

async function readRun(
  github: GitHub,
  request: GateRequest,
  suite: SuiteNode,
  workflows: readonly string[],
): Promise<{ run: WorkflowRunEvidence; jobsTruncated: boolean } | undefined> {
  const id = suite.workflowRun?.databaseId;
  if (!isActions(suite) || !suite.workflowRun || !id) return undefined;
  const path = workflowOf(suite);
  if (id === request.run.id || (path !== undefined && !workflows.includes(path))) return undefined;
  try {
    const { items: jobs, truncated } = await github.pages(
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
      { run_id: id, filter: 'all' },
      (page) => page.jobs,
      mostJobs,
    );
    /* Read after the jobs: an attempt that starts in between is then seen as one whose jobs have not started. */
    const run = await github.rest('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: id });
    const evidence: WorkflowRunEvidence = {
      id,
      number: run.run_number,
      path: run.path.split('@')[0]!,
      event: run.event,
      headSha: run.head_sha,
      attempt: run.run_attempt ?? 1,
      status: run.status ?? 'unknown',
      jobs: jobs.map((job) => ({
        id: Number(job.id),
        name: job.name,
        attempt: job.run_attempt ?? 1,
        status: job.status,
        conclusion: job.conclusion,
        url: job.html_url ?? '',
      })),
    };
    return { run: evidence, jobsTruncated: truncated };
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}
