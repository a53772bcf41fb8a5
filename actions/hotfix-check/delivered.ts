import type { GitHub, GitHubClock } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';
import { listDeployments } from '../../shared/ledger/list-deployments.js';
import { succeededAt } from '../../shared/ledger/record.js';
import { isIn } from './kind.js';
import { instant, readBeginning, readJobs, readPull, type PullFacts } from './facts.js';
import type { Moments } from './minutes.js';

export interface Shipment {
  sha: string;
  service: string;
  environment: string;
  runId: number;
  /** Path of the workflow that releases. */
  workflow: string;
  writers: readonly string[];
}

/**
 * When what happened to a hotfix that this run released; undefined where the ledger does not say that production got
 * it. Needs `deployments: read`, `actions: read`, `pull-requests: read` and `contents: read`.
 */
export async function readDelivered(
  github: GitHub & GitHubClock,
  number: number,
  shipment: Shipment,
): Promise<{ pull: PullFacts; moments: Moments & { live: number } } | undefined> {
  const { sha, service, environment, runId, workflow, writers } = shipment;
  const pull = await readPull(github, number);
  const [{ records }, begun, runs, shipped] = await Promise.all([
    listDeployments(github, { environments: [environment], service, writers, limit: 100 }),
    readBeginning(github, pull),
    github.rest('GET /repos/{owner}/{repo}/actions/runs', { head_sha: pull.head, per_page: 100 }),
    readJobs(github, runId),
  ]);
  const record = records.find(
    ({ payload, distrust }) =>
      distrust.length === 0 && payload.run.id === runId && payload.releasedSha === sha,
  );
  const live = record && succeededAt(record);
  if (live === undefined) return undefined;
  const until = Math.min(pull.merged ?? live, live);
  const checks = runs.workflow_runs.flatMap((run) => {
    const asked = instant(run.created_at);
    // What a push starts is a check of it too; a run that releases, or tried to, is none.
    if (run.path.split('@')[0] === workflow || asked > until || run.conclusion === null) return [];
    return [{ name: run.name ?? run.path, from: asked, to: Math.min(instant(run.updated_at), until) }];
  });
  const moments = {
    ...begun,
    asked: checks.length === 0 ? undefined : Math.min(...checks.map(({ from }) => from)),
    jobs: checks,
    merged: pull.merged,
    live,
    shipped: shipped.filter(({ from }) => from <= live),
    now: github.now(),
  };
  return { pull, moments };
}

/** A branch that does not have the fix, and where it is brought there. */
export interface Missing {
  branch: string;
  what: string;
  url: string;
}

/**
 * Where the fix is still missing: the branch of its pull request while that is open, and a branch such as develop, from
 * which the next release would lack it. Needs `contents: read`.
 */
export async function findMissing(
  github: GitHub,
  { pull, sha, also, repositoryUrl }: { pull: PullFacts; sha: string; also: string; repositoryUrl: string },
): Promise<Missing[]> {
  const open: Missing[] =
    pull.merged === undefined
      ? [{ branch: pull.into, what: `merge #${pull.number} into ${pull.into}`, url: pull.url }]
      : [];
  if (also === '' || also === pull.into || (await contains(github, also, sha)) !== false) return open;
  const from = pull.merged === undefined ? pull.branch : pull.into;
  const path = [also, from].map((name) => name.split('/').map(encodeURIComponent).join('/')).join('...');
  return [
    ...open,
    {
      branch: also,
      what: `bring ${from} into ${also}: its next release would lack the fix`,
      url: `${repositoryUrl}/compare/${path}?expand=1`,
    },
  ];
}

/** Whether a branch has a commit; undefined when there is no such branch. */
async function contains(github: GitHub, branch: string, sha: string): Promise<boolean | undefined> {
  try {
    const { object } = await github.rest('GET /repos/{owner}/{repo}/git/ref/{ref}', {
      ref: `heads/${branch}`,
    });
    return await isIn(github, sha, object.sha);
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}
