import * as z from 'zod';

/** A YAML scalar of any kind; expressions, env and inputs see all of them as text. */
export const scalar = z
  .union([z.string(), z.number(), z.boolean(), z.null()], 'a text, number or boolean was expected')
  .transform((value) => (value === null ? '' : String(value)));
