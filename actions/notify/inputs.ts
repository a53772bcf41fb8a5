import * as z from 'zod';
import { duration, flag } from '../../shared/config/fields.js';
import { losable } from '../../shared/notify/messages/lost.js';
import { environmentInput, githubToken, serviceInput, type FieldMeta } from '../../shared/runner/fields.js';

const secret = () =>
  z
    .string()
    .optional()
    .meta({ secret: true } satisfies FieldMeta);

export const inputs = z.strictObject({
  report: z
    .string()
    .optional()
    .meta({ example: '${{ steps.switch.outputs.report }}' } satisfies FieldMeta)
    .describe(
      'Path of the report of an action of the suite, its output report. Empty: the step left none, and people are told that.',
    ),
  result: z
    .string()
    .max(100)
    .optional()
    .describe(
      'How the step ended as GitHub says it, such as failure or cancelled; told when there is no report.',
    ),
  lost: z
    .enum(losable)
    .optional()
    .describe(
      'For a later job: what the job did whose runner died before it told anybody. There is no report then, and people are told what to look at; PagerDuty too.',
    ),
  on: z
    .enum(['all', 'changes', 'failures'])
    .default('changes')
    .describe(
      'all: every report. changes: what changed what users get, and all that is not a success. failures: only what is not a success. PagerDuty is told what it needs in any case.',
    ),
  environment: environmentInput()
    .optional()
    .describe('Environment that is told where the report names none.'),
  service: serviceInput().optional().describe('Service that is told where the report names none.'),
  'slack-webhook': secret().describe('Incoming webhook of Slack; empty: off.'),
  'teams-webhook': secret().describe('Webhook of a workflow of Microsoft Teams; empty: off.'),
  'pagerduty-key': secret().describe('Integration key (Events API v2) of a PagerDuty service; empty: off.'),
  'pagerduty-url': z
    .url({ protocol: /^https$/, error: 'an https address' })
    .default('https://events.pagerduty.com/v2/enqueue')
    .describe('Address of the Events API v2; in the EU https://events.eu.pagerduty.com/v2/enqueue.'),
  'webhook-url': secret().describe('Address of any other receiver, https only; empty: off.'),
  'webhook-secret': secret().describe(
    'Key of the HMAC-SHA256 signature that goes with every message to webhook-url.',
  ),
  issue: flag()
    .prefault('false')
    .describe(
      'true, for workflows on a schedule: one issue for this workflow, environment and service. It is opened when result is not success, and closed when it is. Needs issues: write.',
    ),
  comment: flag()
    .prefault('false')
    .describe(
      'true, for runs of a pull request: one comment on it for this workflow, environment and service, kept up to date. Needs pull-requests: write.',
    ),
  'github-token': githubToken(),
  timeout: duration()
    .prefault('30s')
    .describe('Limit for all channels together, waiting and trying again included.'),
  required: flag()
    .prefault('false')
    .describe(
      'Fail the step when a channel that is on was not reached, or the report could not be read. By default it warns.',
    ),
});

export type Inputs = z.output<typeof inputs>;
export type Outputs = z.output<typeof outputs>;

export const outputs = z.strictObject({
  result: z
    .enum(['delivered', 'partly-delivered', 'not-delivered', 'not-configured', 'not-needed'])
    .describe(
      'delivered: every channel that is on took the message. partly-delivered, not-delivered: some, or all, did not. not-configured: no channel is on. not-needed: the report is none that is told.',
    ),
  issue: z
    .string()
    .describe('Address of the issue that was opened, updated or closed; empty when there is none.'),
  report: z.string().describe('Path of the JSON report (schemas/notify-report.json).'),
});
