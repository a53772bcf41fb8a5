import * as z from 'zod';
import { labelPattern, labelPatternForm } from '../label-pattern.js';
import { templateField } from './fields.js';

export const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'a label name');

/** Series by the value of one label. */
export const labelled = z.strictObject({
  label: labelName.describe('Name of a label.'),
  matches: z
    .string()
    .refine((text) => labelPattern(text) !== undefined, labelPatternForm)
    .describe('A regular expression for its value.'),
});

/** Labels that a series must have. */
export const matchField = () =>
  z
    .record(labelName, templateField())
    .default({})
    .describe('Labels that a series must have, with {{ version }} and the like.');

/** Which series count requests, and which of them are errors. */
export const requestsField = () =>
  z
    .strictObject({
      metric: z
        .string()
        .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'the name of a counter')
        .describe('Name of the counter of requests.'),
      match: matchField(),
      errors: labelled.describe('Which of the requests failed.'),
      // Health checks and the watch's own scrapes would dilute the rate.
      except: labelled.optional().describe('Requests that do not count, such as health checks.'),
    })
    .describe('Which series count requests, and which of them are errors.');

export type RequestsField = z.output<ReturnType<typeof requestsField>>;
