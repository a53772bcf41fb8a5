import * as z from 'zod';
import { breakGlassSchema, type BreakGlass } from '../../shared/contracts/break-glass.js';
import { shaSchema, versionSchema } from '../../shared/contracts/formats.js';
import { switchModes } from '../../shared/contracts/reports/switch-report.js';
import { onInterruptSchema } from '../../shared/ledger/refs/lock.js';
import { duration, flag } from '../../shared/config/fields.js';
import { ledgerInputs, trafficFile } from '../../shared/runner/release-inputs.js';
import { digestInput, environmentInput, serviceInput, type FieldMeta } from '../../shared/runner/fields.js';
import { parseStrategy, strategyForm, type Stop } from '../../shared/traffic/stops.js';

/** Inputs that a mode cannot do without. */
const needed: Partial<Record<(typeof switchModes)[number], readonly string[]>> = {
  reserve: ['version', 'digest', 'verdict'],
  bootstrap: ['version', 'digest', 'verdict'],
  switch: ['verdict'],
};

const strategyField = () =>
  z.string().transform((text, ctx): Stop[] => {
    const stops = parseStrategy(text);
    if (stops) return stops;
    ctx.issues.push({ code: 'custom', message: strategyForm, input: text });
    return z.NEVER;
  });

/** A journal as text; empty is none, as a workflow's input is when a schedule started it. */
const breakGlassText = () =>
  z.string().transform((text, ctx): BreakGlass | undefined => {
    if (text.trim() === '') return undefined;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    const parsed = breakGlassSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    const message = `the whole file that rollback --break-glass wrote (${json === undefined ? 'this is not JSON' : z.prettifyError(parsed.error).split('\n')[0]})`;
    ctx.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  });

export const inputs = z
  .strictObject({
    mode: z
      .enum(switchModes)
      .describe(
        'reserve: lock the idle colour. bootstrap: the same for a first deployment. adopt: record what runs already. switch: move traffic to it. resume: go on after a pause. confirm: the release stays. revert: back to the last good release. retire: remove the old colour after the bake. status: what is live. reconcile: finish what dead runs left.',
      ),
    environment: environmentInput().describe('Environment whose traffic is meant, as GitHub names it.'),
    service: serviceInput().describe('Service whose traffic is meant.'),
    traffic: trafficFile(),
    version: versionSchema
      .optional()
      .meta({ example: '${{ needs.build.outputs.version }}' } satisfies FieldMeta)
      .describe(
        'reserve: version about to be deployed; the colour must say the same. adopt: the version that must be found running, when given.',
      ),
    digest: digestInput()
      .optional()
      .describe(
        'reserve: digest of the artifact about to be deployed; the colour must say the same. adopt: the digest that runs, needed where the colour does not say it.',
      ),
    sha: shaSchema
      .optional()
      .meta({ expression: '${{ github.sha }}' })
      .describe('reserve: commit that is released. adopt: leave it at the commit this run started from.'),
    'release-id': z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'letters, digits, dot, dash and underscore, at most 100')
      .optional()
      .describe('reserve: what the Deployments of several services that go live together have in common.'),
    kind: z
      .enum(['release', 'hotfix'])
      .default('release')
      .describe('reserve: what the Deployment is recorded as.'),
    'schema-version': z
      .string()
      .optional()
      .describe('reserve: version of the database schema this release runs on.'),
    'oldest-compatible-app': versionSchema
      .optional()
      .describe(
        'reserve: oldest app version that this schema allows, such as 1.4.2; traffic never goes back to an older one, nor to one that is no semantic version.',
      ),
    target: z.string().default('auto').describe('reserve: colour to deploy to; auto takes the idle one.'),
    verdict: z
      .string()
      .optional()
      .meta({ example: '${{ needs.gate.outputs.verdict }}' } satisfies FieldMeta)
      .describe('reserve, switch: output "verdict" of gate-check in this attempt of this run.'),
    strategy: strategyField()
      .prefault('instant')
      .describe(
        'reserve, switch: instant, or one step a line such as "10 % for 5m" or "50 % pause"; all traffic follows by itself. Steps need a router that can weigh, which reserve looks at too where it is given.',
      ),
    criteria: z
      .string()
      .optional()
      .describe(
        'switch, resume: criteria file on the default branch that judges each step (docs/rollback-criteria.md). Without it the new colour only has to stay well.',
      ),
    bake: duration()
      .prefault('30m')
      .describe('retire: how long a release must have been live before the old colour goes.'),
    remove: z
      .string()
      .default('deploy/remove')
      .describe(
        'retire: executable of the workspace, called with service, environment and colour; once allowed, at every run, so removing what is gone must succeed.',
      ),
    'dry-run': flag()
      .prefault('false')
      .describe('switch, revert: print the exact calls and everything that would be refused, and make none.'),
    'revert-on-job-failure': flag()
      .prefault('false')
      .describe('switch: take the release back when a later step of this job fails before mode confirm.'),
    'job-status': z
      .string()
      .optional()
      .meta({ expression: '${{ job.status }}' })
      .describe('State of this job, read again when it ends; leave it alone.'),
    'break-glass': breakGlassText()
      .optional()
      .describe(
        'reconcile: what "devops-actions rollback --break-glass" wrote down, as JSON: router and colours must bear it out, then the ledger is told.',
      ),
    'on-interrupt': onInterruptSchema
      .default('revert')
      .describe('What a switch that is cut off is brought to: revert, complete, or hold for a person.'),
    'lock-timeout': duration()
      .prefault('10m')
      .describe('How long to wait for a lock or a watch of another run.'),
    'production-environment': flag()
      .optional()
      .describe(
        'Whether Deployments are marked as production; by default only in an environment named production.',
      ),
    ...ledgerInputs(),
  })
  .superRefine((values, ctx) => {
    if (values['dry-run'] && values.mode !== 'switch' && values.mode !== 'revert') {
      ctx.addIssue({
        code: 'custom',
        path: ['dry-run'],
        message: `false, since mode ${values.mode} has no dry run; switch and revert have`,
      });
    }
    if ((values['schema-version'] === undefined) !== (values['oldest-compatible-app'] === undefined)) {
      const path = [values['schema-version'] === undefined ? 'schema-version' : 'oldest-compatible-app'];
      ctx.addIssue({
        code: 'custom',
        path,
        message: 'schema-version and oldest-compatible-app go together',
      });
    }
    for (const name of values['dry-run'] ? [] : (needed[values.mode] ?? [])) {
      if ((values as Record<string, unknown>)[name] === undefined) {
        ctx.addIssue({ code: 'custom', path: [name], message: `mode ${values.mode} needs it` });
      }
    }
  });

export type Inputs = z.output<typeof inputs>;

export const outputs = z.strictObject({
  result: z
    .string()
    .describe(
      'reserved, adopted, switched, degraded (switched, and new connections failed for 1 s or more), paused, confirmed, reverted, retired, kept, ok, drift, locked, held, refused, not-switched, dry-run, busy, nothing, released, completed or error.',
    ),
  report: z.string().describe('Path of the JSON report (schemas/switch-report.json).'),
  live: z
    .string()
    .describe('Colour with all traffic when the step ended; empty when traffic is mixed or not known.'),
  previous: z.string().describe('Colour that was live when the step began.'),
  target: z.string().describe('Colour that was reserved or switched to.'),
  'target-url': z.string().describe('Address of the target colour itself, to deploy to and test.'),
  changed: z
    .string()
    .describe(
      'true when traffic at the end of the step is not what it was when it began, down to a share or a node; false when both were read and are the same; unknown when the router could not be read at one end.',
    ),
  'deployment-id': z.string().describe('GitHub Deployment this is recorded in.'),
  'switched-at': z.string().describe('Instant (UTC) at which the router confirmed the move.'),
  'duration-ms': z.string().describe('Milliseconds from the first call to the confirmation by the router.'),
  'failed-connections': z
    .string()
    .describe(
      'How many new connections met a 5xx, a reset, a timeout or no server while traffic was moved and checked; empty when none was opened.',
    ),
});
