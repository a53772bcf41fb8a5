import * as z from 'zod';
import { duration } from '../../../config/fields.js';
import { nameSchema } from '../../../contracts/formats.js';
import { clusterNodes, minReady, objectName } from '../kube/config.js';
import { routerFields } from '../router-type.js';
import { distinctBackends } from '../watched-fields.js';

const destination = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(\/[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/,
    'the host of a destination, such as shop-blue, or host and subset, such as shop/blue',
  );

/** Istio: the weights of a VirtualService's HTTP routes. */
export const istioSchema = z.strictObject({
  ...routerFields('istio'),
  nodes: clusterNodes('VirtualService', {
    'virtual-service': objectName.describe('Name of the VirtualService.'),
    'destination-rule': objectName
      .optional()
      .describe('The DestinationRule that defines the subsets; needed where backends name subsets.'),
  }),
  backends: distinctBackends(z.record(nameSchema, destination)).describe(
    'Destination of each colour as the VirtualService writes it: HOST, or HOST/SUBSET.',
  ),
  'min-ready': minReady,
  within: duration().prefault('30s').describe('Longest wait for the API server to show the new weights.'),
});

export type IstioConfig = z.output<typeof istioSchema>;
