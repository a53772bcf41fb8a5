import * as z from 'zod';
import { defineScanner, severityOf } from './scanner.js';

/** `semgrep scan --json`. Without `--strict` it ends with 0 although it could not parse a file. */
export const semgrep = defineScanner({
  unit: 'files',
  exits: { found: [1] },
  schema: z.object({
    errors: z.array(z.object({ message: z.string().default(''), path: z.string().optional() })),
    paths: z.object({ scanned: z.array(z.string()) }),
    results: z.array(
      z.object({
        check_id: z.string(),
        path: z.string(),
        start: z.object({ line: z.int() }),
        extra: z.object({ message: z.string(), severity: z.string() }),
      }),
    ),
  }),
  read: ({ errors, paths, results }) => ({
    lookedAt: paths.scanned.length,
    findings: results.map(({ check_id: id, path, start, extra }) => ({
      id,
      // The folder of the rule file stands before the name of the rule.
      aliases: [id.split('.').at(-1)!],
      severity: severityOf(extra.severity),
      title: extra.message,
      file: path,
      line: start.line,
    })),
    blind: errors.map(({ message, path }) => `${path ?? 'a rule'}: ${message}`),
  }),
});
