import * as z from 'zod';

/** A name that stands in `{{ }}`. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][\w-]*$/, 'letters, digits, _ and -, not starting with a digit');
