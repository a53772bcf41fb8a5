import * as z from 'zod';
import { soFarSchema } from '../check-state.js';
import { digestSchema, instantSchema, nameSchema, shaSchema, versionSchema } from '../formats.js';

/** Epoch milliseconds. */
const momentSchema = z.int().nonnegative();

/** What was counted of the requests whose label has a value; the value comes from the application. */
const groupSchema = z.strictObject({
  label: z.string(),
  value: z.string(),
  requests: z.number().nonnegative(),
  errors: z.number().nonnegative(),
});

/** Requests and errors in (from, to]; from equals to where the sample is of one instant. */
export const sampleSchema = z.strictObject({
  from: momentSchema,
  to: momentSchema,
  requests: z.number().nonnegative(),
  errors: z.number().nonnegative(),
  /** The same by value of the labels that criteria ask for; values without requests are left out. */
  groups: z.array(groupSchema).optional(),
});

/** A number that held in (from, to]: a latency in milliseconds, a share from 0 to 1, or what the source's unit says. */
export const valueSampleSchema = z.strictObject({
  from: momentSchema,
  to: momentSchema,
  value: z.number(),
  /** The number is this or more, as a quantile beyond the largest bucket of a histogram is. */
  atLeast: z.literal(true).optional(),
  /** What the same number was at the baseline; none when that is not known. */
  baseline: z.number().optional(),
  /** Value of the label that a criterion asks for. */
  group: z.string().optional(),
});

/** What a source answered at one look. Absence, staleness and errors are answers of their own, never an empty list. */
export const readingSchema = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('data'),
    samples: z.array(sampleSchema),
    values: z.array(valueSampleSchema).optional(),
    /** What the number was at a baseline that is one fixed time, point by point; given once. */
    control: z.array(z.strictObject({ value: z.number(), group: z.string().optional() })).optional(),
    message: z.string().optional(),
  }),
  /** The source was reached and has nothing on what was asked. */
  z.strictObject({ is: z.literal('absent'), message: z.string() }),
  /** What it has is older than allowed. */
  z.strictObject({ is: z.literal('stale'), message: z.string() }),
  z.strictObject({ is: z.literal('error'), message: z.string() }),
]);

/** What a condition can be about. error-rate is counted, the others are numbers that a source gives. */
export const metricSchema = z.enum([
  'error-rate',
  'latency',
  'saturation',
  'restarts',
  'violations',
  'value',
]);

/**
 * A comparison of a metric; `value` is a share from 0 to 1 for error-rate and saturation, milliseconds for latency, and
 * with `of` a multiple of the baseline.
 */
export const conditionSchema = z.strictObject({
  metric: metricSchema,
  operator: z.enum(['>', '>=', '<', '<=']),
  value: z.number(),
  of: z.literal('baseline').optional(),
});

/** A criterion with every default filled in; durations in milliseconds. */
export const criterionSchema = z.strictObject({
  name: z.string(),
  source: z.string(),
  failWhen: conditionSchema.optional(),
  successWhen: conditionSchema.optional(),
  /** How long fail-when must hold, without a break, before it counts. */
  forMs: z.int().positive(),
  /** The rate is taken over parts of this length; each part of `forMs` must be bad. */
  overMs: z.int().positive(),
  /** How sure it must be that the rate is bad, as a share: a rate is an estimate from the requests seen. */
  confidence: z.literal([0.9, 0.95, 0.99]).default(0.99),
  /** Requests needed within `forMs` for any judgement; 0 where numbers are judged and not requests. */
  minRequests: z.int().nonnegative(),
  /** How a number is compared with its baseline: by its mean when not given, or by ranks. */
  judge: z.literal('mann-whitney').optional(),
  /** Label by whose values it is judged, each for itself. */
  by: z.string().optional(),
  /** It is reported and decides nothing. */
  observe: z.boolean().optional(),
  noData: z.enum(['inconclusive', 'fail', 'pass']),
  maxFailures: z.int().nonnegative(),
  /** Absent: inconclusive measurements never end the watch before its time. */
  maxInconclusive: z.int().nonnegative().optional(),
  maxConsecutiveErrors: z.int().nonnegative(),
});

/** When a failure that meets few values of a label is contained instead of rolled back for everybody. */
const containmentSchema = z.strictObject({
  source: z.string(),
  by: z.string(),
  /** So many values, and this share of all that were seen, may be contained in a watch; together. */
  atMost: z.int().positive(),
  share: z.number().positive().max(0.5),
  /** The team's executable, and how long it may take (ms). */
  hook: z.string(),
  timeoutMs: z.int().positive(),
});

/** What is watched, for how long and how often; durations in milliseconds. */
export const planSchema = z.strictObject({
  watchMs: z.int().positive(),
  intervalMs: z.int().positive(),
  warmUpMs: z.int().nonnegative(),
  /** Share of the looks that must have had data for a release to be well; two thirds when not given. */
  leastData: z.number().positive().max(1).optional(),
  criteria: z.array(criterionSchema).min(1),
  contain: containmentSchema.optional(),
  /** Addresses with {{ … }} of what the release wrote in the judged time, by name. */
  links: z.record(z.string(), z.string()).optional(),
});

/** Values of a label that were taken out at an instant. */
const containedSchema = z.strictObject({
  at: momentSchema,
  values: z.array(z.string()),
  message: z.string(),
});

export const phaseSchema = z.enum(['Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed']);

export const measurementSchema = z.strictObject({
  criterion: z.string(),
  phase: phaseSchema,
  /** Requests and errors in the criterion's whole window. */
  requests: z.number().nonnegative(),
  errors: z.number().nonnegative(),
  /** Error rate of the newest part of the window, when it had requests. */
  rate: z.number().min(0).max(1).optional(),
  /** The mean of the number in the newest part of the window, and of its baseline, when there were any. */
  value: z.number().optional(),
  baseline: z.number().optional(),
  /** The value of the label that this is of: the worst one. Absent where it is of several together. */
  group: z.string().optional(),
  message: z.string(),
});

/** One look at all sources. */
export const tickSchema = z.strictObject({ at: momentSchema, readings: z.record(z.string(), readingSchema) });

const releaseSchema = z.strictObject({
  deployment: z.int().positive(),
  version: versionSchema,
  colour: nameSchema,
  sha: shaSchema,
  digest: digestSchema,
});

/** What is done about a live release that a watch came to no verdict on. */
export const onInconclusiveSchema = z.enum(['page', 'hold', 'take-back']);

/** How auto-rollback ended. */
export const rollbackResultSchema = z.enum([
  'healthy',
  'watching',
  'confirmed',
  'rolled-back',
  'contained',
  'held',
  'inconclusive',
  'error',
]);

/** Everything that auto-rollback saw, decided and did. Ticks and plan replay to the same verdict. */
export const analysisReportSchema = z.strictObject({
  schema: z.literal('devops-actions/analysis-report@1'),
  mode: z.enum(['watch', 'check', 'now', 'look-after']),
  environment: nameSchema,
  service: nameSchema,
  run: z.string(),
  result: rollbackResultSchema,
  reason: z.string(),
  /** The release that was watched or taken back, and the one before it. */
  watched: releaseSchema.optional(),
  previous: releaseSchema.optional(),
  preflight: z.array(z.strictObject({ what: z.string(), ok: z.boolean(), message: z.string() })),
  criteriaFile: z.strictObject({ path: z.string(), commit: shaSchema }).optional(),
  plan: planSchema.optional(),
  /** When the first look was due; the warm-up counts from here. */
  startedAt: momentSchema.optional(),
  /** Mode check: what earlier checks came to, and up to when this one judged. */
  check: z.strictObject({ before: soFarSchema, checkedTo: momentSchema, endsAt: momentSchema }).optional(),
  ticks: z.array(tickSchema),
  /** By tick, one for each criterion that was measured then. */
  measurements: z.array(z.array(measurementSchema)),
  /** The verdict of the watch, before anything was done about it. */
  verdict: z
    .strictObject({ is: z.string(), criterion: z.string().optional(), message: z.string() })
    .optional(),
  /** Failures that met few values of a label, who were taken out by the team's hook; they are judged no more. */
  contained: z.array(containedSchema).optional(),
  /** The policy for a watch without a verdict, where it was known. */
  onInconclusive: onInconclusiveSchema.optional(),
  /** The release is live, nothing says that it is well, and nobody watches it any more. */
  unwatched: z.boolean().optional(),
  /** Why it was to be rolled back; `reason` says what came of that too. */
  cause: z.string().optional(),
  takeBack: z
    .strictObject({
      /** started: what brings the good release back is on its way, and traffic has not moved yet. */
      result: z.enum(['restored', 'started', 'held', 'refused']),
      message: z.string(),
      trafficMoved: z.boolean(),
      deployment: z.int().positive().optional(),
      restoredAt: momentSchema.optional(),
      durationMs: z.number().nonnegative(),
      /** Ways that were tried and moved nothing, in their order, and why. */
      attempts: z.array(z.strictObject({ way: z.string(), message: z.string() })).optional(),
      /** What a person does now, the first step first; none where the good release is back. */
      next: z.array(z.string()).optional(),
    })
    .optional(),
  /** What the restored release came to by its own samples, where that was looked at. */
  restored: z.strictObject({ is: z.enum(['well', 'bad too', 'not known']), message: z.string() }).optional(),
  incident: z.strictObject({ number: z.int().positive(), url: z.string() }).optional(),
  /** From the first success of the bad release until traffic was back on the good one, as dora-report counts it. */
  timeToRestoreMs: z.number().nonnegative().optional(),
  timeline: z.array(z.strictObject({ at: instantSchema, message: z.string() })),
});

export type Group = z.output<typeof groupSchema>;
export type Sample = z.output<typeof sampleSchema>;
export type ValueSample = z.output<typeof valueSampleSchema>;
export type Control = Extract<z.output<typeof readingSchema>, { is: 'data' }>['control'];
export type Metric = z.output<typeof metricSchema>;
export type Reading = z.output<typeof readingSchema>;
export type Condition = z.output<typeof conditionSchema>;
export type Criterion = z.output<typeof criterionSchema>;
export type Containment = z.output<typeof containmentSchema>;
export type Contained = z.output<typeof containedSchema>;
export type Plan = z.output<typeof planSchema>;
export type Phase = z.output<typeof phaseSchema>;
export type Measurement = z.output<typeof measurementSchema>;
export type Tick = z.output<typeof tickSchema>;
export type OnInconclusive = z.output<typeof onInconclusiveSchema>;
export type RollbackResult = z.output<typeof rollbackResultSchema>;
export type AnalysisReport = z.output<typeof analysisReportSchema>;
export type ReleaseFacts = z.output<typeof releaseSchema>;
