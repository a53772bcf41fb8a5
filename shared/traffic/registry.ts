import type { RouterConfig } from './routers/schemas.js';
import type { Router } from './router.js';

/** Opens the router of a traffic file; each kind is loaded only when used. */
export async function openRouter(config: RouterConfig): Promise<Router> {
  switch (config.type) {
    case 'haproxy':
      return (await import('./routers/haproxy.js')).haproxyRouter(config);
  }
}
