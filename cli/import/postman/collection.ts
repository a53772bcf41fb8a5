import * as z from 'zod';

const text = z.string();
const flagged = { disabled: z.boolean().nullish() };
const pair = z.looseObject({ key: text.nullish(), value: z.unknown().optional(), ...flagged });
const formPart = z.looseObject({
  key: text.nullish(),
  value: z.unknown().optional(),
  type: text.nullish(),
  src: z.union([text, z.array(text)]).nullish(),
  fileName: text.nullish(),
  contentType: text.nullish(),
  ...flagged,
});
const description = z.unknown().optional();

const script = z.looseObject({
  exec: z.union([text, z.array(text)]).nullish(),
  /** A file or an address that holds the script; Postman reads it instead. */
  src: z.unknown().optional(),
});
const event = z.looseObject({ listen: text, script: script.nullish(), ...flagged });

const url = z.looseObject({
  raw: text.nullish(),
  protocol: text.nullish(),
  host: z.union([text, z.array(text)]).nullish(),
  port: text.nullish(),
  path: z.union([text, z.array(z.unknown())]).nullish(),
  query: z.array(pair).nullish(),
  variable: z.array(pair).nullish(),
});

const body = z.looseObject({
  mode: text.nullish(),
  raw: text.nullish(),
  urlencoded: z.array(pair).nullish(),
  formdata: z.array(formPart).nullish(),
  file: z.looseObject({ src: text.nullish() }).nullish(),
  graphql: z.looseObject({ query: text.nullish(), variables: z.unknown().optional() }).nullish(),
  options: z.looseObject({ raw: z.looseObject({ language: text.nullish() }).nullish() }).nullish(),
  ...flagged,
});

const auth = z.looseObject({ type: text });

const request = z.looseObject({
  method: text.nullish(),
  url: z.union([text, url]).nullish(),
  header: z.union([text, z.array(pair)]).nullish(),
  body: body.nullish(),
  auth: auth.nullish(),
  proxy: z.unknown().optional(),
  certificate: z.unknown().optional(),
  description,
});

const shared = {
  name: text.nullish(),
  event: z.array(event).nullish(),
  variable: z.array(pair).nullish(),
  protocolProfileBehavior: z.record(text, z.unknown()).nullish(),
};

export interface Item {
  name?: string | null | undefined;
  event?: z.output<typeof event>[] | null | undefined;
  variable?: z.output<typeof pair>[] | null | undefined;
  protocolProfileBehavior?: Record<string, unknown> | null | undefined;
  auth?: Auth | null | undefined;
  request?: string | PostmanRequest | null | undefined;
  item?: Item[] | null | undefined;
}

const item: z.ZodType<Item> = z.looseObject({
  ...shared,
  auth: auth.nullish(),
  request: z.union([text, request]).nullish(),
  get item() {
    return z.array(item).nullish();
  },
});

/** What is read of a Postman collection, format 2.0 or 2.1; keys that change nothing are left alone. */
export const collectionSchema = z.looseObject({
  info: z.looseObject({ name: text, schema: text.nullish() }),
  ...shared,
  auth: auth.nullish(),
  item: z.array(item),
});

/** What is read of an exported Postman environment. */
export const environmentSchema = z.looseObject({
  values: z.array(
    z.looseObject({
      key: text,
      value: z.unknown().optional(),
      type: text.nullish(),
      enabled: z.boolean().nullish(),
    }),
  ),
});

export type Collection = z.output<typeof collectionSchema>;
export type Environment = z.output<typeof environmentSchema>;
export type PostmanRequest = z.output<typeof request>;
export type PostmanUrl = z.output<typeof url>;
export type PostmanBody = z.output<typeof body>;
export type PostmanEvent = z.output<typeof event>;
export type FormPart = z.output<typeof formPart>;
export type Pair = z.output<typeof pair>;
export type Auth = z.output<typeof auth>;
