import { GitHubError, invalid } from '../errors.js';
import { emptyTree } from '../git/repository.js';
import type { Signature } from '../git/parse.js';
import type { FileChange } from '../git/diff.js';
import type { Issue, PullRequest, Repo, Review } from '../model.js';
import type { Actor } from '../actors-model.js';
import type { GitHubState } from '../state.js';
import { emailOf } from './merge.js';
import { setIssueState } from './issues.js';

export interface Pull extends Issue {
  pull: PullRequest;
}

export const isPull = (issue: Issue): issue is Pull => issue.pull !== null;

export const pullsOf = (repo: Repo): Pull[] => repo.issues.filter(isPull);

/** Follows the branches while a pull request is open; once closed it keeps the last commits seen. */
export async function refresh(repo: Repo, { state, pull }: Pull): Promise<void> {
  if (state !== 'open') return;
  const head = await repo.git.ref(`refs/heads/${pull.headRef}`);
  if (head !== null) pull.headSha = head.oid;
  const base = await repo.git.ref(`refs/heads/${pull.baseRef}`);
  if (base !== null) pull.baseSha = base.oid;
}

/** The commits a pull request brings, oldest first. */
export async function pullCommits(repo: Repo, pull: Pull): Promise<string[]> {
  await refresh(repo, pull);
  return (await repo.git.history(`${pull.pull.baseSha}..${pull.pull.headSha}`)).reverse();
}

export async function pullFiles(repo: Repo, pull: Pull): Promise<FileChange[]> {
  await refresh(repo, pull);
  const { baseSha, headSha } = pull.pull;
  return repo.git.diff((await repo.git.mergeBase(baseSha, headSha)) ?? emptyTree, headSha);
}

/**
 * The commit by which GitHub tries whether a pull request can be merged, the same for the same branches; null when they
 * conflict (OpenAPI pulls/get: merge_commit_sha of an open one).
 */
export async function testMerge(repo: Repo, pull: Pull): Promise<string | null> {
  await refresh(repo, pull);
  const { baseSha, headSha } = pull.pull;
  const tree = await repo.git.mergeTree(baseSha, headSha);
  const head = await repo.git.commit(headSha);
  if (tree === null || head === null) return null;
  const { committer } = head;
  const message = `Merge ${headSha} into ${baseSha}`;
  return repo.git.writeCommit({ tree, parents: [baseSha, headSha], author: committer, committer, message });
}

/**
 * Pull requests of a commit: the merged one that brought it, or open ones that contain it
 * (OpenAPI: repos/list-pull-requests-associated-with-commit).
 */
export async function pullsWithCommit(repo: Repo, oid: string): Promise<Pull[]> {
  const found: Pull[] = [];
  for (const pull of pullsOf(repo)) {
    const { mergeCommitSha, headSha, rebased = [] } = pull.pull;
    const own = mergeCommitSha === oid || headSha === oid || rebased.includes(oid);
    if (own || (await pullCommits(repo, pull)).includes(oid)) found.push(pull);
  }
  const merged = found.filter(({ pull }) => pull.mergedAt !== null);
  return merged.length > 0 ? merged : found.filter(({ state }) => state === 'open');
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface MergeRequest {
  method: MergeMethod;
  sha?: string | undefined;
  title?: string | undefined;
  message?: string | undefined;
}

/** Merges as the method says; throws 405 when it cannot, 409 when the head moved (OpenAPI: pulls/merge). */
export function mergePull(
  state: GitHubState,
  repo: Repo,
  actor: Actor,
  pull: Pull,
  request: MergeRequest,
): Promise<string> {
  return repo.git.exclusively(async () => {
    await refresh(repo, pull);
    const { baseSha, headSha, baseRef, headRef, draft } = pull.pull;
    if (pull.state === 'closed' || draft) throw new GitHubError(405, 'Pull Request is not mergeable');
    if (request.sha !== undefined && request.sha !== headSha) {
      throw new GitHubError(409, 'Head branch was modified. Review and try the merge again.');
    }
    const tree = await repo.git.mergeTree(baseSha, headSha);
    if (tree === null) throw new GitHubError(405, 'Pull Request has merge conflicts');
    const committer = { name: actor.login, email: emailOf(actor), date: state.now() };
    const squash = `${request.title ?? `${pull.title} (#${pull.number})`}\n\n${request.message ?? ''}`.trim();
    const merge = `${request.title ?? `Merge pull request #${pull.number} from ${repo.owner}/${headRef}`}\n\n${request.message ?? pull.title}`;
    const rebased = request.method === 'rebase' ? await rebase(repo, baseSha, headSha, committer) : undefined;
    const after =
      rebased !== undefined
        ? (rebased.at(-1) ?? baseSha)
        : await repo.git.writeCommit({
            tree,
            parents: request.method === 'merge' ? [baseSha, headSha] : [baseSha],
            author: committer,
            committer,
            message: request.method === 'merge' ? merge : squash,
          });
    const change = { name: `refs/heads/${baseRef}`, before: baseSha, after };
    const failure = await repo.git.moveRefs([change]);
    if (failure !== null)
      throw new GitHubError(405, 'Base branch was modified. Review and try the merge again.');
    pull.pull.mergeCommitSha = after;
    if (rebased) pull.pull.rebased = rebased;
    pull.pull.mergedAt = state.now();
    pull.pull.mergedBy = actor;
    setIssueState(state, pull, actor, 'closed', null);
    pull.stateReason = null;
    return after;
  });
}

async function rebase(repo: Repo, base: string, head: string, committer: Signature): Promise<string[]> {
  const oids = (await repo.git.history(`${base}..${head}`)).reverse();
  const made: string[] = [];
  let onto = base;
  for (const oid of oids) {
    const commit = await repo.git.commit(oid);
    const tree = await repo.git.mergeTree(onto, oid);
    if (commit === null || tree === null) throw new GitHubError(405, 'This branch cannot be rebased');
    const { author, message } = commit;
    onto = await repo.git.writeCommit({
      tree,
      parents: [onto],
      author,
      committer,
      message,
    });
    made.push(onto);
  }
  return made;
}

export interface NewReview {
  event?: 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT';
  body?: string;
  commit_id?: string;
}

const reviewStates = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
} as const;

/**
 * Adds a review; authors cannot approve their own, and words are due unless approving (OpenAPI: pulls/create-review).
 */
export function addReview(state: GitHubState, pull: Pull, user: Actor, fields: NewReview): Review {
  if (fields.event !== undefined && fields.event !== 'COMMENT' && user.id === pull.author.id) {
    const verb = fields.event === 'APPROVE' ? 'approve' : 'request changes on';
    throw new GitHubError(422, `Can not ${verb} your own pull request`);
  }
  if (fields.event !== 'APPROVE' && (fields.body ?? '') === '') {
    throw invalid({ resource: 'PullRequestReview', code: 'missing_field', field: 'body' });
  }
  const review: Review = {
    id: state.nextId(),
    user,
    state: fields.event === undefined ? 'PENDING' : reviewStates[fields.event],
    body: fields.body ?? '',
    commitSha: fields.commit_id ?? pull.pull.headSha,
    submittedAt: state.now(),
  };
  pull.pull.reviews.push(review);
  return review;
}
