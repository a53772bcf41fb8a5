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
    .describe('An answer with errors fails the step; allow leaves that to expect.'),
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

const digestAuthSchema = z.strictObject({
  user: someText.describe('User of HTTP digest (RFC 7616).'),
  password: z.string().describe('Masked, and never sent.'),
});

const awsSchema = z.strictObject({
  region: someText.describe('Region of the service, such as eu-west-1.'),
  service: someText.describe('Service that is called, such as execute-api, s3 or es.'),
  'access-key': someText.describe('Id of the access key.'),
  'secret-key': someText.describe('Secret access key, usually {{ secrets.NAME }}; masked, and never sent.'),
  'session-token': someText.optional().describe('Session token of temporary credentials; masked.'),
});

const hmacSchema = z.strictObject({
  header: headerName.describe('Header that the signature is sent in.'),
  key: someText.describe('Key, usually {{ secrets.NAME }}; masked, and never sent.'),
  'key-encoding': z.enum(['text', 'base64', 'hex']).prefault('text').describe('How the key is written.'),
  algorithm: z.enum(['sha1', 'sha256', 'sha384', 'sha512']).prefault('sha256').describe('Hash.'),
  text: someText
    .prefault('{{ request.body }}')
    .describe('What is signed: {{ request.body }}, .method, .path, .url and all references.'),
  encoding: z.enum(['hex', 'base64', 'base64url']).prefault('hex').describe('How the signature is written.'),
  prefix: z.string().prefault('').describe('Text before the signature, such as sha256=.'),
});

/** Ways to prove who asks, of which a step has one. */
const proofs = ['basic-auth', 'bearer', 'digest-auth', 'aws'] as const;

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
    url: someText.describe('An address, or a path that starts with /.'),
    query: z
      .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
      .optional()
      .describe('Query parameters, encoded for you; a list sends one several times.'),
    headers: z
      .record(headerName, z.union([z.string(), z.array(z.string()).min(1)]))
      .optional()
      .describe('Headers of the request; a list sends one several times.'),
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
    cookies: z.boolean().prefault(true).describe('Send and keep the cookies of this flow.'),
    'basic-auth': basicAuthSchema.optional().describe('User and password, sent as the header Authorization.'),
    bearer: someText.optional().describe('A token, sent as "Authorization: Bearer …", and masked.'),
    'digest-auth': digestAuthSchema
      .optional()
      .describe('User and password, proven by HTTP digest once the server asks for it.'),
    aws: awsSchema.optional().describe('Signs the request as AWS wants it (Signature Version 4).'),
    hmac: hmacSchema.optional().describe('Signs a text with a shared key, in a header.'),
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
    atMostOne(...proofs),
    ({ value, issues }) => {
      const header = Object.keys(value.headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
      const other = proofs.find((key) => value[key] !== undefined);
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
