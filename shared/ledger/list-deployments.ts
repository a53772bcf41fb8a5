import type { GitHub } from '../github/client.js';
import { connectionPages } from '../github/connection.js';
import { GitHubError } from '../github/problem.js';
import { deploymentTask, sameName } from './names.js';
import { readNodes } from './nodes.js';
import { readRecord, recordFragment, type DeploymentNode } from './read-record.js';
import { statusBudget, withOlderStatuses } from './read-statuses.js';
import { isSuccess, type DeploymentRecord } from './record.js';
import { defaultWriters } from './proof/trust.js';

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
  const writers = query.writers ?? defaultWriters;
  const tried = service !== undefined && query.wholeFirst ? await firstPage(github, environments) : undefined;
  const pages = tried?.isLast
    ? [tried]
    : service === undefined
      ? pagesOfAll(github, environments)
      : pagesOfService(github, service, [...new Set(environments)]);
  const records = new Map<number, DeploymentRecord>();
  const baseline = new Set<string>();
  const budget = statusBudget();
  let requests = tried && !tried.isLast ? tried.requests : 0;
  let complete = true;
  for await (const page of pages) {
    const ours = page.nodes.filter(({ task }) => task?.startsWith('devops-actions/'));
    const whole = await withOlderStatuses(github, ours, budget);
    requests += page.requests + whole.requests;
    let old = false;
    for (const { node, unread } of whole.read) {
      const record = readRecord(node, writers, unread);
      if (!record || (service !== undefined && !sameName(record.service, service))) continue;
      records.set(record.id, record);
      if (query.since !== undefined && record.createdAt < query.since) {
        old = true;
        if (record.distrust.length === 0 && record.statuses.some(isSuccess))
          baseline.add(`${record.environment}\n${record.service}`);
      }
    }
    const needed = new Set([...records.values()].map((record) => `${record.environment}\n${record.service}`));
    const enough = old && [...needed].every((key) => baseline.has(key));
    if (page.isLast || enough) break;
    complete = records.size < (query.limit ?? 10_000);
    if (!complete) break;
  }
  const sorted = [...records.values()];
  if (service !== undefined && environments.length > 1)
    sorted.sort((a, b) => b.createdAt - a.createdAt || b.id - a.id);
  return { records: sorted, requests, complete };
}

/** Some Deployments of a list, and how many requests they took. */
interface Page {
  nodes: readonly DeploymentNode[];
  isLast: boolean;
  requests: number;
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

/** Deployments of a page. */
const perPage = 100;

/** A page is read again so often when one of its Deployments was deleted between the two requests. */
const mostTries = 3;

/**
 * What carries the service's task: REST chooses by it and does not know statuses, GraphQL the other way round. The next
 * pages of several environments are read together; a service of few Deployments has them all in one list.
 */
async function* pagesOfService(
  github: GitHub,
  service: string,
  environments: readonly string[],
): AsyncGenerator<Page> {
  let open: readonly (string | undefined)[] = environments.length === 1 ? environments : [undefined];
  for (let page = 1, tries = 1, listed = 0; open.length > 0;) {
    const lists = await Promise.all(open.map((environment) => readList(github, service, environment, page)));
    listed += lists.length;
    if (open[0] === undefined && lists[0]?.length === perPage) {
      open = environments;
      continue;
    }
    const chosen = lists
      .flat()
      .filter(
        ({ environment }) =>
          open[0] !== undefined || environments.some((name) => sameName(name, environment)),
      );
    try {
      const { nodes, requests } = await readNodes<DeploymentNode>(
        github,
        someQuery,
        chosen.map(({ node_id }) => node_id),
      );
      open = open.filter((_, at) => lists[at]!.length === perPage);
      yield { nodes, isLast: open.length === 0, requests: listed + requests };
      page++;
      listed = 0;
    } catch (error) {
      const deleted = error instanceof GitHubError && /Could not resolve to a node/i.test(error.message);
      if (!deleted || tries++ >= mostTries) throw error;
    }
  }
}

/** A page of a service's Deployments, in one environment or in all. */
const readList = (github: GitHub, service: string, environment: string | undefined, page: number) =>
  github.rest('GET /repos/{owner}/{repo}/deployments', {
    task: deploymentTask(service),
    ...(environment === undefined ? {} : { environment }),
    per_page: perPage,
    page,
  });
