import * as z from 'zod';

const momentSchema = z.int().nonnegative();
const countSchema = z.strictObject({ requests: z.number().nonnegative(), errors: z.number().nonnegative() });
const tally = z.int().nonnegative();

/** What one criterion came to so far in a release that is checked again and again. */
const criterionSoFarSchema = z.strictObject({
  /** The criterion as it was judged, as JSON: another one begins anew. */
  criterion: z.string(),
  tally: z.strictObject({
    successful: tally,
    failed: tally,
    inconclusive: tally,
    consecutiveErrors: tally,
    count: tally,
  }),
  looks: z.strictObject({ all: tally, withData: tally }),
  all: countSchema,
  groups: z.array(countSchema.extend({ value: z.string() })).optional(),
  spells: z
    .array(
      z.strictObject({
        group: z.string().optional(),
        knownMs: z.number(),
        metMs: z.number(),
        sum: z.number(),
        ratios: z.number(),
        baselines: z.number(),
      }),
    )
    .optional(),
});

/** How far a release was judged, and what it came to; times are epoch milliseconds. */
export const soFarSchema = z.strictObject({
  /** When the release went live: the warm-up and the time it is checked for count from here. */
  since: momentSchema,
  /** Everything up to here was judged, once. */
  checkedTo: momentSchema,
  criteria: z.record(z.string(), criterionSoFarSchema),
  /** Values of a label that were contained, and from when on everybody else is judged anew. */
  contained: z.strictObject({ values: z.array(z.string()), since: momentSchema }).optional(),
});

/** What the checks of a release keep between two of them. */
export const checkStateSchema = soFarSchema.extend({
  /** When the release was confirmed: it is not looked at any more. */
  confirmedAt: momentSchema.optional(),
});

export type CriterionSoFar = z.output<typeof criterionSoFarSchema>;
export type SoFar = z.output<typeof soFarSchema>;
export type CheckState = z.output<typeof checkStateSchema>;
