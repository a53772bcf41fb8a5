import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { nameSchema } from '../../../contracts/formats.js';
import { duration } from '../../../config/fields.js';
import { clusterNodes, labelName, minReady } from '../kube/config.js';

const labelKey = z
  .string()
  .regex(
    /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    'a Kubernetes label key such as slot or example.com/slot',
  );

const labelValue = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    'a Kubernetes label value, at most 63 characters',
  );

/** Kubernetes Service: one label of its selector chooses the pods. */
export const kubernetesSchema = z.strictObject({
  ...routerFields('kubernetes-service'),
  nodes: clusterNodes('Service', { service: labelName.describe('The Service whose selector is changed.') }),
  label: labelKey.describe('The label in spec.selector that tells the colours apart.'),
  values: z
    .record(nameSchema, labelValue)
    .refine(
      (values) => new Set(Object.values(values)).size === Object.keys(values).length,
      'values that differ',
    )
    .describe('Value of the label for each colour.'),
  'min-ready': minReady,
  within: duration().prefault('30s').describe('How long the EndpointSlices may take to follow the selector.'),
});

export type KubernetesConfig = z.output<typeof kubernetesSchema>;
