import type { RouterConfig } from './routers/schemas.js';
import type { RouterTools } from './routers/tools.js';
import type { Router } from './router.js';

/** Opens the router of a traffic file; each kind is loaded only when used. */
export async function openRouter(config: RouterConfig, tools: RouterTools): Promise<Router> {
  switch (config.type) {
    case 'command':
      return (await import('./routers/command.js')).commandRouter(config, tools);
    case 'envoy':
      return (await import('./routers/envoy.js')).envoyRouter(config, tools);
    case 'traefik':
      return (await import('./routers/traefik.js')).traefikRouter(config, tools);
    case 'haproxy':
      return (await import('./routers/haproxy.js')).haproxyRouter(config, tools);
    case 'nginx':
      return (await import('./routers/nginx.js')).nginxRouter(config, tools);
    case 'caddy':
      return (await import('./routers/caddy.js')).caddyRouter(config, tools);
    case 'kubernetes-service':
      return (await import('./routers/kubernetes.js')).kubernetesRouter(config, tools);
    case 'gateway-api':
      return (await import('./routers/gateway.js')).gatewayRouter(config, tools);
    case 'aws-alb':
      return (await import('./routers/alb.js')).albRouter(config, tools);
  }
}
