import * as z from 'zod';
import { digestSchema, nameSchema, versionSchema } from '../formats.js';

/** A service of a go-live with what it is released as, as the plan and the ledger of the stage before say it. */
export const goLiveServiceSchema = z.strictObject({
  service: z.string(),
  rank: z.int().min(1).max(5),
  environment: nameSchema,
  version: versionSchema,
  digest: digestSchema,
  url: z.string().describe('Public address, for the look behind the CDN; empty where the plan names none.'),
  backup: z.boolean(),
  cdn: z.boolean(),
  'back-with': z.array(z.string()),
  live: z.boolean().describe('It was live before the go-live began, so it is left as it is.'),
});

/** What a go-live is about to do: the plan file with what is to be released filled in. */
export const goLivePlanSchema = z.strictObject({
  releaseId: z.string(),
  attempt: z.int().positive().describe('Attempt of the run that planned; no other one releases anything.'),
  commit: z.string().describe('Commit of the default branch that the plan was read at.'),
  takeBack: z.enum(['failed', 'all']),
  database: z
    .strictObject({
      service: z.string(),
      environment: nameSchema,
      version: versionSchema,
      reversibleSchema: z.string().optional(),
    })
    .optional(),
  services: z.array(goLiveServiceSchema),
  verify: z.strictObject({ suite: z.string(), url: z.string() }).optional(),
  watchHours: z.number().positive(),
  releaseWorkflows: z.array(z.string()),
});

export const goLiveStates = [
  'released',
  'already-live',
  'stopped',
  'rolled-back',
  'live',
  'not-started',
  'unknown',
] as const;

/** One line of the runbook. */
export const goLiveRowSchema = z.strictObject({
  order: z.string(),
  what: z.string(),
  action: z.string(),
  verification: z.string(),
  is: z
    .enum([...goLiveStates, 'done', 'failed'])
    .describe(
      'live: it has the traffic, and something about it is not well. stopped: it never got traffic. done and failed: steps that are no service.',
    ),
  why: z.string(),
  minutes: z.number().nonnegative().optional(),
});

/** What became of a go-live. */
export const goLiveReportSchema = z.strictObject({
  schema: z.literal('devops-actions/go-live-report@1'),
  result: z
    .enum(['planned', 'released', 'stopped', 'taken-back', 'held'])
    .describe(
      'stopped: what was released before the failure stays. taken-back: what had to go back is back. held: a person must look.',
    ),
  message: z.string(),
  releaseId: z.string(),
  rows: z.array(goLiveRowSchema),
  notes: z.array(z.string()),
});

export type GoLiveService = z.output<typeof goLiveServiceSchema>;
export type GoLivePlan = z.output<typeof goLivePlanSchema>;
export type GoLiveRow = z.output<typeof goLiveRowSchema>;
export type GoLiveReport = z.output<typeof goLiveReportSchema>;
