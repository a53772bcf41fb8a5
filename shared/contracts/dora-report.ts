import * as z from 'zod';
import { instantSchema, nameSchema, shaSchema } from './formats.js';

const id = z.int().positive();
const count = z.int().nonnegative();

/** Everything the numbers are made of, as the ledger said it: the same facts and question give the same report. */
export const doraFactsSchema = z.strictObject({
  readAt: instantSchema,
  /** Address of the repository's pages, for links. */
  repositoryUrl: z.string(),
  /** Newest first. */
  deployments: z.array(
    z.strictObject({
      id,
      service: nameSchema,
      environment: z.string(),
      sha: shaSchema,
      version: z.string(),
      kind: z.enum(['release', 'hotfix', 'rollback']),
      /** For a rollback: the Deployment it took back. */
      previous: id.optional(),
      run: z.strictObject({ id, attempt: id }),
      createdAt: instantSchema,
      /** Oldest first. */
      statuses: z.array(z.strictObject({ state: z.string(), at: instantSchema })),
      /** Reasons why it is shown and not counted. */
      distrust: z.array(z.string()),
    }),
  ),
  incidents: z.array(
    z.strictObject({
      number: id,
      url: z.string(),
      title: z.string(),
      openedAt: instantSchema,
      closedAt: instantSchema.optional(),
      severity: z.string().optional(),
      /** Undefined where the hidden marker is missing or was last edited by someone else: shown and not counted. */
      marker: z
        .strictObject({ service: nameSchema, environment: nameSchema, causedBy: id.optional() })
        .optional(),
    }),
  ),
  commits: z.array(
    z.strictObject({
      oid: shaSchema,
      parents: z.array(shaSchema),
      committedAt: instantSchema,
      authoredAt: instantSchema,
      headline: z.string(),
      /** Whole shas, or at least 7 characters of them. */
      reverts: z.array(z.string().regex(/^[0-9a-f]{7,40}$/)),
      /** As `owner/repository#number`, lower case. */
      revertsPulls: z.array(z.string()).default([]),
      pull: z.string().optional(),
    }),
  ),
  /**
   * Deployments of each service whose commits were read, in the order they went live; the first says what was there
   * before.
   */
  chains: z.array(z.array(id)),
  /** Deployed shas the repository no longer has. */
  missingCommits: z.array(shaSchema),
  /** Whether all there was could be read. */
  complete: z.strictObject({ deployments: z.boolean(), commits: z.boolean() }),
  requests: z.strictObject({ deployments: count, commits: count, incidents: count }),
});
export type DoraFacts = z.output<typeof doraFactsSchema>;

export const tierModelSchema = z.enum(['seed', '2023', 'none']);
export type TierModel = z.output<typeof tierModelSchema>;
export const tierSchema = z.enum(['elite', 'high', 'medium', 'low']);
export type Tier = z.output<typeof tierSchema>;

/** What was asked. The window is half-open: `from` belongs to it, `to` does not. */
export const doraQuestionSchema = z.strictObject({
  environment: z.string(),
  /** Empty for all services of the environment. */
  services: z.array(z.string()),
  from: instantSchema,
  to: instantSchema,
  timezone: z.string(),
  tiers: tierModelSchema,
  leadTimeStart: z.literal('commit'),
  countRollbacks: z.boolean(),
});
export type DoraQuestion = z.output<typeof doraQuestionSchema>;

const evidence = z.strictObject({ text: z.string(), url: z.string() });
/** Hours, or null where nothing was measured. */
const hours = z.number().nullable();
const spread = { n: count, mean: hours, p50: hours, p75: hours, p90: hours };
const tiered = { tier: tierSchema.nullable() };

const durationsSchema = z.strictObject({
  ...spread,
  ...tiered,
  unit: z.literal('hours'),
  events: z.array(z.strictObject({ hours: z.number(), of: evidence, until: evidence, at: instantSchema })),
  /** Begun and not over at the end of the window: not in the numbers. */
  open: z.array(z.strictObject({ hours: z.number(), of: evidence })),
});
export type Durations = z.output<typeof durationsSchema>;

const rateSchema = z.strictObject({
  /** Share from 0 to 1, or null without deployments. */
  value: z.number().nullable(),
  hits: count,
  n: count,
  ...tiered,
  events: z.array(z.strictObject({ of: evidence, at: instantSchema, because: z.array(evidence) })),
});
export type Rate = z.output<typeof rateSchema>;

const frequencySchema = z.strictObject({
  perDay: z.number(),
  n: count,
  /** Calendar days of the window, in the time zone of the question. */
  days: z.number(),
  daysWithDeployment: count,
  ...tiered,
});
export type Frequency = z.output<typeof frequencySchema>;

const bucketSchema = z.strictObject({
  /** First local day of the bucket, such as 2026-03-30; weeks begin on Monday. */
  day: z.string(),
  /** Cut off by the window at either end. */
  partial: z.boolean(),
  deployments: count,
  failed: count,
  rework: count,
  changeFailRate: z.number().nullable(),
  leadTime: z.strictObject(spread),
  recovery: z.strictObject(spread),
});
export type Bucket = z.output<typeof bucketSchema>;

const outcomeSchema = z.enum(['succeeded', 'failed', 'taken back']);
const deploymentRowSchema = z.strictObject({
  id,
  url: z.string(),
  service: z.string(),
  version: z.string(),
  sha: shaSchema,
  kind: z.enum(['release', 'hotfix', 'rollback']),
  at: instantSchema,
  outcome: outcomeSchema,
  counted: z.boolean(),
  rework: z.boolean(),
  commits: count,
  leadTimeP50: hours,
  recoveredBy: id.optional(),
});
export type DeploymentRow = z.output<typeof deploymentRowSchema>;

const measuresSchema = z.strictObject({
  service: z.string(),
  leadTime: durationsSchema,
  frequency: frequencySchema,
  changeFailRate: rateSchema,
  recovery: durationsSchema,
  timeToRestore: durationsSchema,
  reworkRate: rateSchema,
  weeks: z.array(bucketSchema),
  days: z.array(bucketSchema),
});
export type Measures = z.output<typeof measuresSchema>;

const leftOutSchema = z.strictObject({
  what: z.string(),
  count,
  why: z.string(),
  examples: z.array(evidence),
});
export type LeftOut = z.output<typeof leftOutSchema>;

/** What dora-report writes. */
export const doraReportSchema = z.strictObject({
  schema: z.literal('devops-actions/dora-report@1'),
  result: z.enum(['measured', 'no-deployments']),
  question: doraQuestionSchema,
  /** All chosen services pooled. With several services read `services`: DORA's numbers are meant for one. */
  total: measuresSchema,
  services: z.array(measuresSchema),
  /** Newest first. */
  deployments: z.array(deploymentRowSchema),
  leftOut: z.array(leftOutSchema),
  notes: z.array(z.string()),
  facts: doraFactsSchema,
});
export type DoraReport = z.output<typeof doraReportSchema>;
