import { refusalCodes } from '../refusal-codes.js';
import * as z from 'zod';

/** What blue-green-switch can be asked to do. */
export const switchModes = [
  'reserve',
  'bootstrap',
  'adopt',
  'switch',
  'resume',
  'confirm',
  'revert',
  'retire',
  'status',
  'reconcile',
] as const;

/**
 * How a stop of the strategy ended: `open` when the run broke off while the new colour was looked at, `not-reached`
 * when the router did not come to show it.
 */
export const stopVerdicts = ['open', 'passed', 'failed', 'paused', 'cancelled', 'not-reached'] as const;

/** As many samples of what new connections saw are kept; the counts are of all. */
export const mostSamples = 60;

/** An outage of this length in milliseconds is a failure of the release, even where the release stays. */
export const lastedMs = 1_000;

const weightsSchema = z.record(z.string(), z.number());

/** What the step found and did, as it is published in the JSON report. */
export const switchReportSchema = z.strictObject({
  schema: z.literal('devops-actions/switch-report@1'),
  mode: z.enum(switchModes),
  ok: z.boolean().describe('Whether the step passed.'),
  result: z.string(),
  message: z.string(),
  environment: z.string(),
  service: z.string(),
  router: z.string(),
  before: weightsSchema
    .nullable()
    .describe('Percent of traffic by colour when the step began; null when the router could not be read.'),
  after: weightsSchema.nullable(),
  nodes: z
    .array(
      z.strictObject({
        name: z.string(),
        weights: weightsSchema
          .nullable()
          .describe('Percent of its traffic by colour; null when it cannot be read.'),
        saved: weightsSchema
          .nullable()
          .optional()
          .describe(
            'What a restart or reload of it would bring, where that can differ; null when that is not understood.',
          ),
        why: z.string().optional().describe('Why it cannot be read.'),
      }),
    )
    .describe('The nodes of the router when the step ended.'),
  colours: z
    .array(
      z.strictObject({
        name: z.string(),
        url: z.string(),
        ok: z
          .boolean()
          .describe('Whether it is well, and runs what the ledger says is live when it is live.'),
        version: z.string().optional().describe('What it says it runs.'),
        why: z.string().optional(),
      }),
    )
    .optional()
    .describe('status: what each colour, asked directly, said.'),
  lock: z
    .strictObject({ phase: z.string(), holder: z.string(), since: z.string() })
    .nullable()
    .optional()
    .describe('status: who holds the lock; null when nobody does, left out when GitHub could not be asked.'),
  target: z.string().optional(),
  version: z.string().optional(),
  digest: z.string().optional(),
  deployment: z.number().optional(),
  changed: z
    .boolean()
    .nullable()
    .describe('Whether after differs from before, down to a node; null when one of them is not known.'),
  switchedAt: z.string().optional(),
  switchMs: z.number().optional(),
  course: z
    .strictObject({
      points: z
        .array(z.strictObject({ at: z.string(), weights: weightsSchema }))
        .describe('Every change that the router showed; of a stretch without change, its two ends.'),
      stops: z
        .array(
          z.strictObject({
            at: z.string().describe('When the router showed the share, or failed to.'),
            percent: z.number().describe('Share of the new colour.'),
            stayMs: z.number().nullable().describe('null: until a person resumes.'),
            verdict: z
              .enum(stopVerdicts)
              .describe('open: the run broke off while the new colour was looked at.'),
            message: z.string().optional(),
          }),
        )
        .describe('Stops of the strategy that this step came to.'),
    })
    .optional()
    .describe('What the router showed while traffic was moved; left out by a step that moved none.'),
  entry: z
    .strictObject({
      ok: z.boolean(),
      message: z.string(),
      connections: z
        .number()
        .describe(
          'New connections of the last stretch that saw nothing but the expected release, with the one that ended it.',
        ),
      seen: z.number().describe('Those of them that saw it.'),
      firstSeenAfterMs: z.number().optional(),
      opened: z.number().describe('All of them, those opened while the router settled included.'),
      samples: z
        .array(
          z.strictObject({
            at: z.string(),
            is: z.enum(['expected', 'not-yet', 'wrong']).describe('not-yet: while the router settled.'),
            version: z.string().optional(),
            digest: z.string().optional(),
            message: z.string().optional().describe('Why it is not the expected release.'),
          }),
        )
        .describe(`What they showed, the wrong ones first; at most ${mostSamples}.`),
    })
    .optional(),
  connections: z
    .strictObject({
      opened: z.number().describe('All new connections that were opened through the entry.'),
      failed: z.number().describe('Those that met a 5xx, a reset, a timeout or no server.'),
      failedBefore: z
        .number()
        .describe('Those that failed before traffic was moved: the entry was ill already; not in failed.'),
      firstAt: z.string().optional().describe('Instant (UTC) of the first that failed.'),
      lastAt: z.string().optional().describe('Instant (UTC) of the last that failed.'),
      longestMs: z
        .number()
        .describe('Longest outage in milliseconds; failures less than 5 s apart are one outage.'),
      failedRelease: z
        .boolean()
        .describe(
          `Whether the release is live and counts as a failed one all the same, since an outage lasted ${lastedMs} ms or more.`,
        ),
      why: z.string().optional().describe('What the first that failed met.'),
    })
    .optional()
    .describe(
      'What new connections met while traffic was moved and checked; left out where none was opened.',
    ),
  wayOut: z.string().optional().describe('held: how a person ends it, in markdown.'),
  reasons: z.array(z.string()).describe('Why something was refused or held, or what drifts.'),
  by: z.string().optional().describe('Who started the run.'),
  codes: z
    .array(z.enum(refusalCodes))
    .describe('Stable names of what was refused or found wrong, each a heading of docs/troubleshooting.md.'),
  helpPage: z.string().optional().describe('Address of docs/troubleshooting.md, where it is known.'),
  timeline: z.array(z.strictObject({ at: z.string(), message: z.string(), url: z.string().optional() })),
  run: z.string(),
});

export type SwitchReport = z.output<typeof switchReportSchema>;
