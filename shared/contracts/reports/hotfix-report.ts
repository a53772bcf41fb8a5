import * as z from 'zod';
import { instantSchema } from '../formats.js';

/** Whether the pull request of a hotfix names evidence, or how long each of its stages took. */
export const hotfixReportSchema = z.strictObject({
  schema: z.literal('devops-actions/hotfix-report@1'),
  result: z
    .enum(['proved', 'refused', 'in-time', 'late', 'hotfix', 'release', 'not-delivered'])
    .describe(
      'proved, refused: its evidence. in-time, late: its minutes against the target. hotfix, release: how the commit came. not-delivered: production does not have it.',
    ),
  message: z.string(),
  pull: z.int().min(1).optional().describe('Number of the pull request; a commit may have come by none.'),
  evidence: z
    .array(z.strictObject({ text: z.string(), is: z.enum(['ok', 'wrong']), detail: z.string() }))
    .describe('What stands behind "Evidence:", one by one; empty for minutes.'),
  stages: z
    .array(
      z.strictObject({
        name: z.string(),
        seconds: z.int().min(0).nullable().describe('How long it took; null while it is not known.'),
        target: z
          .number()
          .nullable()
          .describe('Minutes that are planned for it; null for a part of a stage.'),
        note: z.string(),
      }),
    )
    .describe('In their order; empty for evidence.'),
  delivered: z
    .strictObject({
      service: z.string(),
      environment: z.string(),
      /** When the ledger says that it was live. */
      at: instantSchema,
      minutes: z.number().describe('From its first commit, or what is known of its beginning.'),
      target: z.number(),
    })
    .optional()
    .describe('Once production has it.'),
  missing: z
    .array(z.strictObject({ branch: z.string(), what: z.string(), url: z.string() }))
    .default([])
    .describe('Branches that do not have the fix, with the address at which it is brought there.'),
});

export type HotfixReport = z.output<typeof hotfixReportSchema>;
export type Piece = HotfixReport['evidence'][number];
export type Stage = HotfixReport['stages'][number];
