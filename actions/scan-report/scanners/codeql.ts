import { readRuns, sarifSchema } from './sarif.js';
import { defineScanner } from './scanner.js';

/**
 * SARIF of `github/codeql-action/analyze`. A notice for each file says whether it could be read into the database: one
 * that could not was not looked at, and the analysis ends well all the same.
 */
export const codeql = defineScanner({
  unit: 'files',
  schema: sarifSchema,
  read({ runs }) {
    const told = runs
      .flatMap(({ invocations }) => invocations)
      .flatMap(({ toolExecutionNotifications }) => toolExecutionNotifications);
    const about = (end: RegExp) => told.filter(({ descriptor }) => end.test(descriptor?.id ?? ''));
    const { findings, blind } = readRuns(runs);
    const unread = about(/\/extraction-(errors|warnings)$/).map(
      ({ message }) => message.text || 'a file could not be read',
    );
    return {
      lookedAt: about(/\/successfully-extracted-files$/).length,
      findings,
      blind: [...new Set([...blind, ...unread])],
    };
  },
});
