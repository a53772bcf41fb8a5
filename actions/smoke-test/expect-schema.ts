import * as z from 'zod';
import { durationForm, parseDuration } from '../../shared/time/duration.js';
import { atLeastOne, atMostOne } from './alternatives.js';

const text = z.string().min(1, 'text that is not empty: everything contains nothing');
const status = z.int().min(100).max(599);

/** Header names as RFC 9110 allows them. */
export const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'a header name');

const headerMatcher = z
  .strictObject({
    exists: z.boolean().optional().describe('Whether the header is sent at all.'),
    equals: z
      .string()
      .optional()
      .describe('The whole value; a header sent several times does not equal one value.'),
    contains: text.optional().describe('Text inside one of its values.'),
    'not-contains': text.optional().describe('Text that none of its values has; the header must be there.'),
    matches: text.optional().describe('A regular expression that one of its values matches.'),
  })
  .check(atLeastOne('exists', 'equals', 'contains', 'not-contains', 'matches'));

const jsonMatcher = z
  .strictObject({
    path: z.string().min(1).describe('A JSONPath (RFC 9535); it gives a list of nodes.'),
    exists: z.boolean().optional().describe('Whether there is any node; a null is a node.'),
    count: z.int().min(0).optional().describe('How many nodes.'),
    equals: z.unknown().optional().describe('Exactly one node, deeply equal to this value.'),
    'contains-value': z.unknown().optional().describe('At least one node deeply equal to this value.'),
    matches: text.optional().describe('Exactly one node, a text that matches this regular expression.'),
  })
  .check(atLeastOne('exists', 'count', 'equals', 'contains-value', 'matches'));

const bodyMatcher = z
  .strictObject({
    equals: z.string().optional().describe('The whole body as text.'),
    contains: text.optional(),
    'not-contains': text.optional(),
    matches: text.optional().describe('A regular expression that matches somewhere in the body.'),
  })
  .check(atLeastOne('equals', 'contains', 'not-contains', 'matches'));

/** An upper bound such as "< 500ms", in milliseconds; the bound itself is over it. */
export const durationBelow = () =>
  z.string().transform((value, ctx) => {
    const limit = parseDuration(/^<(.*)$/s.exec(value.trim())?.[1] ?? '');
    if (limit !== undefined && limit > 0) return limit;
    ctx.issues.push({ code: 'custom', message: `"< " and ${durationForm}`, input: value });
    return z.NEVER;
  });

/** What a step expects of its answer; without a status, only 2xx passes. */
export const expectSchema = z
  .strictObject({
    status: status.optional().describe('The one status that passes.'),
    'status-in': z.array(status).min(1).optional().describe('The statuses that pass.'),
    headers: z.record(headerName, headerMatcher).optional(),
    json: z.array(jsonMatcher).min(1).optional(),
    body: bodyMatcher.optional(),
    latency: durationBelow().optional().describe('Longest time to the last byte, e.g. "< 500ms".'),
  })
  .check(atLeastOne('status', 'status-in', 'headers', 'json', 'body', 'latency'))
  .check(atMostOne('status', 'status-in'));

export type Expectations = z.output<typeof expectSchema>;
export type HeaderMatcher = z.output<typeof headerMatcher>;
export type JsonMatcher = z.output<typeof jsonMatcher>;
export type BodyMatcher = z.output<typeof bodyMatcher>;
