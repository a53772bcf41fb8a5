import * as z from 'zod';
import { doraFactsSchema } from '../dora-facts.js';
import { instantSchema, shaSchema } from '../formats.js';

export { doraFactsSchema, type DoraFacts } from '../dora-facts.js';

const id = z.int().positive();
const count = z.int().nonnegative();

export const tierModelSchema = z.enum(['seed', '2019', '2021', '2022', '2023', '2024', 'none']);
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
  leadTimeStart: z.enum(['commit', 'first-commit', 'merge']),
  countRollbacks: z.boolean(),
  /** Which commits give a lead time; empty lists leave nothing out. */
  filters: z
    .strictObject({
      /** Services that have paths: of these only commits count that change something there. */
      paths: z.array(z.string()).default([]),
      excludeAuthors: z.array(z.string()).default([]),
      excludeBots: z.boolean().default(false),
      labels: z.array(z.string()).default([]),
    })
    .prefault({}),
  /** Whether a source of incidents was named, so that none means none. */
  incidentSource: z.boolean().default(false),
  /** Links an incident that names no cause to the deployment before it, when no older than this; null: never. */
  linkWithinHours: z.number().positive().nullable().default(null),
  /** What a hotfix may take from its first commit to production. */
  hotfixTargetMinutes: z.number().positive().default(35),
});
export type DoraQuestion = z.output<typeof doraQuestionSchema>;

const evidence = z.strictObject({ text: z.string(), url: z.string() });
/** Hours, or null where nothing was measured. */
const hours = z.number().nullable();
/** `p95` is null in reports that were written before there was one. */
const spread = { n: count, mean: hours, p50: hours, p75: hours, p90: hours, p95: hours.default(null) };
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
  /** The share that may well be behind it, with 95 % confidence (Wilson); null without a value. */
  interval: z.strictObject({ low: z.number(), high: z.number() }).nullable().default(null),
  ...tiered,
  events: z.array(z.strictObject({ of: evidence, at: instantSchema, because: z.array(evidence) })),
});
export type Rate = z.output<typeof rateSchema>;

const frequencySchema = z.strictObject({
  perDay: z.number(),
  n: count,
  /** Calendar days of the window that there are data for, in the time zone of the question. */
  days: z.number(),
  /** Where the records begin inside the window: the rate is over the time since. */
  since: instantSchema.optional(),
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

/** The figures of the window before, of the same length. */
const beforeSchema = z.strictObject({
  from: instantSchema,
  to: instantSchema,
  deployments: count,
  perDay: z.number(),
  leadTime: z.strictObject(spread),
  changeFailRate: z.number().nullable(),
  recovery: z.strictObject(spread),
  timeToRestore: z.strictObject(spread),
  reworkRate: z.number().nullable(),
});
export type Before = z.output<typeof beforeSchema>;

const stageSchema = z.strictObject({
  name: z.string(),
  /** Whether somebody worked in it, or the change lay waiting. */
  is: z.enum(['work', 'wait']),
  ...spread,
  /** Of the time of all stages, from 0 to 1. */
  share: z.number().nullable(),
});

/** Where the time of a pull request goes, from its first commit until it is live. */
const valueStreamSchema = z.strictObject({
  /** Pull requests that went live in the window. */
  n: count,
  stages: z.array(stageSchema),
  /** The stage that took the most of all time. */
  slowest: z.string().nullable(),
  whole: z.strictObject(spread),
  /** The slowest first. */
  pulls: z.array(z.strictObject({ of: evidence, hours: z.number(), until: evidence })),
  /** Instants that contradict each other or are missing: those stages of those pull requests are in no figure. */
  leftOut: z.strictObject({ withoutReview: count, contradicting: count }),
});
export type ValueStream = z.output<typeof valueStreamSchema>;

/** A part of the way of hotfixes; its `n` may be smaller than theirs, since not each has a pull request that is known. */
const wayPart = z.strictObject({ targetMinutes: z.number(), ...spread });

const hotfixesSchema = z.strictObject({
  targetMinutes: z.number(),
  within: count,
  ...spread,
  /** From the opening of the pull request to its merge: checks and review. Undefined in older reports. */
  toMerge: wayPart.optional(),
  /** From the merge to production. Undefined in older reports. */
  toProduction: wayPart.optional(),
  events: z.array(z.strictObject({ of: evidence, hours: z.number(), within: z.boolean() })),
});
export type Hotfixes = z.output<typeof hotfixesSchema>;

const measuresSchema = z.strictObject({
  service: z.string(),
  leadTime: durationsSchema,
  frequency: frequencySchema,
  changeFailRate: rateSchema,
  recovery: durationsSchema,
  timeToRestore: durationsSchema,
  /** Time of the window in which any incident was open: what overlaps counts once. Null where none could be known. */
  incidentOpen: z.strictObject({ hours, incidents: count }).optional(),
  reworkRate: rateSchema,
  /** Undefined where pull requests were not read. */
  valueStream: valueStreamSchema.optional(),
  hotfixes: hotfixesSchema.optional(),
  /** Undefined where the records do not reach back over the whole window before. */
  before: beforeSchema.optional(),
  weeks: z.array(bucketSchema),
  days: z.array(bucketSchema),
  months: z.array(bucketSchema).default([]),
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
  /** Each service; with several repositories, each of those. */
  services: z.array(measuresSchema),
  /** Newest first. */
  deployments: z.array(deploymentRowSchema),
  leftOut: z.array(leftOutSchema),
  notes: z.array(z.string()),
  /** With several repositories only how much was read: what each is measured from stands under `repositories`. */
  facts: doraFactsSchema,
  repositories: z
    .array(z.strictObject({ /** `owner/name`. */ repository: z.string(), facts: doraFactsSchema }))
    .optional(),
});
export type RepositoryFacts = NonNullable<z.output<typeof doraReportSchema>['repositories']>[number];
export type DoraReport = z.output<typeof doraReportSchema>;
