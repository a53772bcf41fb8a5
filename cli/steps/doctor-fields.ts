import * as z from 'zod';
import { environmentInput, githubToken, serviceInput, type FieldMeta } from '../../shared/runner/fields.js';

export const inputs = z.strictObject({
  environment: environmentInput().describe('Where the release would go.'),
  service: serviceInput().describe('The service that would be released.'),
  traffic: z
    .string()
    .optional()
    .meta({ example: '.github/traffic/production.yml' } satisfies FieldMeta)
    .describe('Path of the traffic file; empty: .github/traffic/ENVIRONMENT.yml.'),
  criteria: z.string().default('.github/rollback.yml').describe('Path of the rollback criteria.'),
  'github-token': githubToken(),
});

export const outputs = z.strictObject({
  result: z
    .enum(['ready', 'not-ready'])
    .describe('ready: a release could begin. not-ready: a line is wrong, or could not be asked.'),
  report: z.string().describe('Path of the JSON report (schemas/doctor-report.json).'),
});
