import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { installed } from '../../support/servers/real.js';
import { until } from '../../support/until.js';
import { startKubeServer } from '../switch/kubernetes/kubernetes-server.js';
import { putTool, startRegistry, startWayIn } from './images.js';
import { startNodes } from './nodes.js';
import type { Place } from './play.js';
import { startPrometheus } from './prometheus.js';
import { startTeam } from './team.js';

export const example = join('examples', 'kubernetes');
export type ClusterRouter = 'kubernetes-service' | 'gateway-api';

/** The cluster that both plays share: an API server that knows the Gateway API, and a Prometheus. */
export type Cluster = Awaited<ReturnType<typeof startCluster>>;

export async function startCluster() {
  const server = await startKubeServer();
  const crd = join(installed('kubernetes/gateway-crds'), 'gateway.networking.k8s.io_httproutes.yaml');
  await server.ask(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    parse(readFileSync(crd, 'utf8')),
  );
  const routes = () => server.ask('GET', '/apis/gateway.networking.k8s.io/v1/httproutes');
  await until(
    () =>
      routes().then(
        () => true,
        () => false,
      ),
    'the Gateway API',
  );
  const prometheus = await startPrometheus(server.folder);
  return {
    server,
    kubectl: installed('kubernetes/kubectl'),
    prometheus,
    async stop() {
      await prometheus.stop();
      await server.stop();
    },
  };
}

/** The example in a namespace of the cluster, whose nodes are the test's. */
export async function startKubernetes(cluster: Cluster, router: ClusterRouter): Promise<Place> {
  const { server } = cluster;
  const team = await startTeam(example, router);
  const { root } = team;
  const namespace = `shop-${router}`;
  const config = (token: string) =>
    stringify({
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      clusters: [{ name: 'test', cluster: { server: server.url, 'certificate-authority': server.caFile } }],
      users: [{ name: 'test', user: { token } }],
    });
  const kubeconfig = join(root, 'kubeconfig');
  team.variables['KUBECONFIG'] = kubeconfig;
  putTool(root, 'kubectl', `#!/bin/sh\nexec '${cluster.kubectl}' "$@"\n`);

  // As the administrator, what the page says.
  writeFileSync(kubeconfig, config(server.tokens.admin));
  const own = router === 'gateway-api' ? 'gateway.yml' : 'service.yml';
  for (const name of ['shop.yml', own])
    team.change(join('cluster', name), (text) => text.replaceAll('shop-production', namespace));
  putTool(root, 'set-up', `#!/bin/sh\nexec kubectl apply -f cluster/shop.yml -f cluster/${own}\n`);
  const setUp = await team.script('../bin/set-up');
  if (setUp.status !== 0) throw new Error(setUp.stderr);

  // From here on as the pods of the runners.
  const account = '/api/v1/namespaces/runners/serviceaccounts/deployer/token';
  const { status } = (await server.ask('POST', account, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  })) as { status: { token: string } };
  writeFileSync(kubeconfig, config(status.token));

  const nodes = startNodes(server, {
    namespace,
    images: startRegistry(root),
    targets: cluster.prometheus.targets(namespace),
    route: router === 'gateway-api' ? 'shop' : undefined,
  });
  const entry = await startWayIn(nodes.portsOfUsers);
  const blue = await startWayIn(() => nodes.portsOf('shop-blue'));
  const green = await startWayIn(() => nodes.portsOf('shop-green'));

  return {
    team,
    url: entry.url,
    here: (text) =>
      text
        .replaceAll('http://shop-blue.shop-production.svc', blue.url)
        .replaceAll('http://shop-green.shop-production.svc', green.url)
        .replaceAll('https://shop.example.com', entry.url)
        .replaceAll('http://prometheus-server.monitoring.svc', cluster.prometheus.url)
        .replaceAll('{ access: in-cluster }', '{ access: kubeconfig }')
        .replaceAll('shop-production', namespace),
    brokenSays: 'did not become ready',
    yours: /\.github\/traffic\/production\.yml:\d+: url: .*yours: the address of the users/,
    async close() {
      for (const colour of ['blue', 'green'])
        await team.script('deploy/remove', 'shop', 'production', colour);
      await nodes.stop();
      for (const way of [entry, blue, green]) await way.close();
      await team.close();
    },
  };
}
