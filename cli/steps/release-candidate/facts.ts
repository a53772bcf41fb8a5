import type { Proof } from '../../../shared/contracts/reports/release-candidate-report.js';
import type { GitHub, GitHubClock } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { openLedger, readLive } from '../go-live/facts.js';
import type { Posted, Run } from './green.js';
import type { Tag } from './number.js';

const most = 1_000;

/** Everything of a list, or an error: a candidate rests on all of it. */
function whole<T>({ items, truncated }: { items: T[]; truncated: boolean }, what: string): T[] {
  if (truncated)
    throw new GitHubError(`There are more than ${most} ${what}, so not all of them are known.`, 200);
  return items;
}

/**
 * Runs on a commit. Those of this workflow are left out, or one that was refused would refuse all after it; so are
 * those of schedules, which look at more than the commit. Needs `actions: read`.
 */
export async function readRuns(github: GitHub, sha: string, own: string): Promise<Run[]> {
  const found = await github.pages(
    'GET /repos/{owner}/{repo}/actions/runs',
    { head_sha: sha },
    (page) => page.workflow_runs,
    most - 1,
  );
  return whole(found, 'runs')
    .map((run) => ({ ...run, path: run.path.split('@')[0]! }))
    .filter((run) => run.path !== own && run.event !== 'schedule' && run.head_sha === sha)
    .map(({ path, event, head_branch, run_number, status, conclusion }) => ({
      path,
      event,
      branch: head_branch ?? '',
      number: run_number,
      status: status ?? 'unknown',
      conclusion: conclusion ?? undefined,
    }));
}

/** What other apps and other writers posted on a commit. Needs `checks: read` and `statuses: read`. */
export async function readPosted(github: GitHub, sha: string): Promise<Posted[]> {
  const [checks, statuses] = await Promise.all([
    github.pages(
      'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
      { ref: sha, filter: 'all' },
      (page) => page.check_runs,
      most,
    ),
    github.pages(
      'GET /repos/{owner}/{repo}/commits/{ref}/status',
      { ref: sha },
      (page) => page.statuses,
      most,
    ),
  ]);
  return [
    ...whole(checks, 'checks')
      // Those of GitHub Actions are looked at as runs.
      .filter(({ app }) => app?.slug !== 'github-actions')
      .map(({ name, status, conclusion }): Posted => {
        if (status !== 'completed') return { name, is: 'running' };
        return { name, is: ['success', 'neutral', 'skipped'].includes(conclusion ?? '') ? 'green' : 'red' };
      }),
    ...whole(statuses, 'statuses').map(({ context, state }): Posted => ({
      name: context,
      is: state === 'success' ? 'green' : state === 'pending' ? 'running' : 'red',
    })),
  ];
}

/** Tags with this prefix. Needs `contents: read`. */
export async function readTags(github: GitHub, prefix: string): Promise<Tag[]> {
  const found = await github.pages(
    'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
    { ref: `tags/${prefix}` },
    (page) => page,
    most * 5,
  );
  const refs = whole(found, 'tags').map(({ ref, object }) => ({
    name: ref.slice('refs/tags/'.length),
    object,
  }));
  return Promise.all(
    refs.map(async ({ name, object }) => {
      if (object.type !== 'tag') return { name, sha: object.sha };
      const tag = await github.rest('GET /repos/{owner}/{repo}/git/tags/{tag_sha}', { tag_sha: object.sha });
      return { name, sha: tag.object.sha };
    }),
  );
}

/** Whether the commit is part of one of these branches. */
export async function onBranch(github: GitHub, sha: string, branches: readonly string[]): Promise<Proof> {
  const what = 'branch';
  for (const branch of branches) {
    try {
      const { status } = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
        basehead: `${branch}...${sha}`,
      });
      if (status === 'identical' || status === 'behind')
        return { what, is: 'ok', detail: `part of ${branch}`, fix: '' };
    } catch (error) {
      // A branch that does not exist holds no commit.
      if (!(error instanceof GitHubError && error.status === 404 && !error.permission)) throw error;
    }
  }
  return {
    what,
    is: 'wrong',
    detail: `part of none of ${branches.join(', ')}`,
    fix: 'start this on a commit of them, or name its branch under "branches"',
  };
}

/** Whether the stage before has this very tree live. Needs `deployments: read` and `actions: read`. */
export async function inStage(
  github: GitHub & GitHubClock,
  {
    sha,
    service,
    environment,
    workflows,
    writers,
  }: {
    sha: string;
    service: string;
    environment: string;
    workflows: readonly string[];
    writers: readonly string[];
  },
): Promise<{ proof: Proof; version: string }> {
  const ledger = openLedger(github, writers, workflows);
  const [{ tree }, { live }] = await Promise.all([
    github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: sha }),
    readLive(ledger, environment, service),
  ]);
  const wrong = (detail: string, fix: string) => ({
    proof: { what: environment, is: 'wrong' as const, detail, fix },
    version: '',
  });
  if (live.is === 'unknown')
    return wrong(`what is live is not known: ${live.reason}`, 'release it there again');
  if (!live.value)
    return wrong(
      `${service} was never live`,
      'release it there first; if it was, name its workflow under "release-workflows"',
    );
  const { version, tree: there, releasedSha } = live.value.payload;
  if (there !== tree.sha)
    return wrong(
      `${version} of commit ${releasedSha.slice(0, 12)} is live`,
      `release ${sha.slice(0, 12)} there, or start this on ${releasedSha.slice(0, 12)}`,
    );
  return {
    proof: { what: environment, is: 'ok', detail: `${version} is live, of this tree`, fix: '' },
    version,
  };
}
