import * as z from 'zod';

/**
 * A text that is not empty. One schema for all the keys that want one: making schemas is most of what a small suite
 * costs.
 */
export const someText = z.string().min(1);
