import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { nameSchema } from '../../../contracts/formats.js';
import { duration } from '../../../config/fields.js';
import { nodesSchema } from '../../transports/config.js';
import { distinctBackends, nodeUrl, watchedPath } from '../watched-fields.js';

/** Traefik reads its files as templates, so neither braces nor quotes may come in. */
const service = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/,
    'a service name of letters, digits and _ . - without @provider',
  );
const backend = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(@[a-z0-9-]{1,40})?$/,
    'a service name such as shop-blue or shop-blue@docker',
  );

/** Traefik: a weighted service in a file of its own, read by the file provider. */
export const traefikSchema = z.strictObject({
  ...routerFields('traefik'),
  nodes: nodesSchema({
    file: watchedPath(
      /\.ya?ml$/,
      'the absolute path of a .yml or .yaml file in the folder that Traefik watches',
    ).describe('Holds the weighted service and nothing else; rewritten at each switch.'),
    api: nodeUrl.describe('Where Traefik serves its API, as seen from the node.'),
  }),
  service: service.describe('The weighted service that routers name, as SERVICE or SERVICE@file.'),
  backends: distinctBackends(z.record(nameSchema, backend)).describe('Traefik service of each colour.'),
  within: duration()
    .prefault('10s')
    .describe(
      'Longest wait for Traefik to show what was written; it holds back changes that come within 2 s of one before.',
    ),
});

export type TraefikConfig = z.output<typeof traefikSchema>;
