import type * as z from 'zod';
import { reportSchema as switchReport } from '../actions/blue-green-switch/inputs.js';
import { deploymentPayloadSchema } from '../shared/contracts/deployment.js';
import { verdictSchema } from '../shared/contracts/verdict.js';
import { incidentMarkerSchema } from '../shared/ledger/incidents.js';
import { lockSchema } from '../shared/ledger/lock.js';
import { watchSchema } from '../shared/ledger/watch.js';
import { trafficSchema } from '../shared/traffic/config.js';

/** A document that people write (`input`) or that the suite writes (`output`). */
interface Document {
  title: string;
  schema: z.ZodType;
  io: 'input' | 'output';
}

/** Every document with a published JSON Schema, by file name in schemas/. */
export const documents: Record<string, Document> = {
  traffic: { title: 'Traffic file: colours and router of a service', schema: trafficSchema, io: 'input' },
  verdict: { title: 'Verdict of gate-check', schema: verdictSchema, io: 'output' },
  'switch-report': { title: 'Report of blue-green-switch', schema: switchReport, io: 'output' },
  deployment: {
    title: 'Payload of a Deployment of the suite',
    schema: deploymentPayloadSchema,
    io: 'output',
  },
  lock: { title: 'Lock on the traffic of a service', schema: lockSchema, io: 'output' },
  watch: { title: 'Watch over a release', schema: watchSchema, io: 'output' },
  incident: { title: 'Marker of an incident', schema: incidentMarkerSchema, io: 'output' },
};
