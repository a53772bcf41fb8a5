import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { hasNoTwoOf, hasSomeOf, withJsonForm } from '../../../schema/json-form.js';
import { nameSchema } from '../../../contracts/formats.js';
import { addressSchema, nodePathSchema, nodesSchema } from '../../transports/config.js';
import { checkRoutes, routesOf } from './routes.js';
import { distinctBackends } from '../watched-fields.js';

/** Words that go into a command line of the runtime API: nothing that could end or extend one. */
const word = z
  .string()
  .regex(/^[A-Za-z0-9_.:/-]{1,200}$/, 'letters, digits and _ . : / - only (it goes into an HAProxy command)');

const nodes = nodesSchema({
  socket: z
    .string()
    .regex(/^\/[^\s]{1,106}$/, 'an absolute path of the stats socket (level admin)')
    .optional()
    .describe('The stats socket, where HAProxy is on the machine this runs on.'),
  address: addressSchema
    .optional()
    .describe('Where the stats socket listens on TCP; with ssh, as seen from the node.'),
});

/** A check that each node is reached in one way. */
const oneWayToReach = withJsonForm(
  ({ value, issues }: z.core.ParsePayload<z.output<typeof nodes>>) => {
    for (const [index, node] of value.entries()) {
      const message =
        (node.socket === undefined) === (node.address === undefined)
          ? 'exactly one of socket (a path on this machine) or address (host:port)'
          : node.socket !== undefined && node.ssh !== undefined
            ? 'address instead of socket: through ssh a TCP port is reached, such as 127.0.0.1:9999'
            : undefined;
      if (message) issues.push({ code: 'custom', path: [index], message, input: node });
    }
  },
  () => {
    const ways = [
      ['socket', 'address'],
      ['socket', 'ssh'],
    ].flatMap(hasNoTwoOf);
    return [{ items: { type: 'object', allOf: [hasSomeOf(['socket', 'address']), ...ways] } }];
  },
);

const common = { ...routerFields('haproxy'), nodes: nodes.check(oneWayToReach) };

const isLoopback = (address: string) => /^(127\.|localhost:|\[::1\])/.test(address);

const mapPath = word.regex(/^\//, 'the absolute path of the map file, as in use_backend %[…,map(PATH)]');

/** Servers by colour. */
const colourServers = z.record(nameSchema, z.array(word).min(1)).refine((servers) => {
  const all = Object.values(servers).flat();
  return new Set(all).size === all.length;
}, 'each server once: one in both colours would have the traffic of both');

/** HAProxy: one key of a map chooses the backend (atomic), or server weights inside one backend. */
export const haproxySchema = z.discriminatedUnion('mode', [
  z
    .strictObject({
      ...common,
      mode: z.literal('map').describe('How traffic is moved (docs/routers/haproxy.md).'),
      map: mapPath.describe('The map file, as use_backend names it.'),
      key: word.describe('The key in the map whose value is the live backend.'),
      backends: distinctBackends(z.record(nameSchema, word)).describe('Backend of each colour.'),
      file: nodePathSchema
        .optional()
        .describe(
          'The map file on the machine of the node, where its path is not the one that HAProxy sees, as in a container.',
        ),
      also: z
        .array(
          z.strictObject({
            map: mapPath.optional().describe('Another map; the same one when left out.'),
            key: word.optional().describe('Another key; the same one when left out.'),
            backends: distinctBackends(z.record(nameSchema, word))
              .optional()
              .describe('Backends there; the same ones when left out.'),
            file: nodePathSchema
              .optional()
              .describe('The file of that map on the machine, where its path differs.'),
          }),
        )
        .min(1)
        .optional()
        .describe(
          'More keys or maps of the same HAProxy that are switched with it, such as one for each host.',
        ),
      persist: z
        .boolean()
        .default(true)
        .describe('Also write the map file: a runtime change alone is lost when HAProxy reloads.'),
    })
    .check(({ value, issues }) => {
      checkRoutes(routesOf(value), (path, message) =>
        issues.push({ code: 'custom', path, message, input: value }),
      );
      for (const [index, { address, ssh }] of value.nodes.entries()) {
        if (!value.persist || address === undefined || ssh || isLoopback(address)) continue;
        issues.push({
          code: 'custom',
          path: ['nodes', index],
          message: 'ssh to write the map file there, or persist: false on the router',
          input: value.nodes[index],
        });
      }
    }),
  z
    .strictObject({
      ...common,
      mode: z.literal('servers').describe('How traffic is moved (docs/routers/haproxy.md).'),
      backend: word.describe('The backend that holds the servers of both colours.'),
      servers: colourServers.describe('Servers of each colour.'),
      also: z
        .array(
          z.strictObject({
            backend: word.describe('Another backend.'),
            servers: colourServers.optional().describe('Servers there; the same names when left out.'),
          }),
        )
        .min(1)
        .optional()
        .describe('More backends of the same HAProxy that are switched with it.'),
    })
    .check(({ value, issues }) =>
      checkRoutes(routesOf(value), (path, message) =>
        issues.push({ code: 'custom', path, message, input: value }),
      ),
    ),
]);

export type HaproxyConfig = z.output<typeof haproxySchema>;
