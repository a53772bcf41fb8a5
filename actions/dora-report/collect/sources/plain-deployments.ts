import type { DeploymentFact } from '../../../../shared/contracts/dora-facts.js';
import { deploymentPayloadSchema } from '../../../../shared/contracts/deployment.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { connectionPages } from '../../../../shared/github/connection.js';
import { identityOf, type Actor } from '../../../../shared/ledger/record.js';
import { isoInstant, parseInstant } from '../../../../shared/time/instant.js';
import type { Deployments, SourceRequest } from './request.js';

const query = /* GraphQL */ `
  query PlainDeployments($owner: String!, $name: String!, $environments: [String!], $after: String) {
    repository(owner: $owner, name: $name) {
      deployments(
        environments: $environments
        first: 100
        after: $after
        orderBy: { field: CREATED_AT, direction: DESC }
      ) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          databaseId
          task
          environment
          commitOid
          createdAt
          payload
          ref {
            name
          }
          creator {
            __typename
            login
          }
          statuses(first: 100) {
            nodes {
              state
              createdAt
              logUrl
            }
          }
        }
      }
    }
  }
`;

interface Node {
  databaseId: number;
  task: string | null;
  environment: string | null;
  commitOid: string;
  createdAt: string;
  payload: string | null;
  ref: { name: string } | null;
  creator: Actor | null;
  statuses: { nodes: { state: string; createdAt: string; logUrl: string | null }[] } | null;
}

interface Answer {
  repository: {
    deployments: { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: Node[] };
  };
}

/** Records that are read at most. */
const mostRecords = 10_000;

/**
 * Every Deployment of an environment, whoever made it, newest first, until one older than `from` was a success. Those
 * of one commit and run are one deployment, also where the suite wrote one and GitHub another for its job.
 */
export async function listPlainDeployments(
  github: GitHub,
  request: SourceRequest,
): Promise<Omit<Deployments, 'byEnvironment'>> {
  const deployments: DeploymentFact[] = [];
  let requests = 0;
  for await (const { nodes, isLast } of connectionPages(
    github,
    query,
    { environments: [request.environment] },
    (answer: Answer) => answer.repository.deployments,
  )) {
    requests++;
    const read = nodes.map((node) => factOf(node, request));
    deployments.push(...read);
    const enough = read.some(
      ({ createdAt, statuses, distrust }) =>
        (parseInstant(createdAt) ?? 0) < request.from &&
        distrust.length === 0 &&
        statuses.some(({ state }) => state === 'success'),
    );
    if (isLast || enough) break;
    if (deployments.length >= mostRecords) return { deployments, requests, complete: false };
  }
  return { deployments, requests, complete: true };
}

function factOf(node: Node, { creators, service }: SourceRequest): DeploymentFact {
  const by = identityOf(node.creator);
  const login = by.bot ? `${by.login.replace(/\[bot\]$/, '')}[bot]` : by.login;
  const believed =
    creators.length === 0 || creators.some((name) => name.toLowerCase() === login.toLowerCase());
  // GitHub lists statuses newest first; within a second their order in the list decides.
  const statuses = (node.statuses?.nodes ?? []).toReversed().map(({ state, createdAt }) => ({
    state: state.toLowerCase(),
    at: isoInstant(parseInstant(createdAt) ?? 0),
  }));
  const run = runOf(node);
  return {
    id: node.databaseId,
    source: 'deployments',
    service,
    environment: node.environment ?? '',
    sha: node.commitOid,
    version: node.ref?.name ?? node.commitOid.slice(0, 7),
    kind: kindOf(node),
    ...(run === undefined ? {} : { run: { id: run, attempt: 1 } }),
    createdAt: isoInstant(parseInstant(node.createdAt) ?? 0),
    statuses: statuses.toSorted((a, b) => a.at.localeCompare(b.at)),
    distrust: believed ? [] : [`created by ${login}, whose Deployments do not count`],
  };
}

/** A branch named for it is a hotfix; the suite's own records say what they are. */
function kindOf({ payload, ref }: Node): DeploymentFact['kind'] {
  const own = deploymentPayloadSchema.safeParse(jsonOf(payload));
  if (own.success) return own.data.kind;
  return /^hotfix[/-]/i.test(ref?.name ?? '') ? 'hotfix' : 'release';
}

/** The run of the suite's payload, or the one whose log a status names. */
function runOf({ payload, statuses }: Node): number | undefined {
  const own = deploymentPayloadSchema.safeParse(jsonOf(payload));
  if (own.success) return own.data.run.id;
  for (const { logUrl } of statuses?.nodes ?? []) {
    const id = Number(/\/actions\/runs\/(\d{1,15})\b/.exec(logUrl ?? '')?.[1]);
    if (Number.isSafeInteger(id) && id > 0) return id;
  }
  return undefined;
}

function jsonOf(text: string | null): unknown {
  try {
    const json: unknown = JSON.parse(text ?? '');
    return typeof json === 'string' ? JSON.parse(json) : json;
  } catch {
    return undefined;
  }
}
