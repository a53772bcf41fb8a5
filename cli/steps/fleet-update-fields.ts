import * as z from 'zod';
import { githubToken, type FieldMeta } from '../../shared/runner/fields.js';

export const inputs = z.strictObject({
  proposal: z
    .string()
    .meta({ example: 'proposal.json' } satisfies FieldMeta)
    .describe('Path of what init --check --proposal wrote, by the version that is proposed.'),
  branch: z
    .string()
    .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'a name of a branch')
    .default('devops-actions/fleet-update')
    .describe('Branch of the one pull request.'),
  'write-token': z
    .string()
    .optional()
    .meta({ secret: true, example: '${{ steps.app.outputs.token }}' } satisfies FieldMeta)
    .describe(
      'Token of an App with contents, pull-requests and workflows: write. It is used only where something is written; the token of a job may not push workflow files.',
    ),
  'github-token': githubToken(),
});

export const outputs = z.strictObject({
  result: z
    .enum(['opened', 'updated', 'unchanged', 'closed', 'up-to-date', 'held'])
    .describe(
      'What became of the pull request. held: its branch has commits of somebody else. up-to-date: none is needed.',
    ),
  url: z.string().describe('Address of the pull request; empty when there is none.'),
  report: z.string().describe('Path of the JSON report (schemas/fleet-report.json).'),
});
