import type { PullFact } from '../../../shared/contracts/dora-facts.js';
import type { GitHub } from '../../../shared/github/client.js';
import { connectionPages } from '../../../shared/github/connection.js';
import type { Actor } from '../../../shared/ledger/record.js';
import { isoInstant, parseInstant } from '../../../shared/time/instant.js';
import { personOf } from './commit-message.js';

const query = /* GraphQL */ `
  query MergedPulls($owner: String!, $name: String!, $after: String) {
    repository(owner: $owner, name: $name) {
      pullRequests(
        states: [MERGED]
        first: 100
        after: $after
        orderBy: { field: UPDATED_AT, direction: DESC }
      ) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          number
          url
          title
          createdAt
          updatedAt
          mergedAt
          author {
            __typename
            login
          }
          labels(first: 50) {
            nodes {
              name
            }
          }
          mergeCommit {
            oid
          }
          commits(first: 1) {
            totalCount
            nodes {
              commit {
                authoredDate
              }
            }
          }
          reviews(first: 20) {
            nodes {
              submittedAt
              author {
                login
              }
            }
          }
          approvals: reviews(first: 1, states: [APPROVED]) {
            nodes {
              submittedAt
            }
          }
        }
      }
    }
  }
`;

interface Review {
  submittedAt: string | null;
  author?: { login: string } | null;
}

interface PullNode {
  number: number;
  url: string;
  title: string;
  createdAt: string;
  updatedAt: string;
  mergedAt: string | null;
  author: Actor | null;
  labels: { nodes: { name: string }[] } | null;
  mergeCommit: { oid: string } | null;
  commits: { totalCount: number; nodes: { commit: { authoredDate: string } }[] };
  reviews: { nodes: Review[] } | null;
  approvals: { nodes: Review[] } | null;
}

interface Answer {
  repository: {
    pullRequests: { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: PullNode[] };
  };
}

/** Pages of a hundred that are read at most. */
const mostPages = 100;

/**
 * Pull requests that were merged or changed since, newest change first, 100 a request: one that was merged since then
 * was changed since then. Needs `pull-requests: read`.
 */
export async function listMergedPulls(
  github: GitHub,
  since: number,
): Promise<{ pulls: PullFact[]; requests: number }> {
  const pulls: PullFact[] = [];
  let requests = 0;
  for await (const { nodes } of connectionPages(
    github,
    query,
    {},
    (answer: Answer) => answer.repository.pullRequests,
  )) {
    requests++;
    pulls.push(...nodes.flatMap((node) => readPull(node) ?? []));
    const last = nodes.at(-1);
    if (!last || (parseInstant(last.updatedAt) ?? 0) < since || requests >= mostPages) break;
  }
  return { pulls, requests };
}

function readPull(node: PullNode): PullFact | undefined {
  const [createdAt, mergedAt] = [instant(node.createdAt), instant(node.mergedAt)];
  if (createdAt === undefined || mergedAt === undefined) return undefined;
  const author = node.author?.login ?? '(deleted account)';
  const firstCommitAt = instant(node.commits.nodes[0]?.commit.authoredDate);
  const firstReviewAt = instant(
    node.reviews?.nodes.find((review) => review.author?.login !== author)?.submittedAt,
  );
  const approvedAt = instant(node.approvals?.nodes[0]?.submittedAt);
  return {
    number: node.number,
    url: node.url,
    title: node.title,
    author: personOf(author, node.author?.__typename === 'Bot'),
    labels: (node.labels?.nodes ?? []).map(({ name }) => name),
    createdAt,
    mergedAt,
    ...(node.mergeCommit ? { mergeCommit: node.mergeCommit.oid } : {}),
    commits: node.commits.totalCount,
    ...(firstCommitAt === undefined ? {} : { firstCommitAt }),
    ...(firstReviewAt === undefined ? {} : { firstReviewAt }),
    ...(approvedAt === undefined ? {} : { approvedAt }),
  };
}

function instant(text: string | null | undefined): string | undefined {
  const at = parseInstant(text ?? '');
  return at === undefined ? undefined : isoInstant(at);
}
