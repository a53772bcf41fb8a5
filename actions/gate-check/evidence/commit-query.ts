import type { GitHub } from '../../../shared/github/client.js';
import type { Actor } from '../../../shared/ledger/record.js';
import { Unknowable, type Sources } from './evidence.js';

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

/** Parts of the document, by the kind of evidence that they serve. */
const parts = { tree: 'commit', checks: 'checks' } as const;
type Part = keyof typeof parts;

/**
 * The commit with a part of the document, in one request for all kinds that are asked for; when that is refused, one
 * for each, so that a permission missing for one part does not hide the other. Needs `contents: read`, and for checks
 * `checks: read` and `statuses: read`.
 */
export async function readCommit(
  { github, request: { sha }, asks, once }: Pick<Sources, 'github' | 'request' | 'asks' | 'once'>,
  part: Part,
): Promise<CommitNode> {
  const wanted = (Object.keys(parts) as Part[]).filter((one) => asks(parts[one]));
  try {
    return await once('commit', () => query(github, sha, wanted));
  } catch (error) {
    if (wanted.length < 2) throw error;
    return query(github, sha, [part]);
  }
}

async function query(github: GitHub, sha: string, wanted: readonly Part[]): Promise<CommitNode> {
  const include = { tree: wanted.includes('tree'), checks: wanted.includes('checks') };
  const answer = await github.graphql<CommitAnswer>(commitQuery, { sha, ...include });
  const found = answer.repository?.object;
  if (found?.__typename !== 'Commit') {
    throw new Unknowable(`${github.owner}/${github.repository} has no commit ${sha}`);
  }
  return found;
}
