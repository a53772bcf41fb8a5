import * as z from 'zod';
import { versionSchema } from '../../shared/contracts/formats.js';
import { severitySchema } from '../../shared/contracts/severity.js';
import { duration, integer, lines } from '../../shared/config/fields.js';
import { ledgerInputs, trafficFile } from '../../shared/runner/release-inputs.js';
import { strategyList } from './strategies/strategy-names.js';
import { environmentInput, serviceInput } from '../../shared/runner/fields.js';

export const inputs = z
  .strictObject({
    mode: z
      .enum(['watch', 'check', 'now', 'look-after'])
      .default('watch')
      .describe(
        "watch: judge the live release by the criteria and take it back when one fails. check: the same for all the time since the last check, on a schedule. now: take it back at once, on a person's word. look-after: judge what a rollback restored; nothing is moved.",
      ),
    environment: environmentInput().describe('Environment whose live release is meant, as GitHub names it.'),
    service: serviceInput().describe('Service whose live release is meant.'),
    traffic: trafficFile(),
    criteria: z
      .string()
      .default('.github/rollback.yml')
      .describe(
        'Criteria file, read from the default branch only (docs/rollback-criteria.md). now: it may be missing; what was restored is judged by it.',
      ),
    'deployment-id': integer(1, Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Deployment that must still be live; by default the one that is.'),
    'to-version': versionSchema
      .optional()
      .describe('now: version to go back to, which was live before; by default the last good release.'),
    strategy: strategyList()
      .prefault('traffic')
      .describe(
        'Ways to roll back, in their order, separated by commas: the next is tried only if nothing moved. traffic: all traffic back to the previous colour. redeploy: the last good release is deployed to the idle colour again, then traffic. command: your own executable. tag: a tag that your delivery follows is moved. git-revert: the code is reverted. migrations-down, alone and in mode now: your executable reverses the schema, then traffic.',
      ),
    redeploy: z
      .string()
      .default('deploy/deploy')
      .describe(
        'redeploy: executable of the workspace, called with service, environment, colour and digest; or the file name of a workflow to dispatch, such as redeploy.yml, with these and version as inputs.',
      ),
    command: z
      .string()
      .default('deploy/rollback')
      .describe(
        'command: executable of the workspace, called with service, environment, version and digest. It returns when that version has all traffic.',
      ),
    'migrations-down': z
      .string()
      .default('deploy/migrations-down')
      .describe(
        'migrations-down: executable of the workspace, called with service, environment and both schemas. It fences writes, reverses, and prints the schema it left as its last line.',
      ),
    'reverse-schema': z
      .string()
      .optional()
      .describe('migrations-down: the schema that a person says can be reversed without losing data.'),
    'pass-env': lines()
      .prefault('')
      .describe(
        'redeploy, command, and the hook that contains: variables of this step that the executable gets, one a line.',
      ),
    'strategy-timeout': duration()
      .prefault('15m')
      .describe('redeploy, command, tag, git-revert: how long what they start may take.'),
    'code-token': z
      .string()
      .optional()
      .meta({ secret: true })
      .describe('tag, git-revert: token of an App; what GITHUB_TOKEN pushes starts no workflow.'),
    tag: z
      .string()
      .regex(/^[A-Za-z0-9{][A-Za-z0-9._/{}-]{0,120}$/, 'the name of a tag, such as live-production')
      .optional()
      .describe(
        'tag: the tag that your delivery follows; {service} and {environment} stand for their names.',
      ),
    'revert-by': z
      .enum(['pull-request', 'direct'])
      .default('pull-request')
      .describe('git-revert: a pull request, or a push to the default branch.'),
    severity: severitySchema
      .default('high')
      .describe(
        'Severity of the incident when a release was rolled back; one that could not be is always critical.',
      ),
    settle: z
      .enum(['here', 'later'])
      .default('here')
      .describe(
        'After a rollback: whether what was restored is judged here, or later by a step of its own in mode look-after, so that people hear of the rollback first.',
      ),
    reason: z
      .string()
      .max(500)
      .optional()
      .describe('now: why, in one sentence; it stands in the incident and the Deployment.'),
    ...ledgerInputs(),
  })
  .superRefine((values, ctx) => {
    if (values.mode !== 'now' && values.strategy.includes('migrations-down'))
      ctx.addIssue({
        code: 'custom',
        path: ['strategy'],
        message: `another strategy, since mode ${values.mode} asks no person: migrations-down is for mode now`,
      });
  });

export type Inputs = z.output<typeof inputs>;

export const outputs = z.strictObject({
  result: z
    .string()
    .describe(
      'healthy, watching (well so far, the next check goes on), confirmed, rolled-back, contained (it fails for a few, who were taken out by your hook), held (a person is needed), inconclusive (too little was seen) or error. Only healthy passes the step in mode watch, watching and confirmed in mode check, rolled-back in modes now and look-after.',
    ),
  report: z.string().describe('Path of the JSON report (schemas/analysis-report.json).'),
  reason: z.string().describe('Why, in one sentence.'),
  unwatched: z
    .string()
    .describe(
      'true when the release is live, nobody watches it any more and nothing says that it is well; an incident was opened then, where GitHub could be asked.',
    ),
  'rolled-back-to': z.string().describe('Version that is live again; empty when nothing was rolled back.'),
  incident: z.string().describe('Address of the incident; empty when there is none.'),
  restored: z
    .string()
    .describe(
      'What was restored, by its own samples: well, bad too or not known; empty where it was not judged.',
    ),
  'restored-at': z.string().describe('Instant (UTC) at which the router confirmed the good release.'),
  'time-to-restore-ms': z
    .string()
    .describe(
      'Recovery time in milliseconds, as dora-report counts it: from the first success of the bad release to that of the rollback, by the ledger.',
    ),
});
