import { deploymentPayloadSchema, type DeploymentPayload } from '../contracts/deployment.js';
import type { GitHub } from '../github/client.js';
import { connectionPages } from '../github/connection.js';
import { parseInstant } from '../time/instant.js';
import { deploymentTask } from './names.js';
import { identityOf, type Actor, type DeploymentRecord, type DeploymentState } from './record.js';
import { defaultWriters, isWriter } from './trust.js';

/** Statuses of one record that are read, 100 a request. */
const mostStatuses = 2_000;

/** GitHub cuts descriptions of Deployments and their statuses at 140 characters. */
const descriptionLength = 140;

export interface NewDeployment {
  environment: string;
  service: string;
  sha: string;
  production: boolean;
  description: string;
  payload: DeploymentPayload;
}

/** Creates the Deployment of a release and returns its id. Needs `deployments: write`. */
export async function createDeployment(github: GitHub, deployment: NewDeployment): Promise<number> {
  const created = await github.rest('POST /repos/{owner}/{repo}/deployments', {
    ref: deployment.sha,
    task: deploymentTask(deployment.service),
    auto_merge: false,
    required_contexts: [],
    environment: deployment.environment,
    production_environment: deployment.production,
    description: short(deployment.description),
    payload: deploymentPayloadSchema.parse(deployment.payload),
  });
  if (!('id' in created))
    throw new Error(`GitHub merged instead of creating a Deployment: ${JSON.stringify(created)}`);
  return Number(created.id);
}

/**
 * Adds a status; other Deployments are never touched by it (`auto_inactive: false` would hit other services of the
 * environment otherwise).
 */
export async function setDeploymentStatus(
  github: GitHub,
  id: number,
  state: Exclude<DeploymentState, 'waiting'>,
  description: string,
  links: { log?: string; environment?: string } = {},
): Promise<void> {
  await github.rest('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
    deployment_id: id,
    state,
    description: short(description),
    auto_inactive: false,
    ...(links.log ? { log_url: links.log } : {}),
    ...(links.environment ? { environment_url: links.environment } : {}),
  });
}

function short(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length <= descriptionLength
    ? flat
    : `${flat.slice(0, descriptionLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

const listQuery = /* GraphQL */ `
  query LedgerDeployments($owner: String!, $name: String!, $environments: [String!], $after: String) {
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
          creator {
            __typename
            login
          }
          statuses(first: 100) {
            pageInfo {
              hasNextPage
            }
            nodes {
              state
              createdAt
              description
              logUrl
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

interface ListAnswer {
  repository: {
    deployments: {
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
      nodes: {
        databaseId: number;
        task: string | null;
        environment: string | null;
        commitOid: string;
        createdAt: string;
        payload: string | null;
        creator: Actor | null;
        statuses: {
          pageInfo: { hasNextPage: boolean };
          nodes: {
            state: string;
            createdAt: string;
            description: string | null;
            logUrl: string | null;
            creator: Actor | null;
          }[];
        } | null;
      }[];
    };
  };
}

export interface DeploymentQuery {
  environments: readonly string[];
  /** Undefined for all services. */
  service?: string;
  /**
   * Stops at records created before this epoch time (ms), after one success older than it was found for each service
   * and environment.
   */
  since?: number;
  /** Most records read. */
  limit?: number;
  writers?: readonly string[];
}

/**
 * The suite's Deployments, newest first, 100 a request. Records of others than the allowed writers carry their
 * distrust. Needs `deployments: read`.
 */
export async function listDeployments(
  github: GitHub,
  query: DeploymentQuery,
): Promise<{ records: DeploymentRecord[]; requests: number; complete: boolean }> {
  const writers = query.writers ?? defaultWriters;
  const records: DeploymentRecord[] = [];
  const baseline = new Set<string>();
  let requests = 0;
  const variables = { environments: [...query.environments] };
  for await (const { nodes, isLast } of connectionPages(
    github,
    listQuery,
    variables,
    (answer: ListAnswer) => answer.repository.deployments,
  )) {
    requests++;
    let old = false;
    for (const listed of nodes) {
      const node = await withOlderStatuses(github, listed, query.service);
      const record = readNode(node, writers);
      if (!record || (query.service && record.service.toLowerCase() !== query.service.toLowerCase()))
        continue;
      records.push(record);
      if (query.since !== undefined && record.createdAt < query.since) {
        old = true;
        if (record.distrust.length === 0 && record.statuses.some((s) => s.state === 'success')) {
          baseline.add(`${record.environment}\n${record.service}`);
        }
      }
    }
    const needed = new Set(records.map((record) => `${record.environment}\n${record.service}`));
    const enough = old && [...needed].every((key) => baseline.has(key));
    if (isLast || enough) break;
    if (records.length >= (query.limit ?? 10_000)) return { records, requests, complete: false };
  }
  return { records, requests, complete: true };
}

type Node = ListAnswer['repository']['deployments']['nodes'][number];

/**
 * Any token with `deployments: write` can add statuses to a record, so those of the ledger's writers may lie behind a
 * hundred of others: such a record of the service is read on, by REST.
 */
async function withOlderStatuses(github: GitHub, node: Node, service: string | undefined): Promise<Node> {
  const ours = service === undefined || node.task === deploymentTask(service);
  if (!ours || !node.statuses?.pageInfo.hasNextPage) return node;
  const { items, truncated } = await github.pages(
    'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    { deployment_id: node.databaseId },
    (page) => page,
    mostStatuses,
  );
  const statuses = items.map(({ state, created_at, description, log_url, creator }) => ({
    state,
    createdAt: created_at,
    description,
    logUrl: log_url || null,
    creator: creator && { __typename: creator.type, login: creator.login },
  }));
  return { ...node, statuses: { pageInfo: { hasNextPage: truncated }, nodes: statuses } };
}

function readNode(node: Node, writers: readonly string[]): DeploymentRecord | undefined {
  if (!node.task?.startsWith('devops-actions/')) return undefined;
  const payload = readPayload(node.payload);
  if (!payload || deploymentTask(payload.service) !== node.task) return undefined;
  const by = identityOf(node.creator);
  const distrust = isWriter(by, writers) ? [] : [`created by ${by.login}, who does not write the ledger`];
  if (![payload.releasedSha, payload.builtSha].includes(node.commitOid))
    distrust.push(`its commit ${node.commitOid} is not the one in its payload`);
  if (node.statuses?.pageInfo.hasNextPage)
    distrust.push(`it has more than ${mostStatuses} statuses, which cannot all be read`);
  const statuses = (node.statuses?.nodes ?? [])
    .map((status) => ({
      state: status.state.toLowerCase() as DeploymentState,
      at: parseInstant(status.createdAt) ?? 0,
      by: identityOf(status.creator),
      description: status.description ?? '',
      ...(status.logUrl ? { log: status.logUrl } : {}),
    }))
    .filter((status) => isWriter(status.by, writers))
    .reverse();
  return {
    id: node.databaseId,
    environment: node.environment ?? '',
    service: payload.service,
    sha: node.commitOid,
    createdAt: parseInstant(node.createdAt) ?? 0,
    by,
    payload,
    statuses: oldestFirst(statuses),
    distrust,
  };
}

/** GitHub lists statuses newest first; instants have whole seconds, so the listing order decides between equal ones. */
function oldestFirst<T extends { at: number }>(statuses: T[]): T[] {
  return statuses
    .map((status, index) => ({ status, index }))
    .sort((a, b) => a.status.at - b.status.at || a.index - b.index)
    .map(({ status }) => status);
}

function readPayload(text: string | null): DeploymentPayload | undefined {
  try {
    let json: unknown = JSON.parse(text ?? '');
    if (typeof json === 'string') json = JSON.parse(json);
    const parsed = deploymentPayloadSchema.safeParse(json);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
