import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { nodeName } from '../../transports/config.js';
import { nameSchema } from '../../../contracts/formats.js';
import { duration } from '../../../config/fields.js';
import { clusterSchema, labelName, minReady, objectName } from '../kube/config.js';

/** Gateway API: the weights of an HTTPRoute's backendRefs. */
export const gatewaySchema = z.strictObject({
  ...routerFields('gateway-api'),
  nodes: z
    .array(
      z.strictObject({
        name: nodeName,
        cluster: clusterSchema.describe('How the API server is reached.'),
        namespace: labelName.describe('Namespace of the route.'),
        route: objectName.describe('Name of the HTTPRoute.'),
      }),
    )
    .min(1)
    .refine(
      (nodes) => new Set(nodes.map((node) => node.name)).size === nodes.length,
      'node names that differ',
    )
    .describe('The clusters that share the traffic; each is switched.'),
  backends: z
    .record(nameSchema, labelName)
    .refine(
      (backends) => new Set(Object.values(backends)).size === Object.keys(backends).length,
      'Services that differ',
    )
    .describe('Service of each colour, in the namespace of the route.'),
  'min-ready': minReady,
  within: duration()
    .prefault('30s')
    .describe('How long the controllers may take to accept the changed route.'),
});

export type GatewayConfig = z.output<typeof gatewaySchema>;
