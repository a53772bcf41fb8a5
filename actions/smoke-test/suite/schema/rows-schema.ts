import * as z from 'zod';
import { exactlyOne } from './alternatives.js';
import { variableName } from '../../values/variable-name.js';

/** A flow runs at most this often; more is a load test. */
export const maxRows = 10_000;

const form = `a list of 1 to ${maxRows} rows`;

/** Rows as they stand in a file or in the suite: a mapping each, from the name of a column to its value. */
export const rowListSchema = z.array(z.record(variableName, z.unknown())).min(1, form).max(maxRows, form);

/** Where the rows of a flow come from. */
export const rowsSchema = z
  .strictObject({
    inline: rowListSchema.optional().describe('The rows themselves.'),
    file: z
      .string()
      .regex(/\.(csv|json)$/i, 'a path that ends in .csv or .json')
      .optional()
      .describe('A CSV file whose first line names the columns, or a JSON list of objects.'),
  })
  .check(exactlyOne('inline', 'file'));

export type Rows = z.output<typeof rowsSchema>;
