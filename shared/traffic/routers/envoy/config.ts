import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { nameSchema } from '../../../contracts/formats.js';
import { duration } from '../../../config/fields.js';
import { nodesSchema } from '../../transports/config.js';
import { distinctBackends, nodeUrl, watchedPath } from '../watched-fields.js';

const word = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,199}$/, 'a name of letters, digits and _ . : / -');

/** Envoy: weighted clusters in a route configuration that it reads from a file (RDS by path_config_source). */
export const envoySchema = z.strictObject({
  ...routerFields('envoy'),
  nodes: nodesSchema({
    file: watchedPath(
      /\.json$/,
      'the absolute path of the .json file that path_config_source.path names',
    ).describe(
      'A DiscoveryResponse with the route configuration; only weights and version_info are changed.',
    ),
    admin: nodeUrl.describe('The administration address, as seen from the node; keep it on loopback.'),
  }),
  'route-config': word.describe('Name of the route configuration: route_config_name in the listener.'),
  backends: distinctBackends(z.record(nameSchema, word)).describe('Cluster of each colour.'),
  within: duration().prefault('10s').describe('Longest wait for Envoy to show what was written.'),
});

export type EnvoyConfig = z.output<typeof envoySchema>;
