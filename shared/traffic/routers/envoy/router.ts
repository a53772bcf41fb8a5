import type { Router } from '../../router.js';
import type { OpenMachine } from '../../transports/open.js';
import type { EnvoyConfig } from './config.js';
import { readClusters } from './health.js';
import { editRouteFile, readDump, readRouteFile } from './routes.js';
import type { RouterTools } from '../tools.js';
import { watchedFileRouter } from '../watched-file.js';

/**
 * Envoy by file-based route discovery: the file is renamed, the process's own dump tells when the weights are in use.
 */
export function envoyRouter(config: EnvoyConfig, tools: RouterTools, open?: OpenMachine): Router {
  const routes = encodeURIComponent(`^${config['route-config'].replaceAll('.', '\\.')}$`);
  return watchedFileRouter(
    {
      kind: 'envoy',
      product: 'Envoy',
      backends: config.backends,
      statusUrl: ({ admin }) =>
        `${admin.replace(/\/+$/, '')}/config_dump?resource=dynamic_route_configs&name_regex=${routes}`,
      healthUrl: ({ admin }) => `${admin.replace(/\/+$/, '')}/clusters?format=json`,
      readHealth: (answer, backend) => readClusters(backend, answer),
      readStatus: (answer) => readDump(config, answer),
      readFile: (text) => readRouteFile(config, text),
      editFile: (text, weights) => editRouteFile(config, text, weights),
      catchUpMs: 500,
      hint: 'Its log and the counter http.*.rds.*.update_rejected say why; path_config_source.path must be this very file.',
    },
    config.nodes,
    config.within,
    tools,
    open,
  );
}
