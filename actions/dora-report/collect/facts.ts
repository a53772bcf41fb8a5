import type { CommitFact, IncidentFact } from '../../../shared/contracts/dora-facts.js';
import type { Incident } from '../../../shared/ledger/incidents.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { GraphCommit } from '../metrics/commit-graph.js';

/** An incident of the suite as a fact. */
export function incidentFact(incident: Incident): IncidentFact {
  const { marker } = incident;
  const closedAt =
    marker?.resolvedAt ?? (incident.closedAt === undefined ? undefined : isoInstant(incident.closedAt));
  return {
    key: String(incident.number),
    source: 'suite',
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

/** A commit as a fact; `touches` are the services of whose paths it changed something. */
export function commitFact(commit: GraphCommit, touches: readonly string[] | undefined): CommitFact {
  return {
    oid: commit.oid,
    parents: [...commit.parents],
    committedAt: isoInstant(commit.committedAt),
    authoredAt: isoInstant(commit.authoredAt),
    headline: commit.headline,
    ...(commit.author ? { author: commit.author } : {}),
    reverts: [...commit.reverts],
    revertsPulls: [...commit.revertsPulls],
    ...(commit.pull === undefined ? {} : { pull: commit.pull }),
    ...(touches === undefined ? {} : { touches: [...touches] }),
  };
}
