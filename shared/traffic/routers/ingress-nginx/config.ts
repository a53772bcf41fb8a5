import * as z from 'zod';
import { nameSchema } from '../../../contracts/formats.js';
import { clusterNodes, labelName, minReady, objectName } from '../kube/config.js';
import { routerFields } from '../router-type.js';
import { distinctBackends } from '../watched-fields.js';

/** Ingress-NGINX: the weight in the annotations of a canary Ingress beside the main one. */
export const ingressNginxSchema = z.strictObject({
  ...routerFields('ingress-nginx'),
  nodes: clusterNodes('two Ingresses', {
    ingress: objectName.describe('The main Ingress: its Service gets what the canary does not.'),
    canary: objectName.describe('The Ingress with the canary annotations; its weight is changed.'),
  }),
  backends: distinctBackends(z.record(nameSchema, labelName)).describe(
    'Service of each colour, in the namespace of the Ingresses.',
  ),
  'min-ready': minReady,
});

export type IngressNginxConfig = z.output<typeof ingressNginxSchema>;
