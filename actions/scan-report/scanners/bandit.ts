import * as z from 'zod';
import { defineScanner, severityOf } from './scanner.js';

/** `bandit --format json`. A file that it cannot parse stands in `errors`, and it ends as if all were well. */
export const bandit = defineScanner({
  unit: 'lines of Python',
  exits: { found: [1] },
  schema: z.object({
    errors: z.array(z.object({ filename: z.string(), reason: z.string() })),
    metrics: z.object({ _totals: z.object({ loc: z.int() }) }),
    results: z.array(
      z.object({
        test_id: z.string(),
        test_name: z.string(),
        issue_severity: z.string(),
        issue_text: z.string(),
        filename: z.string(),
        line_number: z.int(),
      }),
    ),
  }),
  read: ({ errors, metrics, results }) => ({
    lookedAt: metrics._totals.loc,
    findings: results.map((each) => ({
      id: each.test_id,
      aliases: [each.test_name],
      severity: severityOf(each.issue_severity),
      title: each.issue_text,
      file: each.filename,
      line: each.line_number,
    })),
    blind: errors.map(({ filename, reason }) => `${filename} was not read: ${reason}`),
  }),
});
