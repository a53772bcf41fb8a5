import * as z from 'zod';
import { scalar } from './yaml-scalar.js';

/** A scalar that keeps its YAML type, since a call is strict about types; nothing at all is an empty text. */
const typed = z
  .union([z.string(), z.number(), z.boolean(), z.null()], 'a text, number or boolean was expected')
  .transform((value) => value ?? '');

/** `with` of a job that calls a workflow. */
export const callWith = z.record(z.string(), typed);

/** `secrets` of a job that calls a workflow. */
export const callSecrets = z.union(
  [z.literal('inherit'), z.record(z.string(), scalar)],
  '`inherit`, or a map of names to secrets was expected',
);

const input = z.strictObject({
  description: scalar.optional(),
  deprecationMessage: z.string().optional(),
  required: z.boolean().optional(),
  type: z.enum(['string', 'boolean', 'number'], 'type must be string, boolean or number'),
  default: typed.optional(),
});
export type CallInput = z.infer<typeof input>;

const secret = z
  .strictObject({ description: scalar.optional(), required: z.boolean().optional() })
  .nullable();

/** What `on.workflow_call` declares. */
export const callTriggerShape = z
  .strictObject({
    inputs: z.record(z.string(), input).nullish(),
    secrets: z.record(z.string(), secret).nullish(),
    outputs: z
      .record(z.string(), z.strictObject({ description: scalar.optional(), value: scalar }))
      .nullish(),
  })
  .nullable()
  .transform((value) => ({
    inputs: value?.inputs ?? {},
    secrets: value?.secrets ?? {},
    outputs: value?.outputs ?? {},
  }));
