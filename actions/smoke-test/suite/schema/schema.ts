import * as z from 'zod';
import { someText } from './some-text.js';
import { duration } from '../../../../shared/config/fields.js';
import { atLeastOne, atMostOne, exactlyOne, needs, notEmpty } from './alternatives.js';
import { expectSchema } from './expect-schema.js';
import { budgetsSchema, flowBudgetSchema } from './budget-schema.js';
import { headerName } from './matcher-schema.js';
import { probeNames, probeShape } from './probe-schema.js';
import { rowsSchema } from './rows-schema.js';
import { fitsProbe } from '../step-fit.js';
import { variableName } from '../../values/variable-name.js';

const title = z.string().trim().min(1).max(100).describe('Name in reports; unique where it stands.');

const hostName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'a host name in lower case, without port');

const ipAddress = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+)$/;

const captureSchema = z
  .strictObject({
    json: someText.optional().describe('A JSONPath that finds exactly one node.'),
    header: headerName.optional().describe('A header that is sent once.'),
    cookie: someText.optional().describe('A cookie that is set once.'),
    xpath: someText.optional().describe('An XPath that finds exactly one node; its text.'),
    css: someText.optional().describe('A CSS selector that finds exactly one element; its text.'),
    attribute: someText.optional().describe('Beside css: this attribute of the element instead of its text.'),
    regex: someText
      .optional()
      .describe('A regular expression on the body, or on what is beside it; its first group, or all.'),
    secret: z.boolean().prefault(false).describe('Mask the value in everything written from now on.'),
  })
  .check(
    atMostOne('json', 'header', 'cookie', 'xpath', 'css'),
    atLeastOne('json', 'header', 'cookie', 'xpath', 'css', 'regex'),
    needs('attribute', 'css'),
  );

/** What may fail and be tried again. */
export const failureKinds = ['network', 'status', 'expectation'] as const;

const retrySchema = z.strictObject({
  times: z.int().min(1).max(50).describe('How many more attempts after the first.'),
  delay: duration().prefault('1s').describe('Wait before the first further attempt.'),
  backoff: z
    .enum(['constant', 'exponential'])
    .prefault('constant')
    .describe('Exponential doubles the wait each time, up to 1 minute.'),
  jitter: z.boolean().prefault(true).describe('Shorten each wait by a random part of up to a half.'),
  on: z
    .array(z.enum(failureKinds))
    .min(1)
    .prefault([...failureKinds])
    .describe('network: no answer; status: another one; expectation: anything else.'),
});

const untilSchema = z
  .strictObject({
    within: duration().describe('Deadline: the step fails when its expectations do not hold by then.'),
    every: duration().prefault('1s').describe('Wait between two attempts.'),
  })
  .check((ctx) => {
    if (ctx.value.every < ctx.value.within) return;
    const params = { fix: 'make "every" shorter or "within" longer' };
    ctx.issues.push({
      code: 'custom',
      message: '"every" shorter than "within" (every is 1s by default)',
      input: ctx.value,
      params,
    });
  });

const stepSchema = z
  .strictObject({
    name: title,
    ...probeShape,
    expect: expectSchema.describe('What must hold of the answer.'),
    delay: duration().optional().describe('Wait before the step; its own time begins afterwards.'),
    timeout: duration().optional().describe('Limit for all attempts of the step and the waits between them.'),
    capture: z
      .record(variableName, captureSchema)
      .optional()
      .describe('Values of the answer for later steps, as {{ name }}.'),
    retry: retrySchema.optional().describe('Further attempts after a failure.'),
    todo: z
      .array(someText)
      .min(1)
      .optional()
      .describe('What is still missing: the step fails until this is done and removed.'),
    until: untilSchema.optional().describe('Attempts until the expectations hold.'),
  })
  .check(exactlyOne(...probeNames), atMostOne('retry', 'until'), fitsProbe);

const steps = z
  .array(stepSchema)
  .min(1, 'at least one step: without steps nothing is checked')
  .describe('They run one after the other.');

const flowSchema = z.strictObject({
  name: title,
  rows: rowsSchema.optional().describe('Data: the flow runs once for every row, as a flow of its own.'),
  tags: z
    .array(z.string().regex(/^[\w.-]+$/, 'letters, digits, and . _ -'))
    .min(1)
    .optional()
    .describe('Words by which the input only picks flows, as @word.'),
  'each-tenant': z.boolean().prefault(false).describe('Run the flow once for every tenant.'),
  timeout: duration().optional().describe('Limit for the steps of the flow; clean-up has its own.'),
  budget: flowBudgetSchema.optional().describe('Limits over all runs of the flow together.'),
  before: steps.optional().describe('Steps that prepare the flow; when one fails, its steps are not run.'),
  steps,
  after: steps.optional().describe('Clean-up steps; they run even after a failure.'),
});

const isolationSchema = z.strictObject({
  own: steps.describe('Steps of each tenant that make or find something of its own and capture it.'),
  others: steps.describe('Steps of each tenant against what every other captured, {{ other.NAME }}.'),
  after: steps.optional().describe('Clean-up steps of each tenant.'),
});

/** Keys that an included file shares with the suite. */
const shared = {
  version: z.literal(1).describe('Format of this file.'),
  name: title.optional(),
  variables: z
    .record(variableName, someText)
    .optional()
    .describe('Default values; the input variables wins, then the file that includes.'),
  include: z
    .array(someText)
    .min(1)
    .optional()
    .describe('Files with further flows, relative to this one and inside the workspace.'),
  flows: z
    .array(flowSchema)
    .min(1, 'at least one flow: a suite without flows checks nothing')
    .optional()
    .describe('They run in parallel, each in the order of its steps.'),
};

/** A file of flows that a suite includes. */
export const includedSchema = z.strictObject(shared).check(atLeastOne('flows', 'include'));

/** A smoke suite file. */
export const suiteSchema = z
  .strictObject({
    ...shared,
    'base-url': someText.optional().describe('Base address of relative urls; the input base-url wins.'),
    timeout: duration().optional().describe('Limit for the whole suite; the input timeout wins.'),
    ca: z
      .array(someText)
      .min(1)
      .optional()
      .describe('PEM files with certificates that http steps trust besides the usual ones.'),
    openapi: someText.optional().describe('An OpenAPI 3.0 or 3.1 document of the workspace.'),
    resolve: z
      .record(hostName, z.string().regex(ipAddress, 'an IP address'))
      .check(notEmpty('one host'))
      .optional()
      .describe('Addresses of host names, instead of what the name service says.'),
    budgets: budgetsSchema.optional().describe('Limits over the whole suite.'),
    before: steps
      .optional()
      .describe('Steps that run once before all flows; every flow may use what they capture.'),
    after: steps.optional().describe('Clean-up steps that run once after all flows, even after a failure.'),
    tenants: z
      .record(variableName, z.record(variableName, someText))
      .optional()
      .describe('Values of each tenant by its name, as {{ tenant.NAME }}.'),
    isolation: isolationSchema
      .optional()
      .describe('Proves for every pair of tenants that one cannot reach what the other has.'),
  })
  .check(atLeastOne('flows', 'include', 'isolation'));

export type Suite = z.output<typeof suiteSchema>;
export type CaptureRule = z.output<typeof captureSchema>;
export type RetryPolicy = z.output<typeof retrySchema>;
export type UntilPolicy = z.output<typeof untilSchema>;
export type SuiteStep = z.output<typeof stepSchema>;
export type Flow = z.output<typeof flowSchema>;
export type Included = z.output<typeof includedSchema>;
