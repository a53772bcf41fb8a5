import * as z from 'zod';
import { analysisReportSchema } from '../contracts/reports/analysis-report.js';
import { doctorReportSchema } from '../contracts/reports/doctor-report.js';
import { doraReportSchema } from '../contracts/reports/dora-report.js';
import { errorReportSchema } from '../contracts/reports/error-report.js';
import { fleetReportSchema } from '../contracts/fleet-report.js';
import { gateDecisionSchema } from '../contracts/reports/gate-report.js';
import { hotfixReportSchema } from '../contracts/reports/hotfix-report.js';
import { incidentReportSchema } from '../contracts/reports/incident-report.js';
import { goLiveReportSchema } from '../contracts/reports/go-live-report.js';
import { migrationReportSchema } from '../contracts/reports/migration-report.js';
import { planReportSchema } from '../contracts/reports/plan-report.js';
import { releaseCandidateReportSchema } from '../contracts/reports/release-candidate-report.js';
import type { Notification } from '../contracts/notification.js';
import { smokeReport } from '../contracts/reports/smoke-report.js';
import { switchReportSchema } from '../contracts/reports/switch-report.js';
import { compose, type News, type Setting } from './message.js';
import { tellDoctor } from './messages/doctor.js';
import { tellDora } from './messages/dora.js';
import { tellFleet } from './messages/fleet.js';
import { tellGate } from './messages/gate.js';
import { tellHotfix } from './messages/hotfix.js';
import { tellIncident } from './messages/incident.js';
import { tellGoLive } from './messages/go-live.js';
import { tellLost, type Lost } from './messages/lost.js';
import { tellMigration } from './messages/migration.js';
import { tellPlan } from './messages/plan.js';
import { tellCandidate } from './messages/release-candidate.js';
import { tellRollback } from './messages/rollback.js';
import { tellSmoke } from './messages/smoke.js';
import { tellError, tellUnread } from './messages/stopped.js';
import { tellSwitch } from './messages/switch.js';

/** Reads one kind of report and says what people are told of it; a list of what does not fit when it is not one. */
type Reader = (json: unknown, setting: Setting) => News | string[];

const reader =
  <S extends z.ZodType>(schema: S, tell: (report: z.output<S>, setting: Setting) => News): Reader =>
  (json, setting) => {
    const parsed = schema.safeParse(json);
    if (parsed.success) return tell(parsed.data, setting);
    return parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.') || 'report'}: ${message}`,
    );
  };

/** Every report that can be told, by the schema it names. */
const readers: Record<string, Reader> = {
  'devops-actions/gate-report@1': reader(gateDecisionSchema, tellGate),
  'devops-actions/switch-report@1': reader(switchReportSchema, tellSwitch),
  'devops-actions/smoke-report@1': reader(smokeReport, tellSmoke),
  'devops-actions/analysis-report@1': reader(analysisReportSchema, tellRollback),
  'devops-actions/migration-report@1': reader(migrationReportSchema, tellMigration),
  'devops-actions/incident-report@1': reader(incidentReportSchema, tellIncident),
  'devops-actions/plan-report@1': reader(planReportSchema, tellPlan),
  'devops-actions/dora-report@1': reader(doraReportSchema, tellDora),
  'devops-actions/doctor-report@1': reader(doctorReportSchema, tellDoctor),
  'devops-actions/fleet-report@1': reader(fleetReportSchema, tellFleet),
  'devops-actions/go-live-report@1': reader(goLiveReportSchema, tellGoLive),
  'devops-actions/release-candidate-report@1': reader(releaseCandidateReportSchema, tellCandidate),
  'devops-actions/hotfix-report@1': reader(hotfixReportSchema, tellHotfix),
  'devops-actions/error@1': reader(errorReportSchema, tellError),
};

/** What a report was read as: its schema and message, or the message that says why it could not be read. */
export interface Told {
  source: string;
  notification: Notification;
  refused?: string;
}

/** Problems of a report that a message lists. */
const mostProblems = 5;

/**
 * The message to people about the text of a report. One that is not as its schema says is refused, and people are told
 * that.
 */
export function tellReport(text: string, setting: Setting): Told {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return tellRefused('The report is not JSON.', setting);
  }
  const id = z.looseObject({ schema: z.string() }).safeParse(json).data?.schema;
  const known = Object.keys(readers).join(', ');
  if (id === undefined) return tellRefused(`The report names no schema; expected one of ${known}.`, setting);
  const read = Object.hasOwn(readers, id) ? readers[id]! : undefined;
  if (!read) return tellRefused(`The report is a ${id.slice(0, 100)}; expected one of ${known}.`, setting);
  const news = read(json, setting);
  if (!Array.isArray(news)) return { source: id, notification: compose(news, setting) };
  const problems = news.slice(0, mostProblems).join('; ');
  const rest = news.length - mostProblems;
  return tellRefused(
    `The report is not a valid ${id}: ${problems}${rest > 0 ? `; ${rest} more` : ''}.`,
    setting,
  );
}

/** The message that there is no report that can be read. */
export function tellRefused(why: string, setting: Setting): Told {
  const notification = compose(tellUnread(why, setting), setting);
  return { source: '', notification, refused: notification.body };
}

/** The message about a job that left no report since its runner died. */
export function tellLostJob(job: Lost, ended: string | undefined, setting: Setting): Told {
  return { source: '', notification: compose(tellLost(job, ended, setting), setting) };
}
