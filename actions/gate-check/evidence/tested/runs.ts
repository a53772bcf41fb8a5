import type { Answer, GitHub } from '../../../../shared/github/client.js';
import { GitHubError } from '../../../../shared/github/problem.js';
import { parseInstant } from '../../../../shared/time/instant.js';
import type { GateRequest } from '../../../../shared/contracts/reports/gate-report.js';
import { moreSuitesQuery, type CommitAnswer, type CommitNode, type SuiteNode } from '../code/commit-query.js';
import { isActions, seenOf, workflowOf, type Seen, type WorkflowRunEvidence } from './seen.js';

/** Most jobs read of one run. */
const mostJobs = 2_000;

type Run = Answer<'GET /repos/{owner}/{repo}/actions/runs/{run_id}'>;

interface ReadRun {
  run: WorkflowRunEvidence;
  jobsTruncated: boolean;
}

/** A workflow whose runs for some events count. */
export interface WorkflowNeed {
  workflow: string;
  events: readonly string[];
}

/** Which of the runs of a workflow for an event decide. */
export interface Deciding {
  /** Where there are runs for this branch, no others are read. */
  branch?: string | undefined;
  /** The repository of the branch they ran for; by default any. */
  repository?: string | null;
}

/** Pages of check suites of a commit that are read; a schedule makes one on the same commit each time. */
const mostPages = 10;

/** Newest runs of a commit that are searched for one of the right repository. */
const mostSearched = 100;

/**
 * What stands on a commit. GraphQL finds the suites; for the workflows asked for, the newest run of each event and
 * branch and its jobs come from the Actions API, since a check run posted with any job's token looks like GitHub
 * Actions' own and stands in a suite of its choice.
 */
export async function readSeen(
  { github, request }: { github: GitHub; request: GateRequest },
  seenFirst: CommitNode,
  needs: readonly WorkflowNeed[],
  deciding: Deciding = {},
): Promise<Seen> {
  const commit = await withAllSuites(github, seenFirst);
  const groups = groupsOf(commit.checkSuites?.nodes ?? [], request.run.id, needs, deciding.branch);
  const read = await Promise.all(groups.map((group) => readNewest(github, request, group, deciding)));
  return seenOf(
    commit,
    read.filter((one) => one !== undefined),
  );
}

/** The commit with the suites behind its first hundred, as far as they are read. */
async function withAllSuites(github: GitHub, commit: CommitNode): Promise<CommitNode> {
  const { checkSuites: first, oid } = commit;
  if (!first?.pageInfo.hasNextPage || oid === undefined) return commit;
  const nodes = [...first.nodes];
  let { pageInfo } = first;
  for (let page = 1; pageInfo.hasNextPage && pageInfo.endCursor && page < mostPages; page++) {
    const { repository } = await github.graphql<{ repository: CommitAnswer }>(moreSuitesQuery, {
      sha: oid,
      after: pageInfo.endCursor,
    });
    const more = repository.object?.checkSuites;
    if (!more) break;
    nodes.push(...more.nodes);
    pageInfo = more.pageInfo;
  }
  return { ...commit, checkSuites: { pageInfo, nodes } };
}

/**
 * Suites of the runs that count, by event and branch, the newest first, by GraphQL's numbers: good enough to choose what
 * to look up.
 */
function groupsOf(
  suites: readonly SuiteNode[],
  asking: number,
  needs: readonly WorkflowNeed[],
  branch: string | undefined,
): readonly SuiteNode[][] {
  const groups = new Map<unknown, Map<string | undefined, SuiteNode[]>>();
  for (const suite of suites) {
    const { workflowRun: run } = suite;
    if (!isActions(suite) || !run?.databaseId || run.databaseId === asking) continue;
    const path = workflowOf(suite);
    const counts = needs.some(({ workflow, events }) => workflow === path && events.includes(run.event));
    if (path !== undefined && !counts) continue;
    const key = path === undefined ? suite : `${path} ${run.event}`;
    const branches = groups.get(key) ?? new Map<string | undefined, SuiteNode[]>();
    groups.set(key, branches);
    const name = suite.branch?.name;
    branches.set(name, [...(branches.get(name) ?? []), suite]);
  }
  const numberOf = (suite: SuiteNode) => suite.workflowRun?.runNumber ?? 0;
  return [...groups.values()]
    .flatMap((branches) => {
      const one = branch === undefined ? undefined : branches.get(branch);
      return one ? [one] : [...branches.values()];
    })
    .map((group) => group.sort((a, b) => numberOf(b) - numberOf(a)));
}

/**
 * The newest one for a branch of the right repository. Anybody may run any number on the same commit from forks, and the
 * suites do not tell where they come from: where the newest is such a one, the list of runs is asked, which does.
 */
async function readNewest(
  github: GitHub,
  { run: asking }: GateRequest,
  [newest]: readonly SuiteNode[],
  { repository }: Deciding,
): Promise<ReadRun | undefined> {
  const read = newest && (await readSuite(github, newest.workflowRun?.databaseId));
  if (!read || repository === undefined || read.run.repository === repository) return read;
  const { path, event, headSha } = read.run;
  const { workflow_runs: listed } = await github.rest(
    'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    { workflow_id: path.split('/').at(-1)!, event, head_sha: headSha, per_page: mostSearched },
  );
  const own = listed
    .filter(
      (run) =>
        run.path.split('@')[0] === path &&
        run.head_sha === headSha &&
        repositoryOf(run) === repository &&
        Number(run.id) !== asking.id,
    )
    .sort((a, b) => b.run_number - a.run_number)[0];
  return own ? readSuite(github, Number(own.id)) : read;
}

// GitHub says null for a fork that was deleted.
const repositoryOf = ({ head_repository: of }: Run): string | null =>
  (of as { full_name: string } | null)?.full_name ?? null;

async function readSuite(github: GitHub, id: number | null | undefined): Promise<ReadRun | undefined> {
  if (!id) return undefined;
  try {
    const jobs = await readJobs(github, id);
    /* Read after the jobs: an attempt that starts in between is then seen as one whose jobs have not started. */
    const run = await github.rest('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: id });
    return toEvidence(run, jobs);
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}

type Jobs = Awaited<ReturnType<typeof readJobs>>;

/** The jobs of all attempts of a run. */
export const readJobs = (github: GitHub, run_id: number) =>
  github.pages(
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
    { run_id, filter: 'all' },
    (page) => page.jobs,
    mostJobs,
  );

/** A run and its jobs as they stand in the report. */
export function toEvidence(run: Run, { items: jobs, truncated }: Jobs): ReadRun {
  const createdAt = parseInstant(run.created_at);
  return {
    jobsTruncated: truncated,
    run: {
      id: Number(run.id),
      number: run.run_number,
      path: run.path.split('@')[0]!,
      event: run.event,
      headSha: run.head_sha,
      ...(run.head_commit ? { tree: run.head_commit.tree_id } : {}),
      branch: run.head_branch,
      repository: repositoryOf(run),
      ...(createdAt === undefined ? {} : { createdAt }),
      attempt: run.run_attempt ?? 1,
      status: run.status ?? 'unknown',
      conclusion: run.conclusion,
      jobs: jobs.map((job) => ({
        id: Number(job.id),
        name: job.name,
        attempt: job.run_attempt ?? 1,
        status: job.status,
        conclusion: job.conclusion,
        url: job.html_url ?? '',
      })),
    },
  };
}
