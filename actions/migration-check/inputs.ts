import * as z from 'zod';
import { flag } from '../../shared/config/fields.js';
import { shaSchema, versionSchema } from '../../shared/contracts/formats.js';
import { migrationLevels, migrationModes } from '../../shared/contracts/reports/migration-report.js';
import { environmentInput, serviceInput, type FieldMeta } from '../../shared/runner/fields.js';
import { ledgerInputs } from '../../shared/runner/release-inputs.js';
import { applyInputs } from './apply/inputs.js';

const fields = z.strictObject({
  mode: z
    .enum(migrationModes)
    .default('check')
    .describe(
      'check: judge the migrations of the release. plan: the same, with order, statements and expected locks. run: back up, apply, verify, restore. rehearse: apply, reverse and apply again on a database of its own. settle: end a hold as a person says.',
    ),
  environment: environmentInput().describe('Environment whose live release the migrations must not break.'),
  service: serviceInput().describe('Service whose migrations are meant.'),
  migrations: z
    .string()
    .default('.github/migrations.yml')
    .describe(
      'Migrations file: where the migrations are (docs/migrations.md). Its path in the workspace, or the YAML itself.',
    ),
  version: versionSchema
    .optional()
    .meta({ example: '${{ needs.build.outputs.version }}' } satisfies FieldMeta)
    .describe('App version that is about to be released.'),
  sha: shaSchema
    .optional()
    .meta({ expression: '${{ github.sha }}' })
    .describe('Full sha of the released commit.'),
  base: z
    .string()
    .optional()
    .describe('Tag or commit to compare with instead of the live release of the ledger; the report says so.'),
  'fail-on': z
    .enum(migrationLevels)
    .exclude(['notice'])
    .default('error')
    .describe('Lowest level of a finding that stops the release.'),
  'sizes-from': z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable, such as REPLICA_URL')
    .optional()
    .describe(
      'plan: variable of this step with postgresql://user:password@host:5432/database of a role that may read the catalogue, for the sizes of what is locked.',
    ),
  comment: flag()
    .prefault('false')
    .describe(
      'true: keep one comment with the summary on the pull request that started the run; one from a fork gets the summary alone. Needs pull-requests: write.',
    ),
  ...applyInputs,
  ...ledgerInputs(),
});

export const inputs = fields.superRefine((values, ctx) => {
  for (const name of values.mode === 'settle' ? (['outcome', 'reason'] as const) : [])
    if (values[name] === undefined)
      ctx.addIssue({ code: 'custom', path: [name], message: 'mode settle needs it' });
});
export type Inputs = z.output<typeof inputs>;

export const outputs = z.strictObject({
  result: z
    .string()
    .describe(
      'none-changed, safe, waived, unsafe or error; applied, rehearsed, restored, failed, held, settled or busy in modes that change a database.',
    ),
  allowed: z.string().describe('true when nothing stops the release, else false.'),
  'schema-version': z
    .string()
    .describe('Version of the schema once the release is out, for blue-green-switch; empty when not known.'),
  'oldest-compatible-app': z
    .string()
    .describe('Oldest app version that may run on that schema, for blue-green-switch; empty when not known.'),
  backup: z.string().describe('run: name of the back-up; empty when none was taken.'),
  endpoint: z.string().describe('run: database to use from now on; empty when it is the one it was.'),
  report: z.string().describe('Path of the JSON report (schemas/migration-report.json).'),
});
export type Outputs = z.output<typeof outputs>;
