import type { QueryPart } from '../../../../shared/github/repository-query.js';
import type { CommitAnswer } from '../code/commit-query.js';
import { retargetedMember, type Retargeted } from '../code/retargeted.js';

/** Pull requests that GitHub associates with the released commit, the oldest first. */
export const bringingPart: QueryPart = {
  variables: { sha: 'GitObjectID!' },
  members: /* GraphQL */ `
    defaultBranchRef {
      name
    }
    object(oid: $sha) {
      __typename
      ... on Commit {
        associatedPullRequests(first: 100, orderBy: { field: CREATED_AT, direction: ASC }) {
          pageInfo {
            hasNextPage
          }
          nodes {
            number
            url
            state
            baseRefName
            headRefName
            headRefOid
            headRepository {
              nameWithOwner
            }
            mergeCommit {
              oid
            }
            ${retargetedMember}
          }
        }
      }
    }
  `,
};

/** Pull requests from a branch of that name, those first that changed last. */
export const rivalsPart: QueryPart = {
  variables: { branch: 'String!' },
  members: /* GraphQL */ `
    pullRequests(headRefName: $branch, first: 100, orderBy: { field: UPDATED_AT, direction: DESC }) {
      pageInfo {
        hasNextPage
      }
      nodes {
        number
        baseRefName
        createdAt
        closedAt
        updatedAt
        headRepository {
          nameWithOwner
        }
        ${retargetedMember}
      }
    }
  `,
};

interface BringingNode extends Retargeted {
  number: number;
  url: string;
  state: 'OPEN' | 'CLOSED' | 'MERGED';
  baseRefName: string;
  headRefName: string;
  headRefOid: string;
  headRepository: { nameWithOwner: string } | null;
  mergeCommit: { oid: string } | null;
}

interface RivalNode extends Retargeted {
  number: number;
  baseRefName: string;
  createdAt: string;
  closedAt: string | null;
  updatedAt: string;
  headRepository: { nameWithOwner: string } | null;
}

interface Listed<T> {
  pageInfo: { hasNextPage: boolean };
  nodes: T[];
}

export interface BringingAnswer extends CommitAnswer {
  object:
    (NonNullable<CommitAnswer['object']> & { associatedPullRequests?: Listed<BringingNode> | null }) | null;
}

export interface HeadAnswer extends CommitAnswer {
  pullRequests: Listed<RivalNode> | null;
}
