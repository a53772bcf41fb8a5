import * as z from 'zod';
import { defineScanner, severityOf, type Found } from './scanner.js';

const check = z.object({
  check_id: z.string(),
  check_name: z.string(),
  file_path: z.string(),
  /** From the folder in which it ran; `file_path` is from the one that it was given. */
  repo_file_path: z.string().nullish(),
  file_line_range: z.array(z.int()),
  resource: z.string(),
  severity: z.string().nullish(),
});
const framework = z.object({
  check_type: z.string(),
  results: z.object({
    failed_checks: z.array(check),
    skipped_checks: z.array(check).default([]),
    parsing_errors: z.array(z.string()),
  }),
  summary: z.object({ resource_count: z.int() }),
});
/** What it prints instead when it recognized no file at all. */
const nothing = z.object({ resource_count: z.literal(0) });

/**
 * `checkov --output json`: one report, or a list with one for each kind of file. A check that a comment in the file
 * skips is a finding too: exceptions have their own file, with an end.
 */
export const checkov = defineScanner({
  unit: 'resources',
  exits: { found: [1] },
  schema: z.union(
    [z.array(framework), framework.transform((one) => [one]), nothing.transform(() => [])],
    'not a report of checkov',
  ),
  read(all) {
    const found = (each: z.output<typeof check>, skipped: boolean): Found => ({
      id: each.check_id,
      severity: severityOf(each.severity),
      title: `${each.check_name} (${each.resource})${skipped ? ', skipped by a comment' : ''}`,
      file: (each.repo_file_path ?? each.file_path).replace(/^\/+/, ''),
      line: each.file_line_range[0] ?? 1,
    });
    return {
      lookedAt: all.reduce((sum, { summary }) => sum + summary.resource_count, 0),
      findings: all.flatMap(({ results }) => [
        ...results.failed_checks.map((each) => found(each, false)),
        ...results.skipped_checks.map((each) => found(each, true)),
      ]),
      blind: all.flatMap(({ results }) =>
        results.parsing_errors.map((file) => `${file} could not be parsed`),
      ),
    };
  },
});
