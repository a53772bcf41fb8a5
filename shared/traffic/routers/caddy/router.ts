import type { Router } from '../../router.js';
import { openTransport, type OpenMachine } from '../../transports/open.js';
import { caddyAdminRouter } from './admin.js';
import type { CaddyConfig } from './config.js';
import { caddyFileRouter } from './file.js';
import type { RouterTools } from '../tools.js';

/** Caddy by a file that it reads at each request, or by its administration API. */
export function caddyRouter(
  config: CaddyConfig,
  tools: RouterTools,
  open: OpenMachine = (node) => openTransport(node, tools.workspace),
): Router {
  return config.mode === 'file' ? caddyFileRouter(config, tools.clock, open) : caddyAdminRouter(config, open);
}
