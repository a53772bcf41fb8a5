import { deploymentPayloadSchema, type DeploymentPayload } from '../contracts/deployment.js';
import { parseInstant } from '../time/instant.js';
import { deploymentTask } from './names.js';
import { identityOf, type Actor, type DeploymentRecord, type DeploymentState } from './record.js';
import { isWriter } from './proof/trust.js';

/** A status as GraphQL answers it. */
export interface StatusNode {
  id: string;
  state: string;
  createdAt: string;
  description: string | null;
  logUrl: string | null;
  creator: Actor | null;
}

/** A Deployment as GraphQL answers it, with its newest statuses. */
export interface DeploymentNode {
  id: string;
  databaseId: number;
  task: string | null;
  environment: string | null;
  commitOid: string;
  createdAt: string;
  payload: string | null;
  creator: Actor | null;
  statuses: { pageInfo: { hasNextPage: boolean }; nodes: StatusNode[] } | null;
}

/** What a StatusNode is asked with. */
export const statusFragment = /* GraphQL */ `
  fragment LedgerStatus on DeploymentStatus {
    id
    state
    createdAt
    description
    logUrl
    creator {
      __typename
      login
    }
  }
`;

/** What a DeploymentNode is asked with. */
export const recordFragment = /* GraphQL */ `
  ${statusFragment}
  fragment LedgerRecord on Deployment {
    id
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
        ...LedgerStatus
      }
    }
  }
`;

/**
 * A Deployment as a record of the ledger; undefined when it is none of the suite's. Statuses of others than the writers
 * are left out. `unread` says why not all of its statuses are known.
 */
export function readRecord(
  node: DeploymentNode,
  writers: readonly string[],
  unread?: string,
): DeploymentRecord | undefined {
  if (!node.task?.startsWith('devops-actions/')) return undefined;
  const payload = readPayload(node.payload);
  if (!payload || deploymentTask(payload.service) !== node.task) return undefined;
  const by = identityOf(node.creator);
  const distrust = isWriter(by, writers) ? [] : [`created by ${by.login}, who does not write the ledger`];
  if (![payload.releasedSha, payload.builtSha].includes(node.commitOid))
    distrust.push(`its commit ${node.commitOid} is not the one in its payload`);
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
    ...(unread === undefined ? {} : { unread }),
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
