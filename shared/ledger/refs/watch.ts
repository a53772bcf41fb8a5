import * as z from 'zod';
import { checkStateSchema } from '../../contracts/check-state.js';
import { instantSchema, nameSchema } from '../../contracts/formats.js';
import { holderSchema } from './holder.js';
import type { RefStore } from './refs.js';
import { stateFile, type StateFile } from './state.js';

/** A release that is being watched; while it is, nobody reserves the idle colour, since a rollback needs it. */
export const watchSchema = z.strictObject({
  schema: z.literal('devops-actions/watch@1'),
  environment: nameSchema,
  service: nameSchema,
  claim: z.string(),
  holder: holderSchema,
  deployment: z.int().positive(),
  since: instantSchema,
  until: instantSchema,
  /** What scheduled checks of the release keep between two of them. A check whose run is over keeps nobody waiting. */
  check: checkStateSchema.optional(),
});

export type Watch = z.output<typeof watchSchema>;

/** The watch of a service in an environment. */
export function watchFile(store: RefStore, environment: string, service: string): StateFile<Watch> {
  return stateFile(store, watchSchema, environment, service, 'watch');
}
