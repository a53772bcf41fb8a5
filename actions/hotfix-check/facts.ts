import type { GitHub, GitHubClock } from '../../shared/github/client.js';
import { readIncident } from '../../shared/ledger/incidents.js';
import { isService } from '../../shared/ledger/names.js';
import { parseInstant } from '../../shared/time/instant.js';
import type { IncidentFacts } from './evidence.js';
import type { Moments } from './minutes.js';
import type { EndedJob } from './parts.js';

/** What is read of the pull request itself. */
export interface PullFacts {
  number: number;
  url: string;
  description: string;
  head: string;
  author: string | undefined;
  /** Epoch milliseconds. */
  opened: number;
  /** The branch it comes from, and the one it goes into. */
  branch: string;
  into: string;
  merged: number | undefined;
}

/** The pull request as it is now, not as the event had it. Needs `pull-requests: read`. */
export async function readPull(github: GitHub, number: number): Promise<PullFacts> {
  const pull = await github.rest('GET /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number: number });
  return {
    number: pull.number,
    url: pull.html_url,
    description: pull.body ?? '',
    head: pull.head.sha,
    author: pull.user?.login,
    opened: instant(pull.created_at),
    branch: pull.head.ref,
    into: pull.base.ref,
    merged: pull.merged_at === null ? undefined : instant(pull.merged_at),
  };
}

/** What counts of an issue; undefined when there is none. Needs `issues: read`. */
export async function readIncidentFacts(
  github: GitHub,
  number: number,
  service: string,
  writers: readonly string[],
): Promise<IncidentFacts | undefined> {
  const found = await readIncident(github, number, writers);
  if (!found) return undefined;
  const { open, marker } = found.incident;
  return {
    open,
    trusted: marker !== undefined,
    ofService: marker !== undefined && isService(marker.service, service),
  };
}

/** When what happened. Needs `pull-requests: read`, `actions: read` and `contents: read`. */
export async function readMoments(
  github: GitHub & GitHubClock,
  pull: PullFacts,
  runId: number,
): Promise<Moments> {
  const [run, jobs, begun] = await Promise.all([
    github.rest('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: runId }),
    readJobs(github, runId),
    readBeginning(github, pull),
  ]);
  return { ...begun, asked: instant(run.created_at), jobs, now: github.now() };
}

/** Jobs of a run that ended, as of its latest attempt. */
export async function readJobs(github: GitHub, runId: number): Promise<EndedJob[]> {
  const jobs = await github.pages(
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
    { run_id: runId, filter: 'latest' },
    (page) => page.jobs,
  );
  return jobs.items.flatMap(endedJob);
}

/** From the first commit to the approval; what GitHub does not tell is undefined. */
export async function readBeginning(
  github: GitHub,
  pull: PullFacts,
): Promise<Pick<Moments, 'firstCommit' | 'pushed' | 'opened' | 'approved'>> {
  const [commits, reviews, pushed] = await Promise.all([
    github.rest('GET /repos/{owner}/{repo}/pulls/{pull_number}/commits', {
      pull_number: pull.number,
      per_page: 1,
    }),
    github.pages(
      'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
      { pull_number: pull.number },
      (page) => page,
    ),
    readFirstPush(github, pull.branch),
  ]);
  const approvals = reviews.items.flatMap((review) =>
    review.state === 'APPROVED' &&
    review.commit_id === pull.head &&
    review.user?.login !== pull.author &&
    review.submitted_at
      ? instant(review.submitted_at)
      : [],
  );
  return {
    firstCommit: parseInstant(commits[0]?.commit.committer?.date ?? ''),
    pushed,
    opened: pull.opened,
    approved: approvals.length === 0 ? undefined : Math.min(...approvals),
  };
}

/** When a branch was made, by GitHub's record of its pushes; undefined where that does not reach back so far. */
async function readFirstPush(github: GitHub, branch: string): Promise<number | undefined> {
  const entries = await github.rest('GET /repos/{owner}/{repo}/activity', {
    ref: `refs/heads/${branch}`,
    per_page: 100,
  });
  const made = entries.find(({ activity_type }) => activity_type === 'branch_creation');
  return made && instant(made.timestamp);
}

export function endedJob(job: {
  name: string;
  conclusion: string | null;
  started_at: string;
  completed_at: string | null;
}): EndedJob[] {
  if (job.conclusion === null || job.conclusion === 'skipped' || job.completed_at === null) return [];
  return [{ name: job.name, from: instant(job.started_at), to: instant(job.completed_at) }];
}

export function instant(text: string): number {
  const at = parseInstant(text);
  if (at === undefined) throw new Error(`GitHub gave an instant that is none: ${text}`);
  return at;
}
