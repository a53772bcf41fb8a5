import * as z from 'zod';
import { defineScanner, severityOf } from './scanner.js';

/** `hadolint --format json`. How many files it got is told beside the report: a clean one is an empty list. */
export const hadolint = defineScanner({
  unit: 'Dockerfiles',
  exits: { found: [1] },
  schema: z.array(
    z.object({ code: z.string(), file: z.string(), level: z.string(), line: z.int(), message: z.string() }),
  ),
  read: (all) => ({
    findings: all
      .filter(({ code }) => code !== 'DL1000')
      .map(({ code, file, level, line, message }) => ({
        id: code,
        severity: severityOf(level),
        title: message,
        file,
        line,
      })),
    // The code of a file that it cannot parse.
    blind: all.filter(({ code }) => code === 'DL1000').map(({ file, message }) => `${file}: ${message}`),
  }),
});
