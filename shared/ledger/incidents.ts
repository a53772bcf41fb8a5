import type { GitHub } from '../github/client.js';
import { repositoryQuery, type QueryPart } from '../github/repository-query.js';
import { GitHubError } from '../github/problem.js';
import { connectionPages } from '../github/connection.js';
import { underIncidentLock, type IncidentLockPorts } from './incident-lock.js';
import { incidentLabels, issueBody, writeMarker, type IncidentMarker } from './incident-marker.js';
import { incidentFields, toIncident, type Incident, type IncidentNode } from './incident-node.js';
import { defaultWriters } from './proof/trust.js';

export type { Incident } from './incident-node.js';
export {
  incidentLabels,
  incidentMarkerSchema,
  readMarker,
  writeMarker,
  type IncidentMarker,
} from './incident-marker.js';

/** GitHub takes titles up to this long. */
const longestTitle = 256;

/** What is opened. */
export interface NewIncident {
  title: string;
  body: string;
  marker: IncidentMarker;
  /** What is added to the one that is open already; by default the body. */
  again?: string;
  /** Labels beside those that every incident has. */
  labels?: readonly string[];
}

/** An incident that was opened, or was open already. */
export interface Opened {
  number: number;
  url: string;
  fresh: boolean;
  /** Why two runs at the same time could each have opened one, when the lock could not be had. */
  doubt?: string;
}

/**
 * Opens an incident, or returns the open one with the same fingerprint after adding the text to it. With `once`, any
 * number of runs at the same time open one. Needs `issues: write`, for `once` `contents: write` too.
 */
export async function openIncident(
  github: GitHub,
  incident: NewIncident,
  writers: readonly string[] = defaultWriters,
  once?: IncidentLockPorts,
): Promise<Opened> {
  const { fingerprint } = incident.marker;
  const isIt = (candidate: Incident) => candidate.open && candidate.marker?.fingerprint === fingerprint;
  const addTo = async ({ number, url }: Pick<Incident, 'number' | 'url'>): Promise<Opened> => {
    await github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: number,
      body: incident.again ?? incident.body,
    });
    return { number, url, fresh: false };
  };
  const find = async (number: number | undefined): Promise<Incident | undefined> => {
    const noted = number === undefined ? undefined : await readIncident(github, number, writers);
    if (noted && isIt(noted.incident)) return noted.incident;
    const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
    return incidents.find(isIt);
  };
  const create = async (): Promise<Opened> => {
    const created = await github.rest('POST /repos/{owner}/{repo}/issues', {
      title: incident.title.slice(0, longestTitle),
      body: issueBody(incident.body, `${writeMarker(incident.marker)}\n`),
      labels: [...incidentLabels(incident.marker), ...(incident.labels ?? [])],
    });
    return { number: created.number, url: created.html_url, fresh: true };
  };
  const open = async (number: number | undefined, keep?: () => Promise<void>): Promise<Opened> => {
    const known = await find(number);
    if (known) return addTo(known);
    await keep?.();
    try {
      return await create();
    } catch (error) {
      // Without an answer it may be there or not, and nobody may come again: an alert is sent once.
      if (!(error instanceof GitHubError) || (error.status !== 0 && error.status < 500)) throw error;
      const made = await find(undefined);
      return made ? { number: made.number, url: made.url, fresh: true } : create();
    }
  };
  // Who was cancelled has seconds left, which are for the incident itself.
  return once && !once.signal?.aborted ? underIncidentLock(once, fingerprint, open) : open(undefined);
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
        ${incidentFields}
      }
    }
  `,
};

const listQuery = repositoryQuery('LedgerIncidents', [incidentsPart]);

/** A page of incidents as GitHub answers it. */
export interface IncidentsPage {
  issues: {
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes: IncidentNode[];
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
    incidents.push(...nodes.map((node) => toIncident(node, writers)));
  }
  return { incidents, requests };
}

const oneQuery = repositoryQuery('LedgerIncident', [
  {
    variables: { number: 'Int!' },
    members: /* GraphQL */ `
      issue(number: $number) {
        ${incidentFields}
      }
    `,
  },
]);

/** An issue with its text, and as an incident. */
export interface ReadIncident {
  incident: Incident;
  node: IncidentNode;
}

/** One issue by its number; undefined when there is none. Needs `issues: read`. */
export async function readIncident(
  github: GitHub,
  number: number,
  writers: readonly string[] = defaultWriters,
): Promise<ReadIncident | undefined> {
  try {
    const { repository } = await github.graphql<{ repository: { issue: IncidentNode | null } }>(oneQuery, {
      number,
    });
    return repository.issue
      ? { incident: toIncident(repository.issue, writers), node: repository.issue }
      : undefined;
  } catch (error) {
    // GraphQL answers a number that is none, or a pull request's, with an error.
    if (error instanceof GitHubError && error.status === 422 && /could not resolve/i.test(error.message))
      return undefined;
    throw error;
  }
}
