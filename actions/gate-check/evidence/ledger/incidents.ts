import * as z from 'zod';
import { severitySchema } from '../../../../shared/contracts/severity.js';
import { incidentsPart, listIncidents, type IncidentsPage } from '../../../../shared/ledger/incidents.js';
import { defineEvidence, whole } from '../evidence.js';

const incidentSchema = z.strictObject({
  number: whole,
  url: z.string(),
  title: z.string(),
  severity: severitySchema.nullable(),
  services: z.array(z.string()),
  /** From our own marker; null when there is none. */
  environment: z.string().nullable(),
  /** What the suite itself wrote into it; null when somebody else opened or edited it. */
  marker: z
    .strictObject({ service: z.string(), environment: z.string(), severity: severitySchema })
    .nullable(),
});

export type IncidentEvidence = z.output<typeof incidentSchema>;

/** Open incidents; labels say what they are, and our own marker fills in what they leave out. */
export const incidents = defineEvidence({
  kind: 'incidents',
  what: 'the open incidents',
  schema: z.array(incidentSchema),
  permission: { issues: 'read' },
  first: () => ({ part: incidentsPart, variables: { states: ['OPEN'], since: null, after: null } }),
  collect: async (_needs: readonly true[], { github, writers, first }) => {
    const page = await first<IncidentsPage>('incidents');
    const { incidents: open } = await listIncidents(github, { states: ['OPEN'], writers }, page);
    return open.map(({ number, url, title, severity, services, environment, marker }) => ({
      number,
      url,
      title,
      severity: severity ?? null,
      services: [...services],
      environment: environment ?? null,
      marker: marker
        ? { service: marker.service, environment: marker.environment, severity: marker.severity }
        : null,
    }));
  },
});
