import * as z from 'zod';
import { duration, flag, integer, lines } from '../../shared/config/fields.js';
import type { FieldMeta } from '../../shared/runner/fields.js';
import { variableName } from './values/variable-name.js';

const valueOfPair = z.string().min(1, 'a value that is not empty');
const pairsSchema = z.record(variableName, valueOfPair);

/**
 * NAME=VALUE a line, or one JSON object of texts; an empty value is refused, since it is usually an output that was
 * never set.
 */
const pairs = () =>
  z.string().transform((source, ctx): Record<string, string> => {
    const refuse = (message: string): never => {
      ctx.issues.push({ code: 'custom', message, input: source });
      return z.NEVER;
    };
    const read = source.startsWith('{') ? readJson(source) : readLines(source);
    if (typeof read === 'string') return refuse(read);
    const parsed = pairsSchema.safeParse(read);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    return refuse(
      `NAME=VALUE a line or a JSON object of texts; ${path.map(String).join('.') || 'a name'}: ${message}`,
    );
  });

function readJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return 'a JSON object, since it starts with {';
  }
}

function readLines(source: string): Record<string, string> | string {
  const values: Record<string, string> = {};
  const numbered = source.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 }));
  for (const { line, number } of numbered) {
    if (line.trim() === '') continue;
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return `NAME=VALUE on every line; line ${number} is not`;
    if (Object.hasOwn(values, name)) return `each name once; line ${number} gives ${name} again`;
    values[name] = value.trim();
  }
  return values;
}

/** A file of values of {{ name }}, which several suites may share. */
export const variablesFile = z.record(
  variableName,
  z.union([valueOfPair, z.number(), z.boolean()]).transform(String),
);

export const inputs = z.strictObject({
  suite: z
    .string()
    .prefault('.github/smoke.yml')
    .describe('Path of the suite file, relative to the workspace.'),
  'base-url': z
    .string()
    .optional()
    .describe('Base address of the deployment under test, for urls that start with /.'),
  variables: pairs().optional().describe('Values of {{ name }}: NAME=VALUE a line, or a JSON object.'),
  'vars-file': z
    .string()
    .optional()
    .describe(
      'A YAML or JSON file of the workspace with further values of {{ name }}; the input variables wins.',
    ),
  environment: lines()
    .optional()
    .describe(
      'Names of environment variables that the suite may read as {{ env.NAME }}, one a line. No other is readable.',
    ),
  // No default: the runner would hand it over as a secret to mask, and mask its encodings everywhere.
  secrets: pairs()
    .optional()
    .meta({ secret: true } satisfies FieldMeta)
    .describe(
      'Values of {{ secrets.NAME }}: NAME=VALUE a line, or a JSON object. Masked in everything that is written.',
    ),
  'expect-version': z
    .string()
    .optional()
    .describe('The version that must answer, as {{ version }}; the suite must expect it somewhere.'),
  timeout: duration()
    .optional()
    .describe(
      'Limit for the whole suite; wins over its own, and without either it is 5m. Clean-up steps get 30 seconds beyond it.',
    ),
  only: lines()
    .optional()
    .describe(
      'Names of flows to run, and @tags, one a line; * stands for any text. The others are left out, and the report says so.',
    ),
  rate: integer(1, 10_000)
    .optional()
    .describe(
      'Most requests and other looks a second, over all flows together; without it there is no limit.',
    ),
  concurrency: integer(1, 1000).prefault('10').describe('How many flows run at the same time.'),
  proxy: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Proxy for all requests.'),
  seed: z
    .string()
    .max(100, 'at most 100 characters')
    .optional()
    .describe(
      'Makes the generated data of an earlier run again (its report has the seed); without it every run has new data.',
    ),
  har: flag()
    .prefault('false')
    .describe('Write a HAR file of the failed steps, what was sent and what came, without secrets.'),
  html: flag().prefault('false').describe('Write the report as one HTML page.'),
  tap: flag().prefault('false').describe('Write the results in the Test Anything Protocol (TAP 14).'),
});

export type Inputs = z.output<typeof inputs>;
export type Outputs = z.output<typeof outputs>;

export const outputs = z.strictObject({
  result: z
    .enum(['pass', 'fail', 'error'])
    .describe('pass: every step passed. fail: a step failed. error: the suite could not be run to its end.'),
  passed: z.int().describe('How many steps passed.'),
  failed: z.int().describe('How many steps failed.'),
  'p95-ms': z.int().describe('95th percentile of the answers, in milliseconds; not set without an answer.'),
  isolation: z
    .enum(['held', 'broken', 'unproven'])
    .describe(
      'Whether tenants are apart; broken when one got at what another has, unproven when that could not be shown. Not set for a suite that does not look at it.',
    ),
  junit: z.string().describe('Path of the results as JUnit XML.'),
  har: z.string().describe('Path of the HAR file, when the input har asks for it and a step failed.'),
  html: z.string().describe('Path of the HTML page, when the input html asks for it.'),
  tap: z.string().describe('Path of the results as TAP, when the input tap asks for it.'),
  report: z.string().describe('Path of the report, devops-actions/smoke-report@1 in JSON.'),
});
