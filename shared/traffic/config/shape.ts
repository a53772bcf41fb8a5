import * as z from 'zod';
import { hasNoTwoOf, withJsonForm } from '../../schema/json-form.js';
import { nameSchema } from '../../contracts/formats.js';
import { duration } from '../../config/fields.js';
import { routerSchema } from '../routers/schemas.js';

const httpUrl = z.url({ protocol: /^https?$/, error: 'an http or https address' });
const path = z.string().regex(/^\/(?!\/)[^\s]*$/, 'a path that starts with one /');

/** Where an answer carries a fact: a JSONPath into its body, or a header. */
const factSchema = z
  .strictObject({
    json: z.string().optional(),
    header: z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of a header, such as X-App-Version')
      .optional(),
  })
  .refine(
    withJsonForm(
      (fact: { json?: string; header?: string }) => (fact.json === undefined) !== (fact.header === undefined),
      () => [{ minProperties: 1 }, ...hasNoTwoOf(['json', 'header'])],
    ),
    'exactly one of json (a JSONPath) or header (a name)',
  );

export type Fact = z.output<typeof factSchema>;

/** The traffic file of a service, each part by itself. */
export const trafficShape = z.strictObject({
  version: z.literal(1),
  router: routerSchema,
  colours: z
    .record(
      nameSchema,
      z.strictObject({
        url: httpUrl.describe(
          'Address of the colour itself, reachable from the runner, not through the router.',
        ),
      }),
    )
    .refine(
      withJsonForm(
        (colours: object) => Object.keys(colours).length === 2,
        () => [{ minProperties: 2, maxProperties: 2 }],
      ),
      'exactly two colours',
    ),
  health: z
    .strictObject({
      path: path.default('/health'),
      status: z
        .int()
        .min(200, 'the status of a success, 200 to 299')
        .max(299, 'the status of a success, 200 to 299')
        .default(200),
      timeout: duration().prefault('2s'),
      successes: z.int().min(1).max(100).default(3).describe('How many answers in a row a colour must give.'),
    })
    .prefault({}),
  identity: z.strictObject({ path: path.default('/health'), version: factSchema, digest: factSchema }),
  entry: z.strictObject({
    url: httpUrl.describe('Public address, through the router, of an answer that carries the version.'),
    connections: z.int().min(1).max(10_000).default(20),
    for: duration().prefault('5s'),
    within: duration()
      .prefault('5s')
      .describe('How long the router may take until the first answer of the new colour.'),
    timeout: duration().prefault('2s'),
  }),
});

export type TrafficShape = z.output<typeof trafficShape>;
