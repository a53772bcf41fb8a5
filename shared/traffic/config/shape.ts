import * as z from 'zod';
import { hasNoTwoOf, hasSomeOf, withJsonForm } from '../../schema/json-form.js';
import { nameSchema } from '../../contracts/formats.js';
import { duration } from '../../config/fields.js';
import { routerSchema } from '../routers/schemas.js';

const httpUrl = z.url({ protocol: /^https?$/, error: 'an http or https address' });
const path = z.string().regex(/^\/(?!\/)[^\s]*$/, 'a path that starts with one /');

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

const headerRecord = z.record(
  z.string().regex(token, 'the name of a header, such as Host'),
  z.union([
    z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'text of one line'),
    z.strictObject({
      env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
        .describe('Environment variable of the step that holds the value, which is masked.'),
    }),
  ]),
);

/** Headers that are sent along: a value as it is, or the name of the environment variable of the step that holds it. */
const headersSchema = (whom: string) =>
  headerRecord.default({}).describe(`Headers sent to ${whom}: a value, or { env: NAME } for a secret.`);

/** Where an answer carries a fact: a JSONPath into its body, or a header. */
const factSchema = z
  .strictObject({
    json: z.string().optional().describe('A JSONPath into the body, such as $.version.'),
    header: z
      .string()
      .regex(token, 'the name of a header, such as X-App-Version')
      .optional()
      .describe('Name of a header of the answer.'),
  })
  .refine(
    withJsonForm(
      (fact: { json?: string; header?: string }) => (fact.json === undefined) !== (fact.header === undefined),
      () => [{ minProperties: 1 }, ...hasNoTwoOf(['json', 'header'])],
    ),
    'exactly one of json (a JSONPath) or header (a name)',
  );

export type Fact = z.output<typeof factSchema>;

const colourSchema = z
  .strictObject({
    url: httpUrl
      .optional()
      .describe('Address of the colour itself, reachable from the runner, not through the router.'),
    urls: z
      .array(httpUrl)
      .min(1)
      .max(64)
      .optional()
      .describe('The same for a colour of several machines, in place of url: every one is asked.'),
    headers: headersSchema('every machine of the colour'),
  })
  .refine(
    withJsonForm(
      (colour: { url?: string | undefined; urls?: string[] | undefined }) =>
        (colour.url === undefined) !== (colour.urls === undefined),
      () => [hasSomeOf(['url', 'urls']), ...hasNoTwoOf(['url', 'urls'])],
    ),
    'exactly one of url (an address) or urls (one for each machine)',
  );

const entrySchema = z.strictObject({
  url: httpUrl.describe('Public address, through the router, of an answer that carries the version.'),
  headers: headersSchema('the entry'),
  connections: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('New connections in a row that must all show the live release.'),
  for: duration()
    .prefault('5s')
    .describe('Time over which the connections are spread, all of which must be new.'),
  within: duration()
    .prefault('5s')
    .describe(
      'How long old answers, and errors, may still come after a move; one that comes later rolls it back.',
    ),
  timeout: duration().prefault('2s').describe('Longest wait for one answer.'),
});

/** The traffic file of a service, each part by itself. */
export const trafficShape = z
  .strictObject({
    version: z.literal(1).describe('Format of this file.'),
    router: routerSchema.describe('What decides which colour gets traffic.'),
    colours: z
      .record(nameSchema, colourSchema)
      .refine(
        withJsonForm(
          (colours: object) => Object.keys(colours).length === 2,
          () => [{ minProperties: 2, maxProperties: 2 }],
        ),
        'exactly two colours',
      )
      .describe('The two deployments that traffic moves between, by their names.'),
    health: z
      .strictObject({
        type: z
          .enum(['http', 'tcp', 'grpc'])
          .default('http')
          .describe(
            'http: path answers with status. tcp: the port takes a connection. grpc: grpc.health.v1.Health says SERVING.',
          ),
        port: z
          .int()
          .min(1)
          .max(65_535)
          .optional()
          .describe('Port that is asked; the one of the address of the colour when left out.'),
        service: z
          .string()
          .default('')
          .describe('grpc: the service that is asked for; empty for the whole server.'),
        path: path.default('/health').describe('http: asked of the colour itself.'),
        status: z
          .int()
          .min(200, 'the status of a success, 200 to 299')
          .max(299, 'the status of a success, 200 to 299')
          .default(200)
          .describe('The status of a healthy answer.'),
        timeout: duration().prefault('2s').describe('Longest wait for one answer.'),
        successes: z
          .int()
          .min(1)
          .max(100)
          .default(3)
          .describe('How many answers in a row a colour must give.'),
        headers: headersSchema('health.path, over those of the colour'),
      })
      .prefault({})
      .describe('How a colour shows that it is well, before it gets traffic.'),
    identity: z
      .strictObject({
        path: path.default('/health').describe('Asked of the colour itself.'),
        version: factSchema.describe('Where the answer carries the version.'),
        digest: factSchema
          .optional()
          .describe(
            'Where the answer carries the digest of the artifact; without it only versions are compared, which is weaker.',
          ),
        headers: headersSchema('identity.path, over those of the colour'),
      })
      .describe('How a colour says which release it runs.'),
    entry: entrySchema
      .optional()
      .describe('How users reach the service, asked before and after each move of traffic.'),
    entries: z
      .array(entrySchema)
      .min(1)
      .max(32)
      .optional()
      .describe('The same where users reach it in several ways, in place of entry: each one must show it.'),
  })
  .refine(
    withJsonForm(
      (file: { entry?: unknown; entries?: unknown }) =>
        (file.entry === undefined) !== (file.entries === undefined),
      () => [hasSomeOf(['entry', 'entries']), ...hasNoTwoOf(['entry', 'entries'])],
    ),
    { error: 'exactly one of entry (one way in) or entries (several)', path: ['entry'] },
  );

export type TrafficShape = z.output<typeof trafficShape>;
