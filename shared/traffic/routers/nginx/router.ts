import { openTransport, type OpenMachine } from '../../transports/open.js';
import type { Router } from '../../router.js';
import type { NginxConfig } from './config.js';
import { nginxFlagRouter } from './flag.js';
import { nginxIncludeRouter } from './include.js';
import type { RouterTools } from '../tools.js';

/** nginx by a flag file that it tests at each request, or by an include file and a reload. */
export function nginxRouter(
  config: NginxConfig,
  tools: RouterTools,
  open: OpenMachine = (node) => openTransport(node, tools.workspace),
): Router {
  return config.mode === 'flag'
    ? nginxFlagRouter(config, tools.clock, open)
    : nginxIncludeRouter(config, tools.clock, open);
}
