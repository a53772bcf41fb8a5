import * as z from 'zod';

const count = z.int().min(0);
const percent = z.number().min(0).max(100);

const test = z.strictObject({
  level: z.string(),
  name: z.string(),
  message: z.string().describe('The first line of why.'),
  file: z.string().optional(),
  line: count.optional(),
});

const level = z.strictObject({
  name: z.string(),
  tests: count.describe('Those that ran.'),
  failed: count,
  skipped: count,
  seconds: z.number().min(0),
  blind: z.array(z.string()).describe('Why nothing is known of it. Empty: it ran.'),
});

/** How many tests ran at each level, and how much of the code they ran. */
export const testReportSchema = z.strictObject({
  schema: z.literal('devops-actions/test-report@1'),
  result: z
    .enum(['passed', 'failed', 'blind'])
    .describe('failed: a test, the coverage or a share. blind: a level or the coverage is not known.'),
  message: z.string(),
  levels: z.array(level),
  shares: z
    .array(
      z.strictObject({
        levels: z.array(z.string()),
        target: percent,
        share: percent.nullable(),
        within: percent.describe('How far it may be from its target, in percentage points.'),
        held: z.boolean(),
      }),
    )
    .describe('What part of all tests belongs to which levels.'),
  coverage: z
    .strictObject({
      lines: count,
      covered: count,
      percent: percent.describe('Rounded down.'),
      bound: percent,
      held: z.boolean(),
      blind: z.string().optional().describe('Why it is not known.'),
    })
    .optional(),
  failures: z.array(test).describe('At most 200.'),
});

export type TestReport = z.output<typeof testReportSchema>;
export type TestFailure = z.output<typeof test>;
