import * as z from 'zod';
import { someText } from './some-text.js';
import { duration } from '../../../../shared/config/fields.js';
import { atMostOne, exactlyOne } from './alternatives.js';
import { headerName } from './matcher-schema.js';

const partSchema = z
  .strictObject({
    name: someText.describe('Name of the form field.'),
    value: z.string().optional().describe('Its text.'),
    file: someText.optional().describe('A file of the workspace that is sent.'),
    filename: someText.optional().describe("The name the server is told; default the file's own."),
    type: someText.optional().describe('Content type of this part.'),
  })
  .check(exactlyOne('value', 'file'));

const graphqlSchema = z.strictObject({
  query: someText.describe('The document; references are filled in in variables only.'),
  variables: z.record(z.string(), z.unknown()).optional().describe('Its variables.'),
  'operation-name': someText.optional().describe('Which operation of the document runs.'),
  errors: z
    .enum(['fail', 'allow'])
    .prefault('fail')
    .describe('An answer with errors fails the step, whatever its status; allow leaves that to expect.'),
});

const clientCertificateSchema = z.strictObject({
  cert: someText.describe('PEM certificate, with its chain.'),
  key: someText.describe('PEM key, usually {{ secrets.NAME }}.'),
  passphrase: someText.optional().describe('Passphrase of the key.'),
});

const basicAuthSchema = z.strictObject({
  user: someText.describe('Without a colon, which would end it.'),
  password: z.string().describe('Masked, alone and as it is sent.'),
});

/** Methods are names of the server's own; CONNECT would ask it to be a proxy. */
export const methodPattern = /^(?!CONNECT$)[A-Z][A-Z-]{0,30}$/;

/** An HTTP request. */
export const httpSchema = z
  .strictObject({
    method: z
      .string()
      .regex(methodPattern, 'a method in capital letters, such as GET or PURGE, other than CONNECT')
      .optional()
      .describe('Default GET; POST with graphql.'),
    url: someText.describe('An address, or a path that starts with / below the base address.'),
    query: z
      .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
      .optional()
      .describe('Query parameters, encoded for you; a list sends one several times.'),
    headers: z.record(headerName, z.string()).optional().describe('Headers of the request.'),
    json: z.unknown().optional().describe('A body sent as application/json.'),
    form: z
      .record(z.string(), z.string())
      .optional()
      .describe('A body sent as application/x-www-form-urlencoded.'),
    multipart: z
      .array(partSchema)
      .min(1)
      .optional()
      .describe('A body sent as multipart/form-data, part by part.'),
    graphql: graphqlSchema.optional().describe('A GraphQL operation, sent as JSON.'),
    body: z.string().optional().describe('A body sent as it is.'),
    'body-file': someText.optional().describe('A file of the workspace that is sent as it is.'),
    cookies: z
      .boolean()
      .prefault(true)
      .describe('Send and keep the cookies of this flow; false leaves them out of this step.'),
    'basic-auth': basicAuthSchema
      .optional()
      .describe('User and password, sent as the header Authorization; to the first origin only.'),
    bearer: someText
      .optional()
      .describe('A token, sent as "Authorization: Bearer …" to the first origin only, and masked.'),
    'client-certificate': clientCertificateSchema.optional().describe('Shown to servers that ask for one.'),
    timeout: duration().prefault('10s').describe('From the call to the last byte of the body.'),
    redirects: z
      .int()
      .min(0)
      .max(20)
      .prefault(0)
      .describe('How many redirects to follow; a redirect not followed is the answer.'),
    'max-bytes': z
      .int()
      .min(1)
      .max(16_777_216)
      .prefault(1_048_576)
      .describe('Longest body after decompression.'),
    'fresh-connection': z
      .boolean()
      .prefault(false)
      .describe('Use a connection of its own, as a new client would.'),
  })
  .check(
    atMostOne('json', 'form', 'multipart', 'graphql', 'body', 'body-file'),
    atMostOne('basic-auth', 'bearer'),
    ({ value, issues }) => {
      const header = Object.keys(value.headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
      const other = (['basic-auth', 'bearer'] as const).find((key) => value[key] !== undefined);
      if (other === undefined || header === undefined) return;
      issues.push({
        code: 'custom',
        message: `one of "${other}" and the header authorization: only one of them can be sent`,
        path: ['headers', header],
        input: value,
        params: { fix: `remove "${header}" or "${other}"` },
      });
    },
  );

export type HttpStep = z.output<typeof httpSchema>;
