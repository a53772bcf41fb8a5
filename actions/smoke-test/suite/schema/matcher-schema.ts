import * as z from 'zod';
import { someText } from './some-text.js';
import { durationForm, durationPattern, parseDuration } from '../../../../shared/time/duration.js';
import { atLeastOne, exactlyOne } from './alternatives.js';

/** Text that is not empty: everything contains nothing. */
export const text = z.string().min(1, 'text that is not empty: everything contains nothing');

/** One text, or several that must all hold. */
const texts = z.union([text, z.array(text).min(1)]);

/** Header names as RFC 9110 allows them. */
export const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'a header name');

const namedTextShape = {
  equals: z
    .string()
    .optional()
    .describe('The whole value; one that is sent several times does not equal one value.'),
  contains: texts.optional().describe('Text, or a list of texts, inside each of its values.'),
  'not-contains': texts
    .optional()
    .describe('Text, or a list of texts, that none of its values has; it must be there.'),
  matches: texts.optional().describe('A regular expression, or a list, that each of its values matches.'),
  'any-value': z
    .literal(true)
    .optional()
    .describe('One of several values is enough for contains and matches.'),
};

/** A check that what lessens others has others to lessen: alone it would change nothing, and seem to. */
function lessens(ctx: z.core.ParsePayload<z.output<z.ZodObject<typeof namedTextShape>>>): void {
  const { contains, matches, 'any-value': anyValue } = ctx.value;
  if (anyValue === undefined || contains !== undefined || matches !== undefined) return;
  ctx.issues.push({
    code: 'custom',
    message: '"any-value" beside contains or matches, which it is about',
    path: ['any-value'],
    input: ctx.value,
    params: { fix: 'remove "any-value", or write contains or matches' },
  });
}

export const headerMatcher = z
  .strictObject({
    exists: z.boolean().optional().describe('Whether the header is sent at all.'),
    ...namedTextShape,
  })
  .check(atLeastOne('exists', 'equals', 'contains', 'not-contains', 'matches'), lessens);

export const cookieMatcher = z
  .strictObject({
    sent: z
      .boolean()
      .optional()
      .describe('Whether it has a Set-Cookie of this name, to set or to delete it.'),
    exists: z
      .boolean()
      .optional()
      .describe('Whether the answer sets it at all; a deleted one is neither set nor absent.'),
    ...namedTextShape,
    secure: z.boolean().optional().describe('Whether it has Secure.'),
    'http-only': z.boolean().optional().describe('Whether it has HttpOnly.'),
    'same-site': z.enum(['strict', 'lax', 'none']).optional().describe('Its SameSite.'),
    domain: someText.optional().describe('Its Domain.'),
    path: someText.optional().describe('Its Path.'),
    lasts: z
      .enum(['session', 'longer', 'deleted'])
      .optional()
      .describe('Until when; a time in the past deletes it.'),
  })
  .check(
    atLeastOne(
      'sent',
      'exists',
      'equals',
      'contains',
      'not-contains',
      'matches',
      'secure',
      'http-only',
      'same-site',
      'domain',
      'path',
      'lasts',
    ),
    lessens,
  );

/** Types of JSON, as JSON Schema names them; null is a value, and in YAML `null` would be no text. */
const jsonTypes = ['array', 'boolean', 'integer', 'number', 'object', 'string'] as const;

export const jsonMatcher = z
  .strictObject({
    path: someText.describe('A JSONPath (RFC 9535); it gives a list of nodes.'),
    exists: z.boolean().optional().describe('Whether there is any node; a null is a node.'),
    count: z.int().min(0).optional().describe('How many nodes.'),
    equals: z.unknown().optional().describe('Exactly one node, deeply equal to this value.'),
    values: z
      .array(z.unknown())
      .optional()
      .describe('The values of all nodes, in document order, deeply equal to this list.'),
    'contains-value': z.unknown().optional().describe('At least one node deeply equal to this value.'),
    matches: text.optional().describe('Exactly one node, a text that matches this regular expression.'),
    type: z.enum(jsonTypes).optional().describe('Exactly one node of this type; 1.0 is an integer too.'),
    gt: z.number().optional().describe('Exactly one node, a number greater than this.'),
    gte: z.number().optional().describe('Exactly one node, a number of at least this.'),
    lt: z.number().optional().describe('Exactly one node, a number less than this.'),
    lte: z.number().optional().describe('Exactly one node, a number of at most this.'),
  })
  .check(
    atLeastOne(
      'exists',
      'count',
      'equals',
      'values',
      'contains-value',
      'matches',
      'type',
      'gt',
      'gte',
      'lt',
      'lte',
    ),
  );

const nodeTextShape = {
  exists: z.boolean().optional().describe('Whether there is any node.'),
  count: z.int().min(0).optional().describe('How many nodes.'),
  equals: z.string().optional().describe('Exactly one node with this text, runs of white space as one.'),
  contains: texts.optional().describe('At least one node whose text contains this; a list: one for each.'),
  'not-contains': texts
    .optional()
    .describe('At least one node, and none whose text contains this, or one of a list.'),
  matches: texts.optional().describe('At least one node whose text matches this; a list: one for each.'),
};
const nodeTextKeys = ['exists', 'count', 'equals', 'contains', 'not-contains', 'matches'] as const;

export const xpathMatcher = z
  .strictObject({
    path: someText.describe('An XPath 1.0 expression.'),
    namespaces: z.record(someText, someText).optional().describe('Prefixes it uses.'),
    ...nodeTextShape,
  })
  .check(atLeastOne(...nodeTextKeys));

export const cssMatcher = z
  .strictObject({
    selector: someText.describe('A CSS selector.'),
    attribute: someText.optional().describe('Look at this attribute instead of the text.'),
    ...nodeTextShape,
  })
  .check(atLeastOne(...nodeTextKeys));

export const bodyMatcher = z
  .strictObject({
    equals: z.string().optional().describe('The whole text.'),
    contains: texts.optional().describe('Text that stands in it, or a list of texts that all do.'),
    'not-contains': texts
      .optional()
      .describe('Text that does not stand in it, or a list of which none does.'),
    matches: texts.optional().describe('A regular expression that matches somewhere, or a list that all do.'),
  })
  .check(atLeastOne('equals', 'contains', 'not-contains', 'matches'));

export const jsonSchemaMatcher = z
  .strictObject({
    file: someText.optional().describe('A JSON Schema in a file of the workspace.'),
    schema: z.record(z.string(), z.unknown()).optional().describe('A JSON Schema written here.'),
  })
  .check(exactlyOne('file', 'schema'));

/** An upper limit such as `< 500ms`, as milliseconds. */
export const durationBelow = () => durationBound('<');

/** A lower limit such as `> 14d`, as milliseconds. */
export const durationAbove = () => durationBound('>');

const durationBound = (sign: '<' | '>') => {
  const message = `"${sign} " and ${durationForm}`;
  return z
    .string()
    .regex(new RegExp(durationPattern.source.replace('^', `^\\s*${sign}`)), message)
    .transform((value, ctx) => {
      const limit = parseDuration(value.trim().slice(1));
      if (limit !== undefined && limit > 0) return limit;
      ctx.issues.push({ code: 'custom', message, input: value });
      return z.NEVER;
    });
};

const unitBytes = { B: 1, kB: 1_000, KiB: 1_024, MB: 1_000_000, MiB: 1_048_576 } as const;

const sizePattern = /^\s*([<>=])\s*(\d{1,12}(?:\.\d{1,6})?)\s*(B|kB|KiB|MB|MiB)\s*$/;

/** A comparison with a number of bytes, e.g. `> 10 kB`. */
export const sizeBound = z
  .string()
  .regex(sizePattern, '"<", ">" or "=" and a size such as 500B, 10kB or 2MiB')
  .transform((value) => {
    const [, sign, amount, unit] = sizePattern.exec(value)!;
    return { sign: sign as '<' | '>' | '=', bytes: Math.round(Number(amount) * unitBytes[unit as 'B']) };
  });

export type HeaderMatcher = z.output<typeof headerMatcher>;
export type CookieMatcher = z.output<typeof cookieMatcher>;
export type JsonMatcher = z.output<typeof jsonMatcher>;
export type XPathMatcher = z.output<typeof xpathMatcher>;
export type CssMatcher = z.output<typeof cssMatcher>;
export type BodyMatcher = z.output<typeof bodyMatcher>;
export type JsonSchemaMatcher = z.output<typeof jsonSchemaMatcher>;
export type SizeBound = z.output<typeof sizeBound>;
