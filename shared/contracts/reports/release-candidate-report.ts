import * as z from 'zod';
import { shaSchema } from '../formats.js';

/** Whether a commit is a release candidate, and by which tag. */
export const releaseCandidateReportSchema = z.strictObject({
  schema: z.literal('devops-actions/release-candidate-report@1'),
  result: z
    .enum(['ready', 'tagged', 'exists', 'refused'])
    .describe('ready: it may be tagged. exists: it has such a tag already, and no second one was made.'),
  message: z.string(),
  sha: shaSchema,
  tag: z.string().describe('The tag; with ready, the one that would be made; empty when refused.'),
  proofs: z.array(
    z.strictObject({ what: z.string(), is: z.enum(['ok', 'wrong']), detail: z.string(), fix: z.string() }),
  ),
});

export type ReleaseCandidateReport = z.output<typeof releaseCandidateReportSchema>;
export type Proof = ReleaseCandidateReport['proofs'][number];
