import * as z from 'zod';
import { atLeastOne } from './alternatives.js';
import { durationBelow } from './matcher-schema.js';

const p95 = durationBelow().describe('95th percentile of the answers, e.g. "< 800ms".');

/** What a flow may take, over all its rows and tenants. */
export const flowBudgetSchema = z.strictObject({ p95 });

/** What a whole suite may take. */
export const budgetsSchema = z
  .strictObject({
    p95: p95.optional(),
    failures: z
      .int()
      .min(0)
      .max(1_000)
      .optional()
      .describe('How many flows may fail and the suite still pass; default 0.'),
  })
  .check(atLeastOne('p95', 'failures'));

export type Budgets = z.output<typeof budgetsSchema>;
export type FlowBudget = z.output<typeof flowBudgetSchema>;
