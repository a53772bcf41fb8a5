import type { Actor } from '../../../../shared/ledger/record.js';
import { baseMember, type Based } from './retargeted.js';

/** Pull requests of commits, by the ids that a comparison names. */
export const commitPullsQuery = /* GraphQL */ `
  query GateCommitPulls($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on Commit {
        oid
        associatedPullRequests(first: 100, orderBy: { field: CREATED_AT, direction: ASC }) {
          pageInfo {
            hasNextPage
          }
          nodes {
            id
            number
            state
            headRefOid
          }
        }
      }
    }
  }
`;

const commitsFragment = /* GraphQL */ `
  fragment GatePullCommits on PullRequestCommitConnection {
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      commit {
        authors(first: 10) {
          pageInfo {
            hasNextPage
          }
          nodes {
            user {
              login
            }
          }
        }
        committer {
          user {
            login
          }
        }
      }
    }
  }
`;

/** Further commits of a pull request. */
export const moreCommitsQuery = /* GraphQL */ `
  query GatePullCommits($id: ID!, $after: String!) {
    node(id: $id) {
      ... on PullRequest {
        commits(first: 100, after: $after) {
          ...GatePullCommits
        }
      }
    }
  }
  ${commitsFragment}
`;

/** Who wrote pull requests, and who said what of them. */
export const pullsQuery = /* GraphQL */ `
  query GatePulls($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on PullRequest {
        id
        number
        title
        url
        state
        isCrossRepository
        headRefName
        headRefOid
        baseRefName
        ${baseMember}
        author {
          __typename
          login
        }
        mergeCommit {
          oid
        }
        latestOpinionatedReviews(first: 50) {
          pageInfo {
            hasNextPage
          }
          nodes {
            state
            submittedAt
            authorCanPushToRepository
            author {
              __typename
              login
            }
            commit {
              oid
            }
          }
        }
        commits(first: 100) {
          ...GatePullCommits
        }
      }
    }
  }
  ${commitsFragment}
`;

interface Cut {
  pageInfo: { hasNextPage: boolean };
}

export interface CommitPullsNode {
  __typename: string;
  oid: string;
  associatedPullRequests:
    | (Cut & {
        nodes: { id: string; number: number; state: 'OPEN' | 'CLOSED' | 'MERGED'; headRefOid: string }[];
      })
    | null;
}

interface GitUser {
  user: { login: string } | null;
}

export interface PullNode extends Based {
  __typename: string;
  id: string;
  number: number;
  title: string;
  url: string;
  state: 'OPEN' | 'CLOSED' | 'MERGED';
  isCrossRepository: boolean;
  headRefName: string;
  headRefOid: string;
  baseRefName: string;
  author: Actor | null;
  mergeCommit: { oid: string } | null;
  latestOpinionatedReviews:
    | (Cut & {
        nodes: {
          state: string;
          submittedAt: string | null;
          authorCanPushToRepository: boolean;
          author: Actor | null;
          commit: { oid: string } | null;
        }[];
      })
    | null;
  commits: {
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes: { commit: { authors: Cut & { nodes: GitUser[] }; committer: GitUser | null } }[];
  };
}
