import * as z from 'zod';

const problemSchema = z.strictObject({
  file: z.string(),
  line: z.number().optional(),
  column: z.number().optional(),
  path: z.string(),
  got: z.string(),
  allowed: z.string(),
  fix: z.string(),
  didYouMean: z.string().optional(),
  message: z.string().optional(),
});

/** What any action of the suite writes when it stopped with an error instead of a report of its own. */
export const errorReportSchema = z.strictObject({
  schema: z.literal('devops-actions/error@1'),
  action: z.string(),
  result: z.literal('error'),
  kind: z
    .enum(['configuration', 'error'])
    .describe('configuration: an input or file is wrong and nothing was done.'),
  message: z.string(),
  problems: z.array(problemSchema).optional().describe('What is wrong with inputs and files, all at once.'),
});

export type ErrorReport = z.output<typeof errorReportSchema>;
