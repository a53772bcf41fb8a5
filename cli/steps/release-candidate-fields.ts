import * as z from 'zod';
import { lines } from '../../shared/config/fields.js';
import { environmentInput, githubToken, serviceInput, type FieldMeta } from '../../shared/runner/fields.js';

export const inputs = z.strictObject({
  mode: z
    .enum(['check', 'tag'])
    .describe('check: say whether the commit may be a candidate. tag: the same, then make its tag.'),
  version: z
    .string()
    .regex(/^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/, 'a version such as 1.4.0, without -rc')
    .meta({ example: '1.4.0' } satisfies FieldMeta)
    .describe('The version that it is a candidate of.'),
  prefix: z
    .string()
    .regex(/^[\w.@-]{0,60}$/, 'what stands before the version in a tag, such as v or shop-v')
    .default('v')
    .describe('What stands before the version in a tag, as the gates release-candidate and version have it.'),
  environment: environmentInput().default('staging').describe('Where the commit must be live.'),
  service: serviceInput().describe('The service.'),
  workflows: lines()
    .prefault('.github/workflows/ci.yml')
    .describe('Paths of the workflows that must have run on the commit and be green, one a line.'),
  branches: lines()
    .prefault('main\ndevelop')
    .describe('Branches of which one must hold the commit, one a line.'),
  'release-workflows': lines()
    .prefault('.github/workflows/cd.yml')
    .describe('Paths of the workflows whose Deployments count, one a line.'),
  'ledger-writers': lines()
    .prefault('github-actions[bot]')
    .describe(
      'Identities whose ledger records count, one a line: github-actions[bot] or an App as <slug>[bot].',
    ),
  'github-token': githubToken(),
});

export const outputs = z.strictObject({
  result: z.string().describe('ready, tagged, exists, refused or error.'),
  tag: z.string().describe('The tag; in mode check the one that would be made; empty when refused.'),
  'live-version': z.string().describe('Version that is live where the commit was proved.'),
  report: z.string().describe('Path of the JSON report (schemas/release-candidate-report.json).'),
});
