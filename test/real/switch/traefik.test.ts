import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { answers, freePorts, installed, startServer } from '../../support/servers/real.js';
import { watchedFileSuite } from '../../support/traffic/watched-file-suite.js';

/** The part of the dynamic configuration that a team keeps for itself. */
const routing = (colours: { blue: number; green: number }) => {
  const to = (port: number) => ({ loadBalancer: { servers: [{ url: `http://127.0.0.1:${port}` }] } });
  return {
    http: {
      routers: { shop: { rule: 'PathPrefix(`/`)', entryPoints: ['web'], service: 'shop' } },
      services: { 'shop-blue': to(colours.blue), 'shop-green': to(colours.green) },
    },
  };
};

const firstTraffic = {
  http: {
    services: {
      shop: {
        weighted: {
          services: [
            { name: 'shop-blue', weight: 100 },
            { name: 'shop-green', weight: 0 },
          ],
        },
      },
    },
  },
};

watchedFileSuite({
  name: 'Traefik',
  router: (nodes, within) => ({
    type: 'traefik',
    nodes,
    service: 'shop',
    backends: { blue: 'shop-blue', green: 'shop-green' },
    within,
  }),
  async start(folder, colours) {
    const traefik = installed('traefik');
    const [entry, api] = (await freePorts(2)) as [number, number];
    const watched = join(folder, 'dynamic');
    mkdirSync(watched, { recursive: true });
    writeFileSync(join(watched, 'routing.yml'), stringify(routing(colours)));
    const file = join(watched, 'traffic.yml');
    if (!existsSync(file)) writeFileSync(file, stringify(firstTraffic));
    const config = join(folder, 'traefik.yml');
    writeFileSync(
      config,
      stringify({
        global: { checkNewVersion: false, sendAnonymousUsage: false },
        entryPoints: {
          web: { address: `127.0.0.1:${entry}` },
          traefik: { address: `127.0.0.1:${api}` },
        },
        api: { insecure: true },
        providers: { file: { directory: watched, watch: true } },
      }),
    );
    const url = `http://127.0.0.1:${entry}`;
    const server = await startServer([traefik, `--configFile=${config}`], () => answers(`${url}/health`));
    return { server, url, file, node: { file, api: `http://127.0.0.1:${api}` } };
  },
  elsewhere: (node, api) => ({ ...node, api }),
});
