import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { nameSchema } from '../../../contracts/formats.js';
import { duration } from '../../../config/fields.js';
import { clusterNodes, labelName, minReady, objectName } from '../kube/config.js';

/** Gateway API: the weights of an HTTPRoute's backendRefs. */
export const gatewaySchema = z.strictObject({
  ...routerFields('gateway-api'),
  nodes: clusterNodes('route', { route: objectName.describe('Name of the HTTPRoute.') }),
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
