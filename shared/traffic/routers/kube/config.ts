import * as z from 'zod';
import { nodeName } from '../../transports/config.js';

/** A variable a file may name: never one of those in which the runner keeps inputs, state and tokens. */
const variableSchema = z
  .string()
  .regex(/^(?!INPUT_|STATE_|ACTIONS_|GITHUB_|RUNNER_)[A-Za-z_][A-Za-z0-9_]{0,99}$/, {
    error:
      'the name of an environment variable that does not start with INPUT_, STATE_, ACTIONS_, GITHUB_ or RUNNER_',
  });

const filePath = z.string().regex(/^[^\0\n]{1,1024}$/, 'the path of a file');

const access = <Name extends string>(name: Name) =>
  z.literal(name).describe('By kubeconfig, from inside the cluster, or with a token.');

/** How a cluster's API server is reached and who we are there. */
export const clusterSchema = z
  .discriminatedUnion('access', [
    z.strictObject({
      access: access('kubeconfig'),
      path: filePath
        .optional()
        .describe(
          'Default: the file that KUBECONFIG names, else ~/.kube/config. Relative to the repository, or absolute.',
        ),
      context: z.string().min(1).optional().describe('Default: current-context of the file.'),
      variables: z
        .array(variableSchema)
        .default([])
        .describe('Further environment variables that an exec plugin of the kubeconfig may see.'),
    }),
    z.strictObject({ access: access('in-cluster') }),
    z.strictObject({
      access: access('token'),
      server: z
        .url({ protocol: /^https$/, error: 'an https address, such as https://10.0.0.1:6443' })
        .describe('Address of the API server.'),
      'certificate-authority': filePath.optional().describe('PEM file; default: the public roots.'),
      'token-variable': variableSchema
        .default('KUBE_TOKEN')
        .describe('Environment variable that holds the bearer token.'),
    }),
  ])
  .prefault({ access: 'kubeconfig' });

export type ClusterConfig = z.output<typeof clusterSchema>;

/** A name of a Kubernetes object; it goes into a path of the API. */
export const objectName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
    'a Kubernetes name: lower-case letters, digits, dash and dot',
  );

/** A name of a Service or namespace; it goes into a path of the API. */
export const labelName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'a Kubernetes name: lower-case letters, digits and dash, at most 63',
  );

/** Pods that must be ready before traffic goes to a colour. */
export const minReady = z
  .int()
  .min(1)
  .max(5_000)
  .default(1)
  .describe('How many ready endpoints a colour must have before traffic goes to it.');

/** The clusters of a router, each with the object that is switched there; `shape` names that. */
export const clusterNodes = <Shape extends z.ZodRawShape>(namespaceOf: string, shape: Shape) =>
  z
    .array(
      z.strictObject({
        name: nodeName,
        cluster: clusterSchema.describe('How the API server is reached.'),
        namespace: labelName.describe(`Namespace of the ${namespaceOf}.`),
        ...shape,
      }),
    )
    .min(1)
    .refine(
      (nodes) => new Set(nodes.map((node) => (node as { name: string }).name)).size === nodes.length,
      'node names that differ',
    )
    .describe('The clusters that share the traffic; each is switched.');
