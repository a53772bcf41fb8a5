import * as z from 'zod';
import { instantSchema } from './formats.js';

const count = z.int().min(0);
const milliseconds = z.number().min(0);

/** Why a step failed: what was expected, what came, and where the suite says so. */
const failure = z.strictObject({
  flow: z.string(),
  step: z.string(),
  kind: z
    .enum(['network', 'status', 'expectation', 'timeout', 'interrupted', 'suite'])
    .describe(
      'What went wrong: no answer, its status, another expectation, a limit of time, or the suite itself.',
    ),
  check: z.string().describe('What was looked at, e.g. "status" or "json $.id".'),
  expected: z.string(),
  got: z.string(),
  request: z.string().describe('Method and address, empty when no request could be made.'),
  file: z.string(),
  line: count.optional().describe('Line of the expectation in the suite file, from 1.'),
});

const attempt = z.strictObject({
  startedAt: instantSchema,
  durationMs: milliseconds,
  status: z.int().nullable(),
  fault: z.string().nullable().describe('Why there was no answer.'),
});

const step = z.strictObject({
  name: z.string(),
  phase: z.enum(['test', 'after']),
  line: count.optional(),
  result: z.enum(['passed', 'failed', 'not-run']),
  reason: z.string().optional().describe('Why it was not run.'),
  request: z.string(),
  durationMs: milliseconds.describe('All attempts and the waits between them.'),
  attempts: z.array(attempt),
});

const flow = z.strictObject({
  name: z.string(),
  line: count.optional(),
  result: z.enum(['passed', 'failed', 'not-run']),
  durationMs: milliseconds,
  steps: z.array(step).min(1),
});

/** What one run of a smoke suite found. A report that contradicts itself does not parse: a pass has checks and no failure. */
export const smokeReport = z
  .strictObject({
    schema: z.literal('devops-actions/smoke-report@1'),
    result: z.enum(['pass', 'fail', 'error']),
    said: z.string().describe('The result in one sentence.'),
    suite: z.strictObject({ name: z.string(), file: z.string() }),
    target: z.string().nullable().describe('Base address of the system under test.'),
    version: z.string().nullable().describe('The version that was expected to answer.'),
    startedAt: instantSchema,
    durationMs: milliseconds,
    passed: count.describe('Steps that passed.'),
    failed: count.describe('Steps that failed.'),
    notRun: count.describe('Steps that were not run.'),
    p95Ms: milliseconds
      .nullable()
      .describe('95th percentile, nearest rank, of the durations of all answers.'),
    flows: z.array(flow),
    failures: z.array(failure),
  })
  .refine(
    (report) =>
      report.result !== 'pass' ||
      (report.passed > 0 && report.failed + report.notRun + report.failures.length === 0),
    {
      message: 'a report that passes has at least one passed step and no failed or skipped one',
    },
  );

export type SmokeReport = z.output<typeof smokeReport>;
export type SmokeFailure = SmokeReport['failures'][number];
