import type { GitHub } from '../../../shared/github/client.js';
import type { Actor } from '../../../shared/ledger/record.js';
import { Unknowable } from './ask.js';

/** One document for all that GraphQL knows of the commit; each kind is left out where no gate asks for it. */
const commitQuery = /* GraphQL */ `
  query GateEvidence(
    $owner: String!
    $name: String!
    $sha: GitObjectID!
    $tree: Boolean!
    $checks: Boolean!
  ) {
    repository(owner: $owner, name: $name) {
      object(oid: $sha) {
        __typename
        ... on Commit {
          tree @include(if: $tree) {
            oid
          }
          checkSuites(first: 100) @include(if: $checks) {
            pageInfo {
              hasNextPage
            }
            nodes {
              app {
                databaseId
                slug
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
          }
          status @include(if: $checks) {
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
    }
  }
`;

export interface SuiteNode {
  app: { databaseId: number | null; slug: string } | null;
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
  tree?: { oid: string };
  checkSuites?: { pageInfo: { hasNextPage: boolean }; nodes: SuiteNode[] } | null;
  status?: {
    contexts: { context: string; state: string; targetUrl: string | null; creator: Actor | null }[];
  } | null;
}

interface CommitAnswer {
  repository: { object: ({ __typename: string } & CommitNode) | null } | null;
}

/** Reads the parts asked for in one request. Needs `contents: read`, and for checks `checks: read` and `statuses: read`. */
export async function readCommit(
  github: GitHub,
  sha: string,
  parts: { tree: boolean; checks: boolean },
): Promise<CommitNode> {
  const answer = await github.graphql<CommitAnswer>(commitQuery, { sha, ...parts });
  const found = answer.repository?.object;
  if (found?.__typename !== 'Commit') {
    throw new Unknowable(`${github.owner}/${github.repository} has no commit ${sha}`);
  }
  return found;
}
