import type { DoraFacts } from '../../../shared/contracts/dora-report.js';
import type { GitHub } from '../../../shared/github/client.js';
import type { GraphCommit } from '../metrics/commit-graph.js';
import { readCommits } from './commits.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { listIncidents, type Incident } from '../../../shared/ledger/incidents.js';
import { distrustUnread, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { requireEnvironment } from './known-environment.js';
import { chainsOf, ofServices, unitsOf, type DeploymentFact } from '../metrics/units.js';

export interface GatherRequest {
  environment: string;
  services: readonly string[];
  /** Epoch milliseconds, half-open. */
  from: number;
  to: number;
  writers: readonly string[];
  /** Address of the repository's pages. */
  repositoryUrl: string;
  readAt: number;
}

/** Reads what the report is made of from the ledger: 100 deployments, incidents or commits a request. */
export async function gather(github: GitHub, request: GatherRequest): Promise<DoraFacts> {
  const { environment, from, to, writers } = request;
  const listed = await listDeployments(github, { environments: [environment], since: from, writers });
  if (listed.records.length === 0) await requireEnvironment(github, environment);
  const deployments = distrustUnread(listed.records).map(deploymentFact);
  const chains = chainsOf(unitsOf(ofServices(deployments, request.services)).units, from, to);
  const history = await readCommits(github, { chains: chains.map((chain) => chain.map((unit) => unit.sha)) });
  const { incidents, requests } = await listIncidents(github, {
    states: ['OPEN', 'CLOSED'],
    since: isoInstant(from),
    writers,
  });
  return {
    readAt: isoInstant(request.readAt),
    repositoryUrl: request.repositoryUrl,
    deployments,
    incidents: incidents.map(incidentFact),
    commits: [...history.commits.values()].map(commitFact),
    chains: chains.map((chain) => chain.map((unit) => unit.id)),
    missingCommits: [...history.missing],
    complete: { deployments: listed.complete, commits: history.complete },
    requests: { deployments: listed.requests, commits: history.requests, incidents: requests },
  };
}

function deploymentFact(record: DeploymentRecord): DeploymentFact {
  const { payload } = record;
  return {
    id: record.id,
    service: record.service,
    environment: record.environment,
    sha: record.sha,
    version: payload.version,
    kind: payload.kind,
    ...(payload.kind === 'rollback' && payload.previous !== undefined ? { previous: payload.previous } : {}),
    run: payload.run,
    createdAt: isoInstant(record.createdAt),
    statuses: record.statuses.map(({ state, at }) => ({ state, at: isoInstant(at) })),
    distrust: [...record.distrust],
  };
}

function incidentFact(incident: Incident): DoraFacts['incidents'][number] {
  const { marker } = incident;
  const closedAt =
    marker?.resolvedAt ?? (incident.closedAt === undefined ? undefined : isoInstant(incident.closedAt));
  return {
    number: incident.number,
    url: incident.url,
    title: incident.title,
    openedAt: marker?.openedAt ?? isoInstant(incident.createdAt),
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(incident.severity ? { severity: incident.severity } : {}),
    ...(marker
      ? {
          marker: {
            service: marker.service,
            environment: marker.environment,
            ...(marker.causedBy === undefined ? {} : { causedBy: marker.causedBy }),
          },
        }
      : {}),
  };
}

function commitFact(commit: GraphCommit): DoraFacts['commits'][number] {
  return {
    oid: commit.oid,
    parents: [...commit.parents],
    committedAt: isoInstant(commit.committedAt),
    authoredAt: isoInstant(commit.authoredAt),
    headline: commit.headline,
    reverts: [...commit.reverts],
    revertsPulls: [...commit.revertsPulls],
    ...(commit.pull === undefined ? {} : { pull: commit.pull }),
  };
}
