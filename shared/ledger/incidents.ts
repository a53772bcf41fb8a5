import * as z from 'zod';
import { instantSchema, nameSchema } from '../contracts/formats.js';
import { severitySchema, type Severity } from '../contracts/severity.js';
import type { GitHub } from '../github/client.js';
import { repositoryQuery, type QueryPart } from '../github/repository-query.js';
import { connectionPages } from '../github/connection.js';
import { parseInstant } from '../time/instant.js';
import { isService, serviceLabel } from './names.js';
import { identityOf, type Actor } from './record.js';
import { defaultWriters, isWriter } from './proof/trust.js';

/** What the suite knows of an incident, hidden in the issue's text. */
export const incidentMarkerSchema = z.strictObject({
  schema: z.literal('devops-actions/incident@1'),
  service: nameSchema,
  environment: nameSchema,
  severity: severitySchema,
  /** The Deployment that caused it, when one is known. */
  causedBy: z.int().positive().optional(),
  /** Same for the same trouble: an open incident with it is updated instead of a second one opened. */
  fingerprint: z.string(),
  openedAt: instantSchema,
  resolvedAt: instantSchema.optional(),
});

export type IncidentMarker = z.output<typeof incidentMarkerSchema>;

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

const open = '<!-- devops-actions:incident ';
const close = ' -->';

/** The marker as a hidden line; nothing inside can end the comment. */
export function writeMarker(marker: IncidentMarker): string {
  return `${open}${JSON.stringify(marker).replace(/[<>-]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}${close}`;
}

/**
 * The marker of a text, or undefined when there is none or it is not ours in form. Ours is the last: what stands above
 * it quotes others.
 */
export function readMarker(text: string): IncidentMarker | undefined {
  const start = text.lastIndexOf(open);
  const end = text.indexOf(close, start);
  if (start < 0 || end < 0) return undefined;
  try {
    const parsed = incidentMarkerSchema.safeParse(JSON.parse(text.slice(start + open.length, end)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Labels of an incident. */
export function incidentLabels(marker: Pick<IncidentMarker, 'severity' | 'service'>): string[] {
  return ['incident', `severity:${marker.severity}`, serviceLabel(marker.service)];
}

/** GitHub takes titles up to this long. */
const longestTitle = 256;

/**
 * Opens an incident, or returns the open one with the same fingerprint after adding the text to it. Needs `issues:
 * write`.
 */
export async function openIncident(
  github: GitHub,
  incident: { title: string; body: string; marker: IncidentMarker },
  writers: readonly string[] = defaultWriters,
): Promise<{ number: number; url: string; fresh: boolean }> {
  const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
  const known = incidents.find((candidate) => candidate.marker?.fingerprint === incident.marker.fingerprint);
  if (known) {
    await github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: known.number,
      body: incident.body,
    });
    return { number: known.number, url: known.url, fresh: false };
  }
  const created = await github.rest('POST /repos/{owner}/{repo}/issues', {
    title: incident.title.slice(0, longestTitle),
    body: `${incident.body}\n\n${writeMarker(incident.marker)}\n`,
    labels: incidentLabels(incident.marker),
  });
  return { number: created.number, url: created.html_url, fresh: true };
}

/** The list of incidents, to be asked for together with other members of the repository. */
export const incidentsPart: QueryPart = {
  variables: { states: '[IssueState!]', since: 'DateTime', after: 'String' },
  members: /* GraphQL */ `
    issues(
      labels: ["incident"]
      states: $states
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
      }
    }
  `,
};

const listQuery = repositoryQuery('LedgerIncidents', [incidentsPart]);

/** A page of incidents as GitHub answers it. */
export interface IncidentsPage {
  issues: {
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes: {
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
    }[];
  };
}

export interface IncidentQuery {
  states: readonly ('OPEN' | 'CLOSED')[];
  /** Only those updated since (ISO instant). */
  since?: string;
  writers?: readonly string[];
}

/**
 * Issues labelled `incident`, newest first, 100 a request; `first` is the first page where it is there already. Needs
 * `issues: read`.
 */
export async function listIncidents(
  github: GitHub,
  query: IncidentQuery,
  first?: IncidentsPage,
): Promise<{ incidents: Incident[]; requests: number }> {
  const writers = query.writers ?? defaultWriters;
  const incidents: Incident[] = [];
  let requests = 0;
  const variables = { states: [...query.states], since: query.since ?? null };
  for await (const { nodes } of connectionPages(
    github,
    listQuery,
    variables,
    (answer: { repository: IncidentsPage }) => answer.repository.issues,
    first && { repository: first },
  )) {
    requests++;
    for (const node of nodes) {
      const labels = node.labels.nodes.map((label) => label.name);
      const ours = [node.author, ...(node.lastEditedAt ? [node.editor] : [])].every((actor) =>
        isWriter(identityOf(actor), writers),
      );
      const marker = ours ? readMarker(node.body) : undefined;
      const labelled = labels
        .filter((label) => /^service:/i.test(label))
        .map((label) => label.slice('service:'.length).trim());
      incidents.push({
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
      });
    }
  }
  return { incidents, requests };
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

function worst(a: Severity | undefined, b: Severity | undefined): Severity | undefined {
  return severitySchema.options.find((severity) => severity === a || severity === b);
}
