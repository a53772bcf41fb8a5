import * as z from 'zod';
import { defineScanner } from './scanner.js';

/** Exit code that the workflow asks gitleaks for when it finds something; its own 1 is an error as well. */
export const leaksFound = 3;

/** `gitleaks git --report-format json`. The secret itself is not taken over. */
export const gitleaks = defineScanner({
  unit: 'commits',
  exits: { found: [leaksFound] },
  schema: z.array(
    z.object({
      RuleID: z.string(),
      Description: z.string(),
      File: z.string(),
      StartLine: z.int(),
      Commit: z.string(),
    }),
  ),
  read: (leaks) => ({
    findings: leaks.map(
      ({ RuleID: id, Description: title, File: file, StartLine: line, Commit: commit }) => ({
        id,
        severity: 'critical' as const,
        title: `${title} In commit ${commit.slice(0, 12) || 'of the working tree'}`,
        file,
        line,
        fix: 'revoke it first; taking it out of the file leaves it in the history',
      }),
    ),
  }),
});
