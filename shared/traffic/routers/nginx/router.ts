import { openTransport, type OpenMachine } from '../../transports/open.js';
import type { Router } from '../../router.js';
import type { NginxConfig } from './config.js';
import { nginxFlagRouter } from './flag.js';
import { nginxIncludeRouter } from './include.js';
import { nginxSymlinkRouter } from './symlink.js';
import type { RouterTools } from '../tools.js';

/** nginx by a flag file that it tests at each request, or by an include file or a symbolic link and a reload. */
export function nginxRouter(
  config: NginxConfig,
  tools: RouterTools,
  open: OpenMachine = (node) => openTransport(node, tools.workspace),
): Router {
  switch (config.mode) {
    case 'flag':
      return nginxFlagRouter(config, tools.clock, open);
    case 'include':
      return nginxIncludeRouter(config, tools.clock, open);
    case 'symlink':
      return nginxSymlinkRouter(config, tools.clock, open);
  }
}
