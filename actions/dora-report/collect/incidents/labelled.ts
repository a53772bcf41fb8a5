import type { IncidentFact } from '../../../../shared/contracts/dora-facts.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { connectionPages } from '../../../../shared/github/connection.js';
import { isoInstant, parseInstant } from '../../../../shared/time/instant.js';
import { isService } from '../../../../shared/ledger/names.js';
import { causeIn } from './cause-text.js';

const query = /* GraphQL */ `
  query LabelledIssues($owner: String!, $name: String!, $label: String!, $since: DateTime, $after: String) {
    repository(owner: $owner, name: $name) {
      issues(
        labels: [$label]
        filterBy: { since: $since }
        first: 100
        after: $after
        orderBy: { field: CREATED_AT, direction: DESC }
      ) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          number
          url
          title
          body
          createdAt
          closedAt
          labels(first: 50) {
            nodes {
              name
            }
          }
        }
      }
    }
  }
`;

interface Node {
  number: number;
  url: string;
  title: string;
  body: string;
  createdAt: string;
  closedAt: string | null;
  labels: { nodes: { name: string }[] };
}

interface Answer {
  repository: { issues: { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: Node[] } };
}

/**
 * Issues of a label as incidents: only who may triage can set one. `service:<name>` among the labels says whose, and
 * `caused-by: <commit or Deployment>` in the text which deployment.
 */
export async function listLabelled(
  github: GitHub,
  request: { label: string; since: string; environment: string; services: ReadonlySet<string> },
): Promise<{ incidents: IncidentFact[]; requests: number }> {
  const incidents: IncidentFact[] = [];
  let requests = 0;
  for await (const { nodes } of connectionPages(
    github,
    query,
    { label: request.label, since: request.since },
    (answer: Answer) => answer.repository.issues,
  )) {
    requests++;
    for (const node of nodes) {
      const opened = parseInstant(node.createdAt);
      const closed = parseInstant(node.closedAt ?? '');
      if (opened === undefined) continue;
      const names = node.labels.nodes.map(({ name }) => name);
      const service = serviceIn(names, request.services);
      incidents.push({
        key: String(node.number),
        source: 'label',
        url: node.url,
        title: node.title,
        openedAt: isoInstant(opened),
        ...(closed === undefined ? {} : { closedAt: isoInstant(closed) }),
        marker: {
          ...(service === undefined ? {} : { service }),
          environment: request.environment,
          ...causeIn(node.body),
        },
      });
    }
  }
  return { incidents, requests };
}

/** The service that a label names, as the ledger writes it too: a long name is cut there. */
function serviceIn(labels: readonly string[], services: ReadonlySet<string>): string | undefined {
  const named = labels.map((label) => /^service:\s*(.+)$/i.exec(label)?.[1]).find(Boolean);
  return named === undefined ? undefined : [...services].find((service) => isService(named, service));
}
