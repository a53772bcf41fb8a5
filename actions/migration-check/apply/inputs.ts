import * as z from 'zod';

/** Inputs of the modes that change a database. */
export const applyInputs = {
  outcome: z
    .enum(['applied', 'taken-back', 'other'])
    .optional()
    .describe(
      'settle: what became of the migration on hold. applied is verified as a run does, taken-back compared with what was before; other is compared with nothing.',
    ),
  reason: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe('settle: what was done, for the journal and the incident.'),
};
