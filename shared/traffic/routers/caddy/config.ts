import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { nameSchema } from '../../../contracts/formats.js';
import { addressSchema, nodePathSchema, nodesSchema } from '../../transports/config.js';
import { liveProbeSchema } from '../live-probe.js';

/** Words of a file that Caddy puts in place of a placeholder. */
const word = z
  .string()
  .regex(
    /^[A-Za-z0-9[][A-Za-z0-9_.:[\]-]{0,199}$/,
    'letters, digits and _ . : - only, such as blue or 10.0.0.11:8080',
  );

/** A dial address as Caddy takes it; placeholders would be read in Caddy, so braces stay out. */
const dial = z
  .string()
  .regex(
    /^[A-Za-z0-9[/][A-Za-z0-9_.:[\]/-]{0,199}$/,
    'a dial address such as 10.0.0.11:8080, without placeholders',
  );

const differ = (values: Readonly<Record<string, unknown>>) => {
  const texts = Object.values(values).map((value) => JSON.stringify(value));
  return new Set(texts).size === texts.length;
};

/** Where Caddy's API listens unless its configuration says otherwise. */
export const usualAdmin = '127.0.0.1:2019';

const adminSchema = addressSchema.describe(
  `Where the administration API listens, as seen from the node; ${usualAdmin} unless given.`,
);

const serversSchema = z.record(nameSchema, z.array(dial).min(1)).refine((servers) => {
  const all = Object.values(servers).flat();
  return new Set(all).size === all.length;
}, 'each dial address once');

/** Caddy: a file whose content a placeholder reads at each request, or the administration API. */
export const caddySchema = z.discriminatedUnion('mode', [
  z
    .strictObject({
      ...routerFields('caddy'),
      mode: z.literal('file').default('file').describe('How traffic is moved (docs/routers/caddy.md).'),
      nodes: nodesSchema({ probe: liveProbeSchema.optional(), admin: adminSchema.optional() }),
      file: nodePathSchema.describe(
        'File of this suite that {file.PATH} in the configuration reads; Caddy 2.8 or later.',
      ),
      values: z
        .record(nameSchema, word)
        .refine(differ, 'values that differ')
        .describe('What the file says where the colour is live.'),
      servers: serversSchema
        .optional()
        .describe('Dial addresses of each colour, where Caddy is asked for its own health checks.'),
    })
    .refine(
      ({ values, servers }) =>
        !servers || isDeepStrictEqual(Object.keys(values).sort(), Object.keys(servers).sort()),
      { path: ['servers'], error: 'the same colours as values' },
    ),
  z.strictObject({
    ...routerFields('caddy'),
    mode: z.literal('admin').describe('How traffic is moved (docs/routers/caddy.md).'),
    nodes: nodesSchema({ admin: adminSchema.default(usualAdmin) }),
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'letters, digits and _ . - only')
      .describe('The @id of the reverse_proxy handler.'),
    servers: serversSchema.describe('Dial addresses of each colour.'),
  }),
]);

export type CaddyConfig = z.output<typeof caddySchema>;
export type CaddyFileConfig = Extract<CaddyConfig, { mode: 'file' }>;
export type CaddyAdminConfig = Extract<CaddyConfig, { mode: 'admin' }>;
