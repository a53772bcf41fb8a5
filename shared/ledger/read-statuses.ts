import type { GitHub } from '../github/client.js';
import { readNodes } from './nodes.js';
import { statusFragment, type DeploymentNode, type StatusNode } from './read-record.js';

/** Pages of 100 statuses that are read of one Deployment; a look reads no more than that of all together either. */
const mostPages = 20;

/** How many pages of statuses a look may still read. */
export interface StatusBudget {
  pages: number;
}

export const statusBudget = (): StatusBudget => ({ pages: mostPages });

const oldestQuery = /* GraphQL */ `
  query LedgerOldestStatuses($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Deployment {
        id
        oldest: statuses(last: 100) {
          totalCount
          nodes {
            ...LedgerStatus
          }
        }
      }
    }
  }
  ${statusFragment}
`;

interface OldestNode {
  id: string;
  oldest: { totalCount: number; nodes: StatusNode[] };
}

/** A Deployment, and why not all of its statuses are known where they are not. */
export interface WithStatuses {
  node: DeploymentNode;
  unread?: string;
}

/**
 * Deployments with the statuses behind the newest 100. Any token with `deployments: write` can add statuses,
 * so those of the ledger's writers may lie behind thousands of others: the oldest 100 are always read, and what lies
 * between as long as the budget lasts.
 */
export async function withOlderStatuses(
  github: GitHub,
  nodes: readonly DeploymentNode[],
  budget: StatusBudget,
): Promise<{ read: WithStatuses[]; requests: number }> {
  const flooded = nodes.filter(({ statuses }) => statuses?.pageInfo.hasNextPage);
  if (flooded.length === 0) return { read: nodes.map((node) => ({ node })), requests: 0 };
  const ids = flooded.map(({ id }) => id);
  const answer = await readNodes<OldestNode>(github, oldestQuery, ids);
  const oldest = new Map(answer.nodes.map((node) => [node.id, node.oldest]));
  const read: WithStatuses[] = [];
  const before = budget.pages;
  for (const node of nodes) {
    const tail = flooded.includes(node) ? oldest.get(node.id) : undefined;
    read.push(tail ? await fillGap(github, node, tail, budget) : { node });
  }
  return { read, requests: answer.requests + before - budget.pages };
}

async function fillGap(
  github: GitHub,
  node: DeploymentNode,
  { totalCount, nodes: oldest }: OldestNode['oldest'],
  budget: StatusBudget,
): Promise<WithStatuses> {
  const known = new Map((node.statuses?.nodes ?? []).map((status) => [status.id, status]));
  const missing = () => new Set([...known.keys(), ...oldest.map(({ id }) => id)]).size < totalCount;
  for (let page = 2; missing() && page <= mostPages && budget.pages > 0; page++) {
    budget.pages--;
    const listed = await readPage(github, node.databaseId, page);
    for (const status of listed) known.set(status.id, status);
    if (listed.length === 0) break;
  }
  const gap = missing();
  for (const status of oldest) known.set(status.id, status);
  const statuses = { pageInfo: { hasNextPage: gap }, nodes: [...known.values()] };
  if (!gap) return { node: { ...node, statuses } };
  const unread = `it has ${totalCount} statuses, of which only ${known.size} can be read`;
  return { node: { ...node, statuses }, unread };
}

async function readPage(github: GitHub, deployment: number, page: number): Promise<StatusNode[]> {
  const listed = await github.rest('GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
    deployment_id: deployment,
    per_page: 100,
    page,
  });
  return listed.map(({ node_id, state, created_at, description, log_url, creator }) => ({
    id: node_id,
    state,
    createdAt: created_at,
    description,
    logUrl: log_url || null,
    creator: creator && { __typename: creator.type, login: creator.login },
  }));
}
