import { repositoryQuery, type QueryPart } from '../../../../shared/github/repository-query.js';
import type { Actor } from '../../../../shared/ledger/record.js';
import { Unknowable, type Sources } from '../evidence.js';

const sha = { sha: 'GitObjectID!' };

/** The released commit and its tree. */
export const treePart: QueryPart = {
  variables: sha,
  members: /* GraphQL */ `
    object(oid: $sha) {
      __typename
      ... on Commit {
        tree {
          oid
        }
      }
    }
  `,
};

const suitesMembers = /* GraphQL */ `
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            app {
              databaseId
              slug
            }
            branch {
              name
            }
            workflowRun {
              databaseId
              event
              runNumber
              file {
                path
              }
              workflow {
                resourcePath
              }
            }
            checkRuns(first: 100, filterBy: { checkType: ALL }) {
              pageInfo {
                hasNextPage
              }
              nodes {
                databaseId
                name
                status
                conclusion
                detailsUrl
              }
            }
          }
`;

/** Further check suites of a commit. */
export const moreSuitesQuery = repositoryQuery('GateSuites', [
  {
    variables: { ...sha, after: 'String!' },
    members: /* GraphQL */ `
      object(oid: $sha) {
        __typename
        ... on Commit {
          checkSuites(first: 100, after: $after) {
            ${suitesMembers}
          }
        }
      }
    `,
  },
]);

/** Check suites and statuses of the released commit. */
export const checksPart: QueryPart = {
  variables: sha,
  members: /* GraphQL */ `
    defaultBranchRef {
      name
    }
    object(oid: $sha) {
      __typename
      ... on Commit {
        oid
        checkSuites(first: 100) {
          ${suitesMembers}
        }
        status {
          contexts {
            context
            state
            targetUrl
            creator {
              __typename
              login
            }
          }
        }
      }
    }
  `,
};

export interface SuiteNode {
  app: { databaseId: number | null; slug: string } | null;
  /** Null for a branch that is gone, a tag, and a branch of a fork. */
  branch: { name: string } | null;
  workflowRun: {
    databaseId: number | null;
    event: string;
    runNumber: number;
    file: { path: string } | null;
    workflow: { resourcePath: string } | null;
  } | null;
  checkRuns: {
    pageInfo: { hasNextPage: boolean };
    nodes: {
      databaseId: number | null;
      name: string;
      status: string;
      conclusion: string | null;
      detailsUrl: string | null;
    }[];
  } | null;
}

export interface CommitNode {
  oid?: string;
  tree?: { oid: string };
  checkSuites?: {
    pageInfo: { hasNextPage: boolean; endCursor?: string | null };
    nodes: SuiteNode[];
  } | null;
  status?: {
    contexts: { context: string; state: string; targetUrl: string | null; creator: Actor | null }[];
  } | null;
}

/** A part of the document that is about the commit, as GitHub answers it. */
export interface CommitAnswer {
  defaultBranchRef?: { name: string } | null;
  object: ({ __typename: string } & CommitNode) | null;
}

/** The commit of an answer. Throws Unknowable where there is none. */
export function commitIn(
  answer: CommitAnswer,
  { github, request }: Pick<Sources, 'github' | 'request'>,
): CommitNode {
  if (answer.object?.__typename !== 'Commit')
    throw new Unknowable(`${github.owner}/${github.repository} has no commit ${request.sha}`);
  return answer.object;
}
