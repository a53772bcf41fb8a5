import * as z from 'zod';

const linkSchema = z.strictObject({ text: z.string(), url: z.string() });

/** What kind of news it is, and so its colour and icon. */
export const toneSchema = z.enum(['success', 'hold', 'failure', 'rollback', 'incident']);

/** What an on-call service is told: one incident by its key, from the trigger to the end. */
export const pageSchema = z.strictObject({
  action: z.enum(['trigger', 'acknowledge', 'resolve']),
  key: z.string().max(255).describe('The same for all news of one service in one environment.'),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
});

/** A message to people about one report of the suite, in plain text; each channel gives it its own form. */
export const notificationSchema = z.strictObject({
  schema: z.literal('devops-actions/notification@1'),
  tone: toneSchema,
  title: z.string().describe('What happened, to what and where, in one line.'),
  body: z.string().describe('Why.'),
  facts: z
    .array(z.strictObject({ name: z.string(), value: z.string() }))
    .describe('Who, where, since when, and what else is known.'),
  next: z.string().describe('What a person does now.'),
  links: z
    .array(linkSchema)
    .describe('The run first, then other evidence; all on the GitHub server of the run.'),
  changed: z.boolean().describe('Whether it changed what users get, or a person is needed.'),
  page: pageSchema.optional().describe('Left out by news that wakes nobody.'),
});

/** What became of the message in one channel. */
const deliverySchema = z.strictObject({
  channel: z.string(),
  result: z.enum(['delivered', 'failed', 'skipped']),
  message: z.string().describe('What the service answered, or why nothing was sent.'),
  tries: z.int().nonnegative(),
});

/** What notify told, and whom. */
export const notifyReportSchema = z.strictObject({
  schema: z.literal('devops-actions/notify-report@1'),
  result: z
    .enum(['delivered', 'partly-delivered', 'not-delivered', 'not-configured', 'not-needed'])
    .describe('not-needed: the report is not one that the channels are told of.'),
  message: z.string(),
  source: z.string().describe('The schema of the report that was told; empty when it could not be read.'),
  refused: z.string().optional().describe('Why the report could not be read.'),
  notification: notificationSchema,
  deliveries: z.array(deliverySchema),
  issue: z
    .strictObject({
      is: z.enum(['opened', 'updated', 'closed']),
      number: z.int().positive(),
      url: z.string(),
    })
    .optional()
    .describe('The issue of a workflow that runs on a schedule.'),
  empty: z.array(z.string()).describe('Inputs without a value, whose channels are off.'),
});

export type Notification = z.output<typeof notificationSchema>;
export type Page = z.output<typeof pageSchema>;
export type Delivery = z.output<typeof deliverySchema>;
export type NotifyReport = z.output<typeof notifyReportSchema>;
