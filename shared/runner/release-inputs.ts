import * as z from 'zod';
import { integer, lines } from '../config/fields.js';
import { githubToken } from './fields.js';

/** The input `traffic` of every action that moves traffic. */
export const trafficFile = () =>
  z
    .string()
    .default('.github/traffic.yml')
    .describe(
      'Traffic file: colours, router, health and entry (docs/traffic.md). Its path in the workspace, or the YAML itself.',
    );

/** The inputs of every action that writes the ledger: whose records count, and who asks. */
export const ledgerInputs = () => ({
  'ledger-writers': lines()
    .prefault('github-actions[bot]')
    .describe(
      'Identities whose ledger records count, one a line: github-actions[bot] or an App as <slug>[bot].',
    ),
  'release-workflows': lines()
    .optional()
    .describe(
      'Paths of the workflows whose Deployments count, one a line, those that take back included; by default any of this repository.',
    ),
  'job-id': integer(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ expression: '${{ job.check_run_id }}' })
    .describe('Id of this job, by which another run can tell whether it still lives.'),
  'github-token': githubToken(),
});
