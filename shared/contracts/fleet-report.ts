import * as z from 'zod';

/** What a run of fleet-update did about the files of the suite in a repository, and what it found beside. */
export const fleetReportSchema = z.strictObject({
  schema: z.literal('devops-actions/fleet-report@1'),
  result: z
    .enum(['opened', 'updated', 'unchanged', 'closed', 'up-to-date', 'held'])
    .describe('held: the branch has commits of somebody else, and was left as it is.'),
  message: z.string(),
  from: z.string().describe('Version of the suite that wrote the files as they are.'),
  to: z.string().describe('Version that was proposed.'),
  pull: z.strictObject({ number: z.int(), url: z.string() }).optional(),
  files: z.array(z.string()).describe('Paths that the pull request changes.'),
  kept: z
    .array(z.strictObject({ path: z.string(), line: z.int().optional(), what: z.string() }))
    .describe('Places that the team changed in files of the suite. They are left as they are.'),
  'by-hand': z
    .array(z.string())
    .describe(
      'Paths of workflows that a person has to bring with init: GitHub would run them with a login or secrets before anybody reviewed them.',
    ),
  settings: z
    .array(
      z.strictObject({
        setting: z.string(),
        is: z.enum(['ok', 'wrong', 'unknown']),
        why: z.array(z.string()),
        fix: z.string().optional(),
      }),
    )
    .describe('Settings of GitHub that could let somebody around the gate.'),
});

export type FleetReport = z.output<typeof fleetReportSchema>;
