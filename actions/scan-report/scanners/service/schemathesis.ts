import * as z from 'zod';
import { defineScanner, severityOf } from '../scanner.js';

/**
 * `schemathesis run --report json`. It ends with 1 for failures and for operations that it could not call alike, and
 * an operation that answers to nobody without a login is one of which nothing was tried.
 */
export const schemathesis = defineScanner({
  unit: 'operations',
  exits: { found: [1] },
  schema: z.object({
    complete: z.boolean(),
    stop_reason: z.string().nullish(),
    operations: z.object({ tested: z.int(), selected: z.int(), errored: z.int() }),
    failures: z.array(
      z.object({
        code: z.string().nullish(),
        type: z.string(),
        title: z.string(),
        severity: z.string().nullish(),
        operations: z.array(z.string()).min(1),
      }),
    ),
    errors: z.array(z.object({ title: z.string() })),
    warnings: z.object({ missing_auth: z.array(z.unknown()).default([]) }).optional(),
  }),
  read: ({ complete, stop_reason: stop, operations, failures, errors, warnings }) => ({
    lookedAt: operations.tested,
    findings: failures.flatMap(({ code, type, title, severity, operations: of }) =>
      of.map((file) => ({ id: code ?? type, aliases: [type], severity: severityOf(severity), title, file })),
    ),
    blind: [
      ...(complete ? [] : [`it stopped before its end: ${stop ?? 'it does not say why'}`]),
      ...errors.map(({ title }) => title),
      ...(operations.errored > 0
        ? [`${operations.errored} of ${operations.selected} operations could not be called`]
        : []),
      ...(operations.selected > operations.tested + operations.errored
        ? [
            `${operations.selected - operations.tested - operations.errored} of ${operations.selected} operations were not called`,
          ]
        : []),
      ...(warnings?.missing_auth.length
        ? [`${warnings.missing_auth.length} operations answered only that a login is missing`]
        : []),
    ],
  }),
});
