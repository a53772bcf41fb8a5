import type * as z from 'zod';
import { criteriaFileSchema } from '../shared/analysis/criteria/criteria-file.js';
import { suiteSchema } from '../actions/smoke-test/suite/schema/schema.js';
import { migrationsSchema } from '../actions/migration-check/config/schema.js';
import { incidentsSchema } from '../actions/incident/config/schema.js';
import { waiversSchema } from '../actions/scan-report/waivers.js';
import { policySchema } from '../actions/gate-check/policy.js';
import { gateReportSchema } from '../actions/gate-check/report.js';
import { analysisReportSchema } from '../shared/contracts/reports/analysis-report.js';
import { doctorReportSchema } from '../shared/contracts/reports/doctor-report.js';
import { doraReportSchema } from '../shared/contracts/reports/dora-report.js';
import { errorReportSchema } from '../shared/contracts/reports/error-report.js';
import { fleetReportSchema } from '../shared/contracts/fleet-report.js';
import { hotfixReportSchema } from '../shared/contracts/reports/hotfix-report.js';
import { incidentReportSchema } from '../shared/contracts/reports/incident-report.js';
import { goLiveReportSchema } from '../shared/contracts/reports/go-live-report.js';
import { goLiveFileSchema } from '../cli/steps/go-live/plan-file.js';
import { migrationReportSchema } from '../shared/contracts/reports/migration-report.js';
import { notificationSchema, notifyReportSchema } from '../shared/contracts/notification.js';
import { planReportSchema } from '../shared/contracts/reports/plan-report.js';
import { releaseCandidateReportSchema } from '../shared/contracts/reports/release-candidate-report.js';
import { scanReportSchema } from '../shared/contracts/reports/scan-report.js';
import { testReportSchema } from '../shared/contracts/reports/test-report.js';
import { smokeReport } from '../shared/contracts/reports/smoke-report.js';
import { switchReportSchema } from '../shared/contracts/reports/switch-report.js';
import { deploymentPayloadSchema } from '../shared/contracts/deployment.js';
import { verdictSchema } from '../shared/contracts/verdict.js';
import { incidentMarkerSchema } from '../shared/ledger/incidents.js';
import { incidentLockSchema } from '../shared/ledger/incident-lock.js';
import { lockSchema } from '../shared/ledger/refs/lock.js';
import { watchSchema } from '../shared/ledger/refs/watch.js';
import { trafficSchema } from '../shared/traffic/config/schema.js';

/** A document that people write (`input`) or that the suite writes (`output`). */
export interface Document {
  title: string;
  schema: z.ZodType;
  io: 'input' | 'output';
}

/** Every document with a published JSON Schema, by file name in schemas/. */
export const documents: Record<string, Document> = {
  traffic: { title: 'Traffic file: colours and router of a service', schema: trafficSchema, io: 'input' },
  'release-policy': {
    title: 'Release policy: the gates of each environment',
    schema: policySchema,
    io: 'input',
  },
  'smoke-suite': { title: 'Smoke suite', schema: suiteSchema, io: 'input' },
  rollback: { title: 'Rollback criteria', schema: criteriaFileSchema, io: 'input' },
  incidents: {
    title: 'File of incidents: severities, on call, hooks, alerts, post-mortem',
    schema: incidentsSchema,
    io: 'input',
  },
  migrations: { title: 'Migrations file of a service', schema: migrationsSchema, io: 'input' },
  'go-live': { title: 'Go-live: several services in their order', schema: goLiveFileSchema, io: 'input' },
  waivers: {
    title: 'Waivers: findings of scanners that may stay, until when',
    schema: waiversSchema,
    io: 'input',
  },
  'gate-report': { title: 'Report of gate-check', schema: gateReportSchema, io: 'output' },
  'smoke-report': { title: 'Report of smoke-test', schema: smokeReport, io: 'output' },
  'test-report': { title: 'Report of test-report', schema: testReportSchema, io: 'output' },
  'plan-report': { title: 'Report of plan-report', schema: planReportSchema, io: 'output' },
  'scan-report': { title: 'Report of scan-report', schema: scanReportSchema, io: 'output' },
  'dora-report': { title: 'Report of dora-report', schema: doraReportSchema, io: 'output' },
  'doctor-report': { title: 'Report of doctor', schema: doctorReportSchema, io: 'output' },
  'fleet-report': { title: 'Report of fleet-update', schema: fleetReportSchema, io: 'output' },
  'go-live-report': { title: 'Report of go-live', schema: goLiveReportSchema, io: 'output' },
  'hotfix-report': {
    title: 'Report of hotfix-check',
    schema: hotfixReportSchema,
    io: 'output',
  },
  'release-candidate-report': {
    title: 'Report of release-candidate',
    schema: releaseCandidateReportSchema,
    io: 'output',
  },
  'analysis-report': { title: 'Report of auto-rollback', schema: analysisReportSchema, io: 'output' },
  'incident-report': { title: 'Report of incident', schema: incidentReportSchema, io: 'output' },
  'migration-report': {
    title: 'Report of migration-check',
    schema: migrationReportSchema,
    io: 'output',
  },
  'notify-report': { title: 'Report of notify', schema: notifyReportSchema, io: 'output' },
  notification: { title: 'Message of notify to a webhook', schema: notificationSchema, io: 'output' },
  error: { title: 'Report of an action that stopped with an error', schema: errorReportSchema, io: 'output' },
  verdict: { title: 'Verdict of gate-check', schema: verdictSchema, io: 'output' },
  'switch-report': { title: 'Report of blue-green-switch', schema: switchReportSchema, io: 'output' },
  deployment: {
    title: 'Payload of a Deployment of the suite',
    schema: deploymentPayloadSchema,
    io: 'output',
  },
  lock: { title: 'Lock on the traffic of a service', schema: lockSchema, io: 'output' },
  watch: { title: 'Watch over a release', schema: watchSchema, io: 'output' },
  'incident-lock': { title: 'State while an incident is open', schema: incidentLockSchema, io: 'output' },
  incident: { title: 'Marker of an incident', schema: incidentMarkerSchema, io: 'output' },
};

/** The schema of a document that the suite writes, by what it says of itself (`devops-actions/smoke-report@1`). */
export function schemaOf(id: string): z.ZodType {
  const document = documents[/^devops-actions\/([a-z-]+)@\d+$/.exec(id)?.[1] ?? ''];
  if (document?.io !== 'output') throw new Error(`no document of the suite has the schema ${id}`);
  return document.schema;
}
