import type { PullRequest, Review } from '../model.js';
import { nodeId } from '../node-id.js';
import { association } from '../represent/actors.js';
import { fullName, htmlUrl } from '../represent/repository.js';
import { hasLabels } from '../rules/issues.js';
import {
  isPull,
  type Pull,
  pullCommits,
  pullFiles,
  pullsOf,
  pullsWithCommit,
  refresh,
} from '../rules/pulls.js';
import type { Issue } from '../model.js';
import { iso, isoOrNull } from '../state.js';
import { actorFields, actorOrNull } from './actors.js';
import { commitOrNull } from './commits.js';
import { connection, type PageArguments } from './connection.js';
import { conversationFields } from './issues.js';
import { refOrNull } from './refs.js';
import { type Fields, GraphqlError, guarded, type View } from './view.js';

function reviewFields(view: View, pull: Pull, review: Review): Fields {
  const { state, repo } = view;
  return {
    __typename: 'PullRequestReview',
    id: nodeId('PRR', repo.id, review.id),
    databaseId: review.id,
    state: review.state,
    body: review.body,
    author: actorFields(state, review.user),
    authorAssociation: association(repo, review.user),
    authorCanPushToRepository: ['admin', 'maintain', 'write'].includes(review.user.role),
    submittedAt: iso(review.submittedAt),
    createdAt: iso(review.submittedAt),
    updatedAt: iso(review.submittedAt),
    commit: () => commitOrNull(view, review.commitSha),
    url: htmlUrl(state, repo, `/pull/${pull.number}#pullrequestreview-${review.id}`),
  };
}

interface ReviewArguments extends PageArguments {
  author?: string | null;
  states?: string[] | null;
}

/** The newest review of each person that says yes or no (schema: PullRequest.latestOpinionatedReviews). */
function latestOpinions(pull: Pull): Review[] {
  const latest = new Map<number, Review>();
  for (const review of pull.pull.reviews) {
    if (['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(review.state))
      latest.set(review.user.id, review);
  }
  return [...latest.values()];
}

interface TimelineArguments extends PageArguments {
  itemTypes?: string[] | null;
}

/** Changes of the base, and pushes that wrote it anew: nothing else of the timeline is kept here. */
function timelineItems({ retargetedAt, rewrittenAt }: PullRequest, args: TimelineArguments): Fields {
  if (!args.itemTypes?.includes('BASE_REF_CHANGED_EVENT'))
    throw new GraphqlError('UNPROCESSABLE', 'The stand-in keeps no other events than BASE_REF_CHANGED_EVENT');
  const events = [
    ...retargetedAt.map((at) => ({ at, __typename: 'BaseRefChangedEvent' })),
    ...(args.itemTypes.includes('BASE_REF_FORCE_PUSHED_EVENT')
      ? rewrittenAt.map((at) => ({ at, __typename: 'BaseRefForcePushedEvent' }))
      : []),
  ].sort((a, b) => a.at - b.at);
  return connection(
    'timelineItems',
    events,
    args,
    ({ at, __typename }) => `${__typename} ${at}`,
    ({ at, __typename }) => ({ __typename, createdAt: iso(at) }),
  );
}

export function pullFields(view: View, issue: Issue): Fields {
  if (!isPull(issue))
    throw new GraphqlError(
      'NOT_FOUND',
      `Could not resolve to a PullRequest with the number of ${issue.number}.`,
    );
  const { state, repo } = view;
  const { pull } = issue;
  const merged = pull.mergedAt !== null;
  const reviews = (name: string, list: readonly Review[]) => (args: ReviewArguments) => {
    const chosen = list.filter(
      (review) =>
        (args.author ?? review.user.login) === review.user.login &&
        (args.states?.includes(review.state) ?? true),
    );
    return connection(
      name,
      chosen,
      args,
      ({ id }) => id,
      (review) => reviewFields(view, issue, review),
    );
  };
  return {
    __typename: 'PullRequest',
    id: nodeId('PR', repo.id, issue.number),
    ...conversationFields(view, issue),
    state: merged ? 'MERGED' : issue.state.toUpperCase(),
    isDraft: pull.draft,
    merged,
    mergedAt: isoOrNull(pull.mergedAt),
    mergedBy: actorOrNull(state, pull.mergedBy),
    mergeCommit: () => (pull.mergeCommitSha === null ? null : commitOrNull(view, pull.mergeCommitSha)),
    baseRefName: pull.baseRef,
    headRefName: pull.headRef,
    baseRefOid: pull.baseSha,
    headRefOid: pull.headSha,
    baseRef: () => refOrNull(view, `refs/heads/${pull.baseRef}`),
    headRef: () => refOrNull(view, `refs/heads/${pull.headRef}`),
    isCrossRepository: false,
    headRepository: { id: nodeId('R', repo.id, repo.id), nameWithOwner: fullName(repo) },
    timelineItems: (args: TimelineArguments) => timelineItems(pull, args),
    reviews: reviews('reviews', pull.reviews),
    latestOpinionatedReviews: reviews('latestOpinionatedReviews', latestOpinions(issue)),
    commits: async (args: PageArguments) =>
      connection(
        'commits',
        await pullCommits(repo, issue),
        args,
        (oid) => oid,
        (oid) => ({
          id: nodeId('C', repo.id, `${issue.number}/${oid}`),
          commit: () => commitOrNull(view, oid),
        }),
      ),
    files: async (args: PageArguments) =>
      connection(
        'files',
        await pullFiles(repo, issue),
        args,
        ({ filename }) => filename,
        (file) => ({
          path: file.filename,
          additions: file.additions,
          deletions: file.deletions,
          changeType: { removed: 'DELETED' }[file.status as string] ?? file.status.toUpperCase(),
        }),
      ),
    changedFiles: async () => (await pullFiles(repo, issue)).length,
  };
}

export interface PullsArguments extends PageArguments {
  states?: string[] | null;
  baseRefName?: string | null;
  headRefName?: string | null;
  labels?: string[] | null;
  orderBy?: { field: 'CREATED_AT' | 'UPDATED_AT'; direction: 'ASC' | 'DESC' } | null;
}

export async function pullsFields(view: View, args: PullsArguments): Promise<Fields> {
  const key = args.orderBy?.field === 'UPDATED_AT' ? 'updatedAt' : 'createdAt';
  const shown = ({ state, pull }: Pull): string => (pull.mergedAt === null ? state.toUpperCase() : 'MERGED');
  const chosen = pullsOf(view.repo)
    .filter((one) => args.states?.includes(shown(one)) ?? true)
    .filter(({ pull }) => (args.baseRefName ?? pull.baseRef) === pull.baseRef)
    .filter(({ pull }) => (args.headRefName ?? pull.headRef) === pull.headRef)
    .filter((one) => args.labels?.some((name) => hasLabels(one, [name])) ?? true)
    .sort((a, b) => a[key] - b[key] || a.number - b.number);
  if (args.orderBy?.direction === 'DESC') chosen.reverse();
  for (const one of chosen) await refresh(view.repo, one);
  return connection(
    'pullRequests',
    chosen,
    args,
    ({ number }) => number,
    (one) => pullFields(view, one),
  );
}

/** The pull requests of a commit. */
export const commitPullFields = (view: View, oid: string): Fields => ({
  associatedPullRequests: guarded(view, ['pull_requests', 'read'], (args: PageArguments) =>
    associatedPulls(view, oid, args),
  ),
});

async function associatedPulls(view: View, oid: string, args: PageArguments): Promise<Fields> {
  const pulls = await pullsWithCommit(view.repo, oid);
  return connection(
    'associatedPullRequests',
    pulls,
    args,
    ({ number }) => number,
    (one) => pullFields(view, one),
  );
}
