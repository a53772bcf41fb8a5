import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { answers, freePorts, installed, startServer } from '../../support/servers/real.js';
import { watchedFileSuite } from '../../support/traffic/watched-file-suite.js';

/** The configuration a team would write: one listener, its routes from a file. */
function bootstrap(
  file: string,
  entry: number,
  admin: number,
  colours: { blue: number; green: number },
): string {
  const socket = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } });
  const cluster = (name: string, port: number) => ({
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(port) } }] }],
    },
  });
  const manager = {
    '@type':
      'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'entry',
    rds: {
      route_config_name: 'shop',
      config_source: { resource_api_version: 'V3', path_config_source: { path: file } },
    },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  };
  return stringify({
    node: { id: 'edge-1', cluster: 'edge' },
    admin: { address: socket(admin) },
    static_resources: {
      listeners: [
        {
          name: 'entry',
          address: socket(entry),
          filter_chains: [
            { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] },
          ],
        },
      ],
      clusters: [cluster('shop_blue', colours.blue), cluster('shop_green', colours.green)],
    },
  });
}

const routes = {
  version_info: 'first',
  resources: [
    {
      '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
      name: 'shop',
      virtual_hosts: [
        {
          name: 'shop',
          domains: ['*'],
          routes: [
            {
              match: { prefix: '/' },
              route: {
                weighted_clusters: {
                  clusters: [
                    { name: 'shop_blue', weight: 100 },
                    { name: 'shop_green', weight: 0 },
                  ],
                },
                timeout: '10s',
              },
            },
          ],
        },
      ],
    },
  ],
};

watchedFileSuite({
  name: 'Envoy',
  router: (nodes, within) => ({
    type: 'envoy',
    nodes,
    'route-config': 'shop',
    backends: { blue: 'shop_blue', green: 'shop_green' },
    within,
  }),
  async start(folder, colours) {
    const envoy = installed('envoy');
    const [entry, admin] = (await freePorts(2)) as [number, number];
    const watched = join(folder, 'envoy');
    mkdirSync(watched, { recursive: true });
    const file = join(watched, 'routes.json');
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(routes));
    const config = join(folder, 'envoy.yaml');
    writeFileSync(config, bootstrap(file, entry, admin, colours));
    const url = `http://127.0.0.1:${entry}`;
    const server = await startServer(
      [envoy, '-c', config, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'],
      () => answers(`${url}/health`),
    );
    return { server, url, file, node: { file, admin: `http://127.0.0.1:${admin}` } };
  },
  elsewhere: (node, admin) => ({ ...node, admin }),
});
