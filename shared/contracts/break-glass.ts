import * as z from 'zod';
import { callSchema } from './call.js';
import { instantSchema, nameSchema } from './formats.js';

/** A colour, and what it said that it runs. */
const sideSchema = z.strictObject({
  colour: nameSchema,
  version: z.string().optional(),
  digest: z.string().optional(),
});

/**
 * What was done from a laptop while GitHub could not be asked, as it was written there. It proves nothing: router and
 * colours must bear it out before the ledger is told.
 */
export const breakGlassSchema = z.strictObject({
  schema: z.literal('devops-actions/break-glass@1'),
  environment: nameSchema,
  service: nameSchema,
  /** When it began, and who said so. */
  at: instantSchema,
  by: z.string().min(1).max(100),
  reason: z.string().min(1).max(500),
  /** Where traffic was; left out where it was on several colours. */
  from: sideSchema.optional(),
  to: sideSchema,
  /** What was to be called on the router's nodes, in order, and which of that was done, by its place. */
  calls: z.array(callSchema),
  done: z.array(z.int().nonnegative()),
  /** moving: it was begun, and nobody wrote its end. held: not every node has what it was to have. */
  state: z.enum(['moving', 'restored', 'held']),
  restoredAt: instantSchema.optional(),
  message: z.string().optional(),
});

export type BreakGlass = z.output<typeof breakGlassSchema>;
