import * as z from 'zod';
import { someText } from './some-text.js';
import { atLeastOne, atMostOne, notEmpty } from './alternatives.js';
import {
  bodyMatcher,
  cookieMatcher,
  cssMatcher,
  durationAbove,
  durationBelow,
  headerMatcher,
  headerName,
  jsonMatcher,
  jsonSchemaMatcher,
  sizeBound,
  text,
  xpathMatcher,
} from './matcher-schema.js';
import type { ProbeName } from './probe-schema.js';

const status = z
  .int({
    error: ({ input }) => (Array.isArray(input) ? 'a number (a list goes to "status-in")' : undefined),
  })
  .min(100)
  .max(599);

const tlsExpectation = z
  .strictObject({
    'expires-in': durationAbove()
      .optional()
      .describe('How long every certificate of the chain must still be valid, e.g. "> 14d".'),
    protocol: z
      .array(z.enum(['TLSv1.2', 'TLSv1.3']))
      .min(1)
      .optional()
      .describe('The versions of TLS that pass.'),
    name: someText.optional().describe('A further host name that the certificate must cover.'),
    issuer: bodyMatcher.optional().describe('Who issued the certificate, as "C=US, O=Example, CN=R3".'),
    subject: bodyMatcher.optional().describe('Whom the certificate names, as "CN=shop.example.com".'),
    fingerprint: someText.optional().describe('SHA-256 of the certificate, hex with or without colons.'),
  })
  .check(atLeastOne('expires-in', 'protocol', 'name', 'issuer', 'subject', 'fingerprint'));

const dnsExpectation = z
  .strictObject({
    exists: z
      .boolean()
      .optional()
      .describe('Whether there is any record; false wants the name to have none.'),
    count: z.int().min(0).optional().describe('How many records.'),
    equals: z.array(someText).min(1).optional().describe('Exactly these records, in any order.'),
    contains: text.optional().describe('One record is this.'),
    matches: text.optional().describe('A regular expression that one record matches.'),
  })
  .check(atLeastOne('exists', 'count', 'equals', 'contains', 'matches'));

const sqlExpectation = z
  .strictObject({
    rows: z.int().min(0).optional().describe('How many rows come back.'),
    value: z.unknown().optional().describe('Exactly one row with one column, which has this value.'),
    affected: z.int().min(0).optional().describe('How many rows a write changed.'),
  })
  .check(atLeastOne('rows', 'value', 'affected'));

const expectationShape = {
  status: status.optional().describe('The one status that passes.'),
  'status-in': z.array(status).min(1).optional().describe('The statuses that pass.'),
  headers: z
    .record(headerName, headerMatcher)
    .check(notEmpty('one header'))
    .optional()
    .describe('Headers of the answer.'),
  cookies: z
    .record(someText, cookieMatcher)
    .check(notEmpty('one cookie'))
    .optional()
    .describe('Cookies the answer sets.'),
  json: z.array(jsonMatcher).min(1).optional().describe('Looks into JSON.'),
  'json-schema': jsonSchemaMatcher.optional().describe('A schema that the JSON must fit.'),
  openapi: someText.optional().describe('An operationId, or "GET /orders/{id}".'),
  xpath: z.array(xpathMatcher).min(1).optional().describe('Looks into HTML or XML.'),
  css: z.array(cssMatcher).min(1).optional().describe('Looks into HTML or XML.'),
  body: bodyMatcher.optional().describe('Text of the body, or what a command prints.'),
  size: sizeBound.optional().describe('Bytes of the body, e.g. "< 100kB".'),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits')
    .optional()
    .describe('SHA-256 of the body after decompression, hex.'),
  md5: z
    .string()
    .regex(/^[0-9a-fA-F]{32}$/, '32 hexadecimal digits')
    .optional()
    .describe('MD5 of the body, hex; sha256 is better.'),
  url: bodyMatcher.optional().describe('The address that answered, after redirects.'),
  ip: bodyMatcher.optional().describe('The IP address that was connected to.'),
  'http-version': z.enum(['1.0', '1.1', '2']).optional().describe('The version that was spoken.'),
  connects: z.boolean().optional().describe('Whether the port accepts connections; default true.'),
  tls: tlsExpectation.optional().describe('Certificate and version of TLS.'),
  dns: dnsExpectation.optional().describe('Records that come back.'),
  sql: sqlExpectation.optional().describe('Rows that come back.'),
  serving: z
    .enum(['SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN', 'UNKNOWN'])
    .optional()
    .describe('What the health service must say; default SERVING.'),
  exit: z.int().min(0).max(255).optional().describe('Exit code of the command; default 0.'),
  stderr: bodyMatcher.optional().describe('What a command writes as errors.'),
  console: z.enum(['clean', 'any']).optional().describe('Errors of a page; default clean.'),
  latency: durationBelow().optional().describe('Longest time to the last byte, e.g. "< 500ms".'),
};

type ExpectationKey = keyof typeof expectationShape;
const expectationKeys = Object.keys(expectationShape) as ExpectationKey[];

const negatedSchema = z
  .strictObject(expectationShape)
  .check(atLeastOne(...expectationKeys), atMostOne('status', 'status-in'));

/** What a step expects of its answer; what nobody names has a default that only success meets. */
export const expectSchema = z
  .strictObject({
    ...expectationShape,
    not: negatedSchema.optional().describe('None of this may hold; what cannot be decided fails too.'),
  })
  .check(atLeastOne(...expectationKeys, 'not'), atMostOne('status', 'status-in'));

/** What can be expected of each probe. */
export const expectable: Readonly<Record<ProbeName, readonly ExpectationKey[]>> = {
  http: [
    'status',
    'status-in',
    'headers',
    'cookies',
    'json',
    'json-schema',
    'openapi',
    'xpath',
    'css',
    'body',
    'size',
    'sha256',
    'md5',
    'url',
    'ip',
    'http-version',
    'latency',
  ],
  tcp: ['connects', 'body', 'size', 'latency'],
  tls: ['tls', 'json', 'latency'],
  dns: ['dns', 'json', 'latency'],
  sql: ['sql', 'json', 'json-schema', 'size', 'latency'],
  grpc: ['serving', 'latency'],
  websocket: ['json', 'json-schema', 'body', 'size', 'latency'],
  sse: ['json', 'json-schema', 'body', 'size', 'latency'],
  browser: ['status', 'status-in', 'console', 'css', 'xpath', 'body', 'size', 'latency'],
  command: ['exit', 'body', 'stderr', 'json', 'json-schema', 'size', 'latency'],
};

export type Expectations = z.output<typeof expectSchema>;
/** Expectations without their `not`. */
export type PlainExpectations = z.output<typeof negatedSchema>;
export type TlsExpectation = z.output<typeof tlsExpectation>;
export type DnsExpectation = z.output<typeof dnsExpectation>;
export type SqlExpectation = z.output<typeof sqlExpectation>;
