import { found, invalid } from '../errors.js';
import { diffEntry, repositoryCommit } from '../represent/commits.js';
import { pullJson, pullSimpleJson, reviewJson } from '../represent/pulls.js';
import { addIssue } from '../rules/issues.js';
import {
  addReview,
  isPull,
  type MergeMethod,
  mergePull,
  type NewReview,
  type Pull,
  pullCommits,
  pullFiles,
  pullsOf,
  pullsWithCommit,
  refresh,
  testMerge,
} from '../rules/pulls.js';
import { created, ok, paged, type RepoContext, type Route, route } from '../route.js';

const reads = [['pull_requests', 'read']] as const;
const writes = [['pull_requests', 'write']] as const;
/** OpenAPI pulls/list-commits: at most 250; pulls/list-files: at most 3,000. */
const maxCommits = 250;
const maxFiles = 3000;

function pullOf({ repo, params }: RepoContext): Pull {
  const issue = found(repo.issues.find(({ number }) => number === Number(params['pull_number'])));
  return found(isPull(issue) ? issue : null);
}

async function fullJson(context: RepoContext, pull: Pull): Promise<Record<string, unknown>> {
  const { state, repo } = context;
  const [commits, files] = [await pullCommits(repo, pull), await pullFiles(repo, pull)];
  const trial = pull.state === 'open' ? await testMerge(repo, pull) : null;
  const mergeable = pull.state === 'open' ? trial !== null : null;
  return pullJson(state, repo, pull, {
    ...(trial === null ? {} : { trial }),
    commits: commits.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changedFiles: files.length,
    mergeable,
  });
}

interface NewPull {
  title?: string;
  body?: string | null;
  head: string;
  base: string;
  draft?: boolean;
}

async function create(context: RepoContext): Promise<Record<string, unknown>> {
  const { state, repo, token } = context;
  const { title = '', body, head, base, draft = false } = context.body as NewPull;
  const headRef = head.replace(/^[^:]+:/, '');
  const tips = await Promise.all([repo.git.ref(`refs/heads/${headRef}`), repo.git.ref(`refs/heads/${base}`)]);
  for (const [index, field] of (['head', 'base'] as const).entries()) {
    if (tips[index] === null) throw invalid({ resource: 'PullRequest', code: 'invalid', field });
  }
  const [headSha, baseSha] = [found(tips[0]).oid, found(tips[1]).oid];
  const refuse = (message: string): Error => invalid({ resource: 'PullRequest', code: 'custom', message });
  if ((await repo.git.history(`${baseSha}..${headSha}`)).length === 0) {
    throw refuse(`No commits between ${base} and ${headRef}`);
  }
  if (
    pullsOf(repo).some(
      (one) => one.state === 'open' && one.pull.headRef === headRef && one.pull.baseRef === base,
    )
  ) {
    throw refuse(`A pull request already exists for ${repo.owner}:${headRef}.`);
  }
  const pull = {
    baseRef: base,
    headRef,
    baseSha,
    headSha,
    draft,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    retargetedAt: [],
    rewrittenAt: [],
    reviews: [],
  };
  const issue = addIssue(state, repo, token, { title, body: body ?? '', labels: [], assignees: [], pull });
  return fullJson(context, found(isPull(issue) ? issue : null));
}

async function listed({ repo, query }: RepoContext): Promise<Pull[]> {
  const wanted = query['state'] ?? 'open';
  const key = query['sort'] === 'updated' ? 'updatedAt' : 'createdAt';
  const direction = query['direction'] === 'asc' ? 1 : -1;
  const pulls = pullsOf(repo)
    .filter(({ state }) => wanted === 'all' || state === wanted)
    .filter(({ pull }) => query['base'] === undefined || pull.baseRef === query['base'])
    // OpenAPI pulls/list: `head` is user:ref-name; without the user it filters nothing.
    .filter(({ pull }) => {
      const head = query['head'];
      return typeof head !== 'string' || !head.includes(':') || head === `${repo.owner}:${pull.headRef}`;
    })
    .sort((a, b) => direction * (a[key] - b[key] || a.number - b.number));
  for (const pull of pulls) await refresh(repo, pull);
  return pulls;
}

export const pullRoutes: readonly Route[] = [
  route('GET /pulls', reads, async (context) =>
    paged(context, await listed(context), (pull) => pullSimpleJson(context.state, context.repo, pull)),
  ),
  route('POST /pulls', writes, async (context) => created(await create(context))),
  route('GET /pulls/{pull_number}', reads, async (context) => ok(await fullJson(context, pullOf(context)))),
  route('GET /pulls/{pull_number}/commits', reads, async (context) => {
    const { state, repo } = context;
    const oids = (await pullCommits(repo, pullOf(context))).slice(0, maxCommits);
    return paged(context, oids, async (oid) =>
      repositoryCommit(state, repo, found(await repo.git.commit(oid))),
    );
  }),
  route('GET /pulls/{pull_number}/files', reads, async (context) => {
    const { state, repo } = context;
    const pull = pullOf(context);
    const files = (await pullFiles(repo, pull)).slice(0, maxFiles);
    return paged(context, files, (file) => diffEntry(state, repo, pull.pull.headSha, file));
  }),
  route('GET /pulls/{pull_number}/reviews', reads, (context) => {
    const pull = pullOf(context);
    return paged(context, pull.pull.reviews, (review) =>
      reviewJson(context.state, context.repo, pull, review),
    );
  }),
  route('POST /pulls/{pull_number}/reviews', writes, async (context) => {
    const { state, repo, token } = context;
    const pull = pullOf(context);
    await refresh(repo, pull);
    const review = addReview(state, pull, token.actor, (context.body ?? {}) as NewReview);
    return ok(reviewJson(state, repo, pull, review));
  }),
  route('PUT /pulls/{pull_number}/merge', [['contents', 'write']], async (context) => {
    const { state, repo, token } = context;
    const body = (context.body ?? {}) as Record<string, string | undefined>;
    const sha = await mergePull(state, repo, token.actor, pullOf(context), {
      method: (body['merge_method'] ?? 'merge') as MergeMethod,
      sha: body['sha'],
      title: body['commit_title'],
      message: body['commit_message'],
    });
    return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
  }),
  route('GET /commits/{commit_sha}/pulls', reads, async (context) => {
    const { state, repo, params } = context;
    const commit = found(await repo.git.resolve(params['commit_sha'] ?? ''));
    return paged(context, await pullsWithCommit(repo, commit.oid), (pull) =>
      pullSimpleJson(state, repo, pull),
    );
  }),
];
