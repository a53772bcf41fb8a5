import * as z from 'zod';

/** Whether the pull request of a hotfix names evidence, or how long each of its stages took. */
export const hotfixReportSchema = z.strictObject({
  schema: z.literal('devops-actions/hotfix-report@1'),
  result: z
    .enum(['proved', 'refused', 'in-time', 'late'])
    .describe('proved, refused: its evidence. in-time, late: its minutes against the target.'),
  message: z.string(),
  pull: z.int().min(1).describe('Number of the pull request.'),
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
});

export type HotfixReport = z.output<typeof hotfixReportSchema>;
export type Piece = HotfixReport['evidence'][number];
export type Stage = HotfixReport['stages'][number];
