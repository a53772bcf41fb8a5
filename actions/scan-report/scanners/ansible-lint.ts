import { readRuns, sarifSchema } from './sarif.js';
import { defineScanner } from './scanner.js';

/** A file that it could not read, which it calls a warning. */
const unread = /^(load-failure|internal-error|parser-error)\b/;

/** `ansible-lint --format sarif`. How many files it looked at stands in its log; it ends with 5 when there is none. */
export const ansibleLint = defineScanner({
  unit: 'files',
  exits: { found: [2] },
  schema: sarifSchema,
  read({ runs }) {
    const { findings, blind } = readRuns(runs);
    return {
      findings: findings.filter(({ id }) => !unread.test(id)),
      blind: [
        ...blind,
        ...findings
          .filter(({ id }) => unread.test(id))
          .map(({ file, title }) => `${file ?? 'a file'} was not read: ${title}`),
      ],
    };
  },
});
