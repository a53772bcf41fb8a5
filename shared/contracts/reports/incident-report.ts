import * as z from 'zod';
import { instantSchema, nameSchema } from '../formats.js';
import { severitySchema } from '../severity.js';

const when = instantSchema.nullable();

/** An incident as it stands after the step. */
const incident = z.strictObject({
  number: z.int().positive(),
  url: z.string(),
  title: z.string().describe('As it stands in the issue; text of others.'),
  change: z
    .enum([
      'opened',
      'updated',
      'triaged',
      'contained',
      'not-contained',
      'noted',
      'resolved',
      'closed',
      'reopened',
      'escalated',
      'reminded',
      'none',
    ])
    .describe('What this step did to it.'),
  service: nameSchema,
  environment: nameSchema,
  severity: severitySchema,
  untriaged: z
    .array(z.string())
    .describe(
      'Why a person has to say where it belongs; none where that is known. Untriaged, it holds up nothing.',
    ),
  scope: z
    .union([z.literal('everybody'), z.array(z.string())])
    .nullable()
    .describe('Whom it meets: everybody, or these tenants. Null: nobody said yet.'),
  openedAt: instantSchema,
  deadline: when.describe('When somebody has to have answered; null: in the next cycle.'),
  acknowledged: z.strictObject({ by: z.string(), at: instantSchema }).nullable(),
  resolvedAt: when,
  timeToRestoreMs: z.number().nonnegative().nullable().describe('From its opening to resolvedAt.'),
  postMortem: z.string().nullable().describe('Address of the post-mortem with which it was closed.'),
});

const role = z.enum(['read', 'triage', 'write', 'maintain', 'admin']);

/** The facts of the decisions of a step, so that they can be made again from the report alone. */
const question = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('severity'),
    current: severitySchema,
    asked: severitySchema.nullable(),
    by: z.string(),
    role: role.nullable(),
    lowerRole: role,
    reason: z.string(),
    answer: z.enum(['kept', 'raised', 'lowered', 'refused']),
  }),
  z.strictObject({
    kind: z.literal('close'),
    text: z.string().describe('The post-mortem that was read; empty when there is none.'),
    sections: z.array(z.strictObject({ heading: z.string(), hint: z.string(), 'names-change': z.boolean() })),
    missing: z.array(z.strictObject({ heading: z.string(), why: z.string() })),
  }),
  z.strictObject({
    kind: z.literal('sweep'),
    nowMs: z.number(),
    remindAfterMs: z.number(),
    facts: z.array(
      z.strictObject({
        number: z.int().positive(),
        marker: z
          .strictObject({
            deadline: instantSchema.optional(),
            acknowledged: z.strictObject({ by: z.string(), at: instantSchema }).optional(),
            resolvedAt: instantSchema.optional(),
            escalatedAt: instantSchema.optional(),
            remindedAt: instantSchema.optional(),
          })
          .nullable(),
        owesPostMortem: z.boolean(),
      }),
    ),
    acts: z.array(z.strictObject({ number: z.int().positive(), act: z.enum(['escalate', 'remind']) })),
  }),
]);

/** What a step of incident did. */
export const incidentReportSchema = z.strictObject({
  schema: z.literal('devops-actions/incident-report@1'),
  mode: z.enum(['open', 'triage', 'contain', 'note', 'resolve', 'close', 'follow', 'sweep']),
  result: z
    .enum([
      'opened',
      'updated',
      'triaged',
      'contained',
      'not-contained',
      'noted',
      'resolved',
      'closed',
      'reopened',
      'refused',
      'swept',
      'nothing',
    ])
    .describe('nothing: there was nothing to do.'),
  ok: z.boolean().describe('Whether the step passed.'),
  message: z.string(),
  reasons: z.array(z.string()).describe('Why it was refused; each ends with its code.'),
  notes: z.array(z.string()).describe('What people should know and what changed nothing.'),
  by: z.string().describe('Login of who asked, or of whose token sent the alert.'),
  at: instantSchema.describe('By the clock of GitHub.'),
  run: z.string(),
  rules: z
    .strictObject({ path: z.string(), commit: z.string().nullable() })
    .describe('The file of incidents; without a commit the defaults hold.'),
  incidents: z.array(incident).describe('The worst first.'),
  contained: z
    .array(
      z.strictObject({
        hook: z.string(),
        tenant: z.string().nullable(),
        ok: z.boolean(),
        message: z.string(),
      }),
    )
    .describe('Calls of hooks; a tenant of null means everybody.'),
  hooks: z
    .array(z.strictObject({ hook: z.string(), issue: z.int().positive(), environment: nameSchema }))
    .describe(
      'Hooks that the file wants run at the alerts of this step; a job with the right login runs them.',
    ),
  question: question.nullable(),
});

export type IncidentReport = z.output<typeof incidentReportSchema>;
export type ReportedIncident = z.output<typeof incident>;
export type IncidentQuestion = z.output<typeof question>;
