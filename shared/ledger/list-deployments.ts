import type { GitHub } from '../github/client.js';
import { connectionPages } from '../github/connection.js';
import { GitHubError } from '../github/problem.js';
import { deploymentTask, sameName } from './names.js';
import { readRecord, recordFragment, type DeploymentNode } from './read-record.js';
import { statusBudget, withOlderStatuses } from './read-statuses.js';
import type { DeploymentRecord } from './record.js';
import { defaultWriters } from './trust.js';

export interface DeploymentQuery {
  environments: readonly string[];
  /** Undefined for all services. */
  service?: string;
  /**
   * Stops at records created before this epoch time (ms), after one success older than it was found for each service
   * and environment.
   */
  since?: number;
  /** Most records read of a list: one for each environment of a service, or one for all services. */
  limit?: number;
  writers?: readonly string[];
  /**
   * Asks first for all Deployments of the environments at once: one request where a page holds them all, one more than
   * otherwise where it does not.
   */
  wholeFirst?: boolean;
}

/** Records newest first; `complete` is false when there are more that were not read. */
export interface ListedDeployments {
  records: DeploymentRecord[];
  requests: number;
  complete: boolean;
}

/**
 * The suite's Deployments, newest first, 100 a page. Those of one service are chosen by GitHub, so that a repository of
 * many services costs no more than one. Records of others than the allowed writers carry their distrust. Needs
 * `deployments: read`.
 */
export async function listDeployments(github: GitHub, query: DeploymentQuery): Promise<ListedDeployments> {
  const { service, environments } = query;
  const budget = statusBudget();
  const tried = service !== undefined && query.wholeFirst ? await firstPage(github, environments) : undefined;
  if (tried?.isLast) return readPages(github, [tried], query, budget);
  const lists =
    service === undefined
      ? [pagesOfAll(github, environments)]
      : environments.map((environment) => pagesOfService(github, service, environment));
  const read: ListedDeployments[] = [];
  for (const pages of lists) read.push(await readPages(github, pages, query, budget));
  const records = read.flatMap((list) => list.records);
  return {
    records: read.length > 1 ? records.sort((a, b) => b.createdAt - a.createdAt || b.id - a.id) : records,
    requests: read.reduce((sum, list) => sum + list.requests, tried?.requests ?? 0),
    complete: read.every(({ complete }) => complete),
  };
}

/** Some Deployments of a list, and how many requests they took. */
interface Page {
  nodes: readonly DeploymentNode[];
  isLast: boolean;
  requests: number;
}

async function readPages(
  github: GitHub,
  pages: AsyncIterable<Page> | Iterable<Page>,
  query: DeploymentQuery,
  budget: ReturnType<typeof statusBudget>,
): Promise<ListedDeployments> {
  const writers = query.writers ?? defaultWriters;
  const records = new Map<number, DeploymentRecord>();
  const baseline = new Set<string>();
  let requests = 0;
  for await (const page of pages) {
    const ours = page.nodes.filter(({ task }) => task?.startsWith('devops-actions/'));
    const whole = await withOlderStatuses(github, ours, budget);
    requests += page.requests + whole.requests;
    let old = false;
    for (const { node, unread } of whole.read) {
      const record = readRecord(node, writers, unread);
      if (!record || (query.service !== undefined && !sameName(record.service, query.service))) continue;
      records.set(record.id, record);
      if (query.since !== undefined && record.createdAt < query.since) {
        old = true;
        if (record.distrust.length === 0 && record.statuses.some((s) => s.state === 'success'))
          baseline.add(`${record.environment}\n${record.service}`);
      }
    }
    const needed = new Set(
      [...records.values()].map(({ environment, service }) => `${environment}\n${service}`),
    );
    const enough = old && [...needed].every((key) => baseline.has(key));
    if (page.isLast || enough) break;
    if (records.size >= (query.limit ?? 10_000))
      return { records: [...records.values()], requests, complete: false };
  }
  return { records: [...records.values()], requests, complete: true };
}

const allQuery = /* GraphQL */ `
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
          ...LedgerRecord
        }
      }
    }
  }
  ${recordFragment}
`;

interface AllAnswer {
  repository: {
    deployments: {
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
      nodes: DeploymentNode[];
    };
  };
}

/** Everything in the environments, whoever made it: GraphQL cannot choose by task. */
async function* pagesOfAll(github: GitHub, environments: readonly string[]): AsyncGenerator<Page> {
  const variables = { environments: [...environments] };
  const connectionOf = (answer: AllAnswer) => answer.repository.deployments;
  for await (const page of connectionPages(github, allQuery, variables, connectionOf))
    yield { ...page, requests: 1 };
}

async function firstPage(github: GitHub, environments: readonly string[]): Promise<Page | undefined> {
  for await (const page of pagesOfAll(github, environments)) return page;
  return undefined;
}

const someQuery = /* GraphQL */ `
  query LedgerDeploymentsOfService($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...LedgerRecord
    }
  }
  ${recordFragment}
`;

/** A page is read again so often when one of its Deployments was deleted between the two requests. */
const mostTries = 3;

/** What carries the service's task: REST chooses by it and does not know statuses, GraphQL the other way round. */
async function* pagesOfService(github: GitHub, service: string, environment: string): AsyncGenerator<Page> {
  let tries = 1;
  for (let page = 1; ;) {
    const listed = await github.rest('GET /repos/{owner}/{repo}/deployments', {
      task: deploymentTask(service),
      environment,
      per_page: 100,
      page,
    });
    const isLast = listed.length < 100;
    if (listed.length === 0) return yield { nodes: [], isLast, requests: 1 };
    try {
      const ids = listed.map(({ node_id }) => node_id);
      const { nodes } = await github.graphql<{ nodes: DeploymentNode[] }>(someQuery, { ids });
      yield { nodes, isLast, requests: 2 };
    } catch (error) {
      const deleted = error instanceof GitHubError && /Could not resolve to a node/i.test(error.message);
      if (!deleted || tries++ >= mostTries) throw error;
      continue;
    }
    if (isLast) return;
    page++;
  }
}
