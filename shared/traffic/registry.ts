import type { RouterConfig } from './routers/schemas.js';
import type { RouterTools } from './routers/tools.js';
import type { Router } from './router.js';

/** Opens the router of a traffic file; each kind is loaded only when used. */
export async function openRouter(config: RouterConfig, tools: RouterTools): Promise<Router> {
  switch (config.type) {
    case 'command':
      return (await import('./routers/command/router.js')).commandRouter(config, tools);
    case 'envoy':
      return (await import('./routers/envoy/router.js')).envoyRouter(config, tools);
    case 'traefik':
      return (await import('./routers/traefik/router.js')).traefikRouter(config, tools);
    case 'haproxy':
      return (await import('./routers/haproxy/router.js')).haproxyRouter(config, tools);
    case 'nginx':
      return (await import('./routers/nginx/router.js')).nginxRouter(config, tools);
    case 'caddy':
      return (await import('./routers/caddy/router.js')).caddyRouter(config, tools);
    case 'kubernetes-service':
      return (await import('./routers/kubernetes/router.js')).kubernetesRouter(config, tools);
    case 'gateway-api':
      return (await import('./routers/gateway/router.js')).gatewayRouter(config, tools);
    case 'ingress-nginx':
      return (await import('./routers/ingress-nginx/router.js')).ingressNginxRouter(config, tools);
    case 'istio':
      return (await import('./routers/istio/router.js')).istioRouter(config, tools);
    case 'aws-alb':
      return (await import('./routers/alb/router.js')).albRouter(config, tools);
  }
}
