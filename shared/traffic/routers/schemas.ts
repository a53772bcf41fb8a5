import * as z from 'zod';
import { albSchema } from './alb/config.js';
import { caddySchema } from './caddy/config.js';
import { commandSchema } from './command/config.js';
import { envoySchema } from './envoy/config.js';
import { gatewaySchema } from './gateway/config.js';
import { haproxySchema } from './haproxy/config.js';
import { ingressNginxSchema } from './ingress-nginx/config.js';
import { istioSchema } from './istio/config.js';
import { kubernetesSchema } from './kubernetes/config.js';
import { nginxSchema } from './nginx/config.js';
import { traefikSchema } from './traefik/config.js';

/** Every kind of router; one line each. */
export const routerSchema = z.discriminatedUnion('type', [
  haproxySchema,
  nginxSchema,
  caddySchema,
  commandSchema,
  envoySchema,
  traefikSchema,
  kubernetesSchema,
  gatewaySchema,
  ingressNginxSchema,
  istioSchema,
  albSchema,
]);

export type RouterConfig = z.output<typeof routerSchema>;

/** Keys under which a kind of router has one entry for each colour. */
const colourWords = ['backends', 'servers', 'flags', 'upstreams', 'targets', 'values', 'target-groups'];

/** The key of a router section under which its colours stand, and their names. */
export function colourKeys(router: RouterConfig): { key: string; names: string[] } {
  const [key, colours] = Object.entries(router).find(([name]) => colourWords.includes(name)) ?? [
    'router',
    {},
  ];
  return { key, names: Object.keys(colours) };
}
