import * as z from 'zod';
import { instantSchema } from '../formats.js';

const count = z.int().min(0);
const milliseconds = z.number().min(0);

/** Why a step failed: what was expected, what came, and where the suite says so. */
const failure = z.strictObject({
  flow: z.string(),
  step: z.string(),
  kind: z
    .enum(['network', 'status', 'expectation', 'timeout', 'interrupted', 'suite', 'budget'])
    .describe(
      'What went wrong: no answer, its status, another expectation, a limit of time, the suite itself, or a budget of many answers.',
    ),
  check: z.string().describe('What was looked at, e.g. "status" or "json $.id".'),
  expected: z.string(),
  got: z.string(),
  written: z.string().optional().describe('The assertion as it stands in the suite.'),
  request: z.string().describe('Method and address, empty when no request could be made.'),
  curl: z
    .string()
    .optional()
    .describe('A command that sends the same; what is secret are variables of the shell.'),
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
  phase: z.enum(['before', 'test', 'after']),
  line: count.optional(),
  result: z.enum(['passed', 'failed', 'not-run']),
  flaky: z.literal(true).optional().describe('It failed at first, and passed on a retry.'),
  reason: z.string().optional().describe('Why it was not run.'),
  request: z.string(),
  durationMs: milliseconds.describe('All attempts and the waits between them.'),
  attempts: z.array(attempt),
});

const flow = z.strictObject({
  name: z.string().describe('With the row and the tenant it ran for, where it has them.'),
  file: z.string().describe('The file of the suite that has the flow.'),
  line: count.optional(),
  row: z
    .strictObject({ number: z.int().min(1), file: z.string(), line: count.optional() })
    .optional()
    .describe('The row of data it ran with, and where that stands.'),
  tenant: z.string().optional(),
  result: z.enum(['passed', 'failed', 'not-run']),
  durationMs: milliseconds,
  steps: z.array(step).min(1),
});

const budget = z.strictObject({
  metric: z.enum(['p95', 'failed-flows']),
  flow: z
    .string()
    .nullable()
    .describe('The flow whose answers count, over all its rows; null for all of them.'),
  limit: z
    .number()
    .min(0)
    .describe('For p95 milliseconds, which must stay below; for failed-flows the most that may fail.'),
  got: z
    .number()
    .min(0)
    .nullable()
    .describe('Null when there was no answer to measure, which does not hold.'),
  held: z.boolean(),
});

const isolationCheck = z.strictObject({
  tenant: z.string().describe('Who asked.'),
  other: z
    .string()
    .describe('Whose things were asked for; the same tenant where the owner must see its own.'),
  step: z.string(),
  request: z.string(),
  status: z.int().nullable(),
  result: z.enum(['held', 'broken', 'unproven']),
  evidence: z.string().describe('What was expected and what came, or why it was not looked at.'),
});

/**
 * Whether tenants reached each other. `broken` is only said of an answer that gave something away; what could not be
 * shown is `unproven`.
 */
const isolation = z.strictObject({
  result: z.enum(['held', 'broken', 'unproven']),
  tenants: z.array(z.string()).min(2),
  checks: z.array(isolationCheck),
});

const latency = z.strictObject({
  answers: z.int().min(1),
  p50Ms: milliseconds,
  p95Ms: milliseconds,
  p99Ms: milliseconds,
  maxMs: milliseconds,
});

const reportShape = z.strictObject({
  schema: z.literal('devops-actions/smoke-report@1'),
  result: z.enum(['pass', 'fail', 'error']),
  message: z.string().describe('The result in one sentence.'),
  suite: z.strictObject({ name: z.string(), file: z.string() }),
  target: z.string().nullable().describe('Base address of the system under test.'),
  version: z.string().nullable().describe('The version that was expected to answer.'),
  startedAt: instantSchema,
  durationMs: milliseconds,
  passed: count.describe('Steps that passed.'),
  failed: count.describe('Steps that failed.'),
  notRun: count.describe('Steps that were not run.'),
  flaky: count.optional().describe('Steps that passed only on a retry.'),
  p95Ms: milliseconds.nullable().describe('95th percentile, nearest rank, of the durations of all answers.'),
  latency: latency.nullable().describe('Percentiles by nearest rank; null without an answer.'),
  seed: z.string().describe('What generated data was made from; the input seed makes the same again.'),
  budgets: z.array(budget).min(1),
  isolation: isolation.nullable().describe('Null when the suite does not look at it.'),
  flows: z.array(flow),
  failures: z.array(failure),
  leftOut: z
    .array(z.string())
    .optional()
    .describe('Names of the flows that the input only did not pick: this run says nothing of them.'),
});

/** A pass may have failed flows only as far as a budget says so, and what was left out only behind a failure. */
function isPass(report: z.output<typeof reportShape>): boolean {
  const { passed, failed, notRun, failures, flows, budgets, isolation } = report;
  if (passed === 0 || budgets.some(({ held }) => !held)) return false;
  if (isolation && isolation.result !== 'held') return false;
  if (failed + notRun + failures.length === 0) return true;
  const tolerated = budgets.find(({ metric }) => metric === 'failed-flows')?.limit ?? 0;
  const bad = flows.filter(({ result }) => result !== 'passed');
  return bad.length > 0 && bad.length <= tolerated && bad.every(({ result }) => result === 'failed');
}

/**
 * What one run of a smoke suite found. A report that contradicts itself does not parse: a pass has checks and no
 * failure beyond what a budget tolerates.
 */
export const smokeReport = reportShape.refine((report) => report.result !== 'pass' || isPass(report), {
  message:
    'a report that passes has a passed step, every budget held, isolation held where it was looked at, and no more failed flows than tolerated',
});

export type SmokeReport = z.output<typeof smokeReport>;
export type SmokeFlow = SmokeReport['flows'][number];
export type SmokeIsolation = NonNullable<SmokeReport['isolation']>;
export type SmokeFailure = SmokeReport['failures'][number];
