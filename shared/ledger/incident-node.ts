import { severitySchema, type Severity } from '../contracts/severity.js';
import { parseInstant } from '../time/instant.js';
import { readMarker, type IncidentMarker } from './incident-marker.js';
import { isService } from './names.js';
import { identityOf, type Actor } from './record.js';
import { isWriter } from './proof/trust.js';

export interface Incident {
  number: number;
  url: string;
  title: string;
  open: boolean;
  /** Epoch milliseconds. */
  createdAt: number;
  closedAt: number | undefined;
  labels: readonly string[];
  /** The worse of label and marker: a label may raise what the suite said, not lower it. Undefined while untriaged. */
  severity: Severity | undefined;
  /** From labels and marker; none means all services. */
  services: readonly string[];
  /** From the marker; undefined means all environments. */
  environment: string | undefined;
  /** Only where one of our identities is author and last editor. */
  marker: IncidentMarker | undefined;
}

/** What is asked of an issue that may be an incident. */
export const incidentFields = /* GraphQL */ `
  number
  url
  title
  body
  state
  createdAt
  closedAt
  author {
    __typename
    login
  }
  editor {
    __typename
    login
  }
  lastEditedAt
  labels(first: 100) {
    pageInfo {
      hasNextPage
    }
    nodes {
      name
    }
  }
`;

/** An issue as GitHub answers it. */
export interface IncidentNode {
  number: number;
  url: string;
  title: string;
  body: string;
  state: string;
  createdAt: string;
  closedAt: string | null;
  author: Actor | null;
  editor: Actor | null;
  lastEditedAt: string | null;
  labels: { pageInfo: { hasNextPage: boolean }; nodes: { name: string }[] };
}

/** Whether one of our identities wrote the issue and was the last to edit it: only then its marker counts. */
export function isOurs({ author, editor, lastEditedAt }: IncidentNode, writers: readonly string[]): boolean {
  return [author, ...(lastEditedAt ? [editor] : [])].every((actor) => isWriter(identityOf(actor), writers));
}

/** An issue read as an incident, by those whose marker counts. */
export function toIncident(node: IncidentNode, writers: readonly string[]): Incident {
  const labels = node.labels.nodes.map((label) => label.name);
  const marker = isOurs(node, writers) ? readMarker(node.body) : undefined;
  const labelled = labels
    .filter((label) => /^service:/i.test(label))
    .map((label) => label.slice('service:'.length).trim());
  return {
    number: node.number,
    url: node.url,
    title: node.title,
    open: node.state === 'OPEN',
    createdAt: parseInstant(node.createdAt) ?? 0,
    closedAt: node.closedAt ? parseInstant(node.closedAt) : undefined,
    labels,
    severity: node.labels.pageInfo.hasNextPage ? 'critical' : worst(severityOf(labels), marker?.severity),
    services: namesOf(labelled, marker?.service),
    environment: marker?.environment,
    marker,
  };
}

/** Services of labels and marker, each once: the marker has a long name whole that its label has cut. */
function namesOf(labelled: readonly string[], marked: string | undefined): string[] {
  if (marked === undefined) return [...new Set(labelled)];
  return [...new Set([...labelled.filter((name) => !isService(name, marked)), marked])];
}

/**
 * The worst severity label; one that is not understood counts as high, since a typing error must not hide an incident.
 */
function severityOf(labels: readonly string[]): Severity | undefined {
  return labels
    .map((label) => label.toLowerCase())
    .filter((label) => label.startsWith('severity'))
    .map((label) => severitySchema.safeParse(label.slice('severity:'.length).trim()).data ?? 'high')
    .reduce<Severity | undefined>(worst, undefined);
}

/** The worse of two severities; nothing is the least. */
export function worst(a: Severity | undefined, b: Severity | undefined): Severity | undefined {
  return severitySchema.options.find((severity) => severity === a || severity === b);
}
