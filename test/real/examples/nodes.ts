import { writeFileSync } from 'node:fs';
import { systemClock } from '../../../shared/runner/port.js';
import { freePorts } from '../../support/servers/real.js';
import { namespaceOf, type KubeServer } from '../switch/kubernetes/kubernetes-server.js';
import { runContainer, type Container } from './images.js';

interface Template {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: {
    containers: [
      {
        image: string;
        env: { name: string; value: string }[];
        readinessProbe: { httpGet: { path: string } };
      },
    ];
  };
}

interface Deployment {
  metadata: { name: string; generation: number };
  spec: { replicas: number; template: Template };
}

interface Route {
  metadata: { generation: number };
  spec: { parentRefs: object[]; rules: { backendRefs: { name: string; weight: number }[] }[] };
}

interface Pod {
  name: string;
  /** The template it was made of. */
  made: string;
  template: Template;
  container: Container;
  isReady: boolean;
}

interface Options {
  namespace: string;
  images: string;
  /** Where Prometheus reads what it scrapes. */
  targets: string;
  /** The HTTPRoute whose controller is stood in for, too. */
  route: string | undefined;
}

/**
 * What a cluster has beside its API server, for one namespace: controllers of Deployments, EndpointSlices and routes,
 * and a kubelet whose pods are processes of this machine. It reads and writes the API as they would.
 */
export function startNodes(server: KubeServer, { namespace, images, targets, route }: Options) {
  const core = `/api/v1/namespaces/${namespace}`;
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const routes = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`;
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const shop = namespaceOf(server, namespace);
  const pods = new Map<string, Pod[]>();
  /** By the address that the API knows, the port of the process behind it. */
  const ports = new Map<string, number>();
  const written = new Map<string, string>();
  let made = 0;
  let ended = false;

  const changed = (key: string, value: unknown) => {
    const text = JSON.stringify(value);
    if (written.get(key) === text) return false;
    written.set(key, text);
    return true;
  };
  const patchStatus = (path: string, status: unknown) =>
    server.ask('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');

  async function startPod(deployment: string, template: Template): Promise<Pod> {
    const name = `${deployment}-${++made}`;
    const [container] = template.spec.containers;
    const [port] = await freePorts(1);
    const env = Object.fromEntries(container.env.map(({ name: key, value }) => [key, value]));
    await shop.pod(name, template.metadata.labels, false);
    const { status } = (await server.ask('GET', `${core}/pods/${name}`)) as { status: { podIP: string } };
    ports.set(status.podIP, port!);
    return {
      name,
      made: JSON.stringify(template),
      template,
      container: runContainer(images, container.image, port!, env),
      isReady: false,
    };
  }
  async function stopPod(pod: Pod): Promise<void> {
    await server.ask('DELETE', `${core}/pods/${pod.name}?gracePeriodSeconds=0`);
    await pod.container.stop();
  }
  async function probe(pod: Pod): Promise<void> {
    if (pod.isReady) return;
    const { path } = pod.template.spec.containers[0].readinessProbe.httpGet;
    const answer = await fetch(`http://127.0.0.1:${pod.container.port}${path}`).catch(() => undefined);
    if (!answer?.ok) return;
    await server.ask(
      'PATCH',
      `${core}/pods/${pod.name}/status`,
      { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
      'application/merge-patch+json',
    );
    pod.isReady = true;
  }

  /** New pods beside the old ones; the old ones go when all new ones are ready. */
  async function runDeployment({ metadata, spec }: Deployment): Promise<void> {
    const wanted = JSON.stringify(spec.template);
    const known = pods.get(metadata.name) ?? [];
    pods.set(metadata.name, known);
    const news = known.filter((pod) => pod.made === wanted);
    for (let missing = spec.replicas - news.length; missing > 0; missing--) {
      const pod = await startPod(metadata.name, spec.template);
      known.push(pod);
      news.push(pod);
    }
    await Promise.all(news.map(probe));
    const ready = news.filter((pod) => pod.isReady).length;
    if (ready === spec.replicas)
      for (const old of known.filter((pod) => !news.includes(pod))) {
        known.splice(known.indexOf(old), 1);
        await stopPod(old);
      }
    // A cluster would wait for the deadline of the Deployment; here it is over when a process has ended.
    const isStuck = news.some((pod) => !pod.container.isUp());
    const progressing = {
      type: 'Progressing',
      status: isStuck ? 'False' : 'True',
      reason: isStuck ? 'ProgressDeadlineExceeded' : 'NewReplicaSetAvailable',
    };
    const status = {
      observedGeneration: metadata.generation,
      replicas: known.length,
      updatedReplicas: news.length,
      readyReplicas: ready,
      availableReplicas: ready,
      conditions: [progressing],
    };
    if (changed(`deployment ${metadata.name}`, status))
      await patchStatus(`${deployments}/${metadata.name}`, status);
  }

  async function removeOthers(names: readonly string[]): Promise<void> {
    for (const [name, running] of pods) {
      if (names.includes(name)) continue;
      pods.delete(name);
      written.delete(`deployment ${name}`);
      for (const pod of running) await stopPod(pod);
    }
  }

  async function writeSlices(): Promise<void> {
    const { items } = (await server.ask('GET', `${core}/services`)) as {
      items: { metadata: { name: string }; spec: { selector: Record<string, string> } }[];
    };
    const all = [...pods.values()].flat().map((pod) => [pod.name, pod.isReady]);
    for (const { metadata, spec } of items)
      if (changed(`slice ${metadata.name}`, [spec.selector, all]))
        await shop.writeSlice(metadata.name, spec.selector);
  }

  async function acceptRoute(name: string): Promise<void> {
    const { metadata, spec } = (await server.ask('GET', `${routes}/${name}`)) as unknown as Route;
    if (!changed('route', metadata.generation)) return;
    const condition = (type: string) => ({
      type,
      status: 'True',
      reason: type,
      message: '',
      lastTransitionTime: new Date().toISOString(),
      observedGeneration: metadata.generation,
    });
    const parents = spec.parentRefs.map((parentRef) => ({
      parentRef,
      controllerName: 'example.com/gateway',
      conditions: [condition('Accepted'), condition('ResolvedRefs')],
    }));
    await patchStatus(`${routes}/${name}`, { parents });
  }

  /** What Prometheus finds by the annotations of pods. */
  function writeTargets(): void {
    const scraped = [...pods.values()]
      .flat()
      .filter(({ template }) => template.metadata.annotations?.['prometheus.io/scrape'] === 'true')
      .map(({ container, template }) => ({
        targets: [`127.0.0.1:${container.port}`],
        labels: { ...template.metadata.labels, namespace },
      }));
    if (changed('targets', scraped)) writeFileSync(targets, JSON.stringify(scraped));
  }

  async function run(): Promise<void> {
    while (!ended) {
      const { items } = (await server.ask('GET', deployments)) as unknown as { items: Deployment[] };
      for (const deployment of items) await runDeployment(deployment);
      await removeOthers(items.map(({ metadata }) => metadata.name));
      await writeSlices();
      if (route !== undefined) await acceptRoute(route);
      writeTargets();
      await systemClock.sleep(50);
    }
  }
  const running = run();
  // Whoever waits for a pod would else wait in vain and not be told why.
  running.catch((error: unknown) =>
    process.stderr.write(`the nodes of the test stopped: ${String(error)}\n`),
  );

  /** Where a connection to a Service may go, by its EndpointSlices. */
  async function portsOf(service: string): Promise<number[]> {
    const query = encodeURIComponent(`kubernetes.io/service-name=${service}`);
    const { items } = (await server.ask('GET', `${slices}?labelSelector=${query}`)) as {
      items: { endpoints: { addresses: string[]; conditions: { ready: boolean } }[] | null }[];
    };
    return items
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions.ready)
      .flatMap(({ addresses }) => addresses.map((address) => ports.get(address)!));
  }

  return {
    portsOf,
    /** Where a user's connection may go: by the Service, or by the weights of the route, all or nothing. */
    async portsOfUsers(): Promise<number[]> {
      if (route === undefined) return portsOf('shop');
      const { spec } = (await server.ask('GET', `${routes}/${route}`)) as unknown as Route;
      const live = spec.rules[0]!.backendRefs.filter(({ weight }) => weight > 0);
      return (await Promise.all(live.map(({ name }) => portsOf(name)))).flat();
    },
    async stop() {
      ended = true;
      await running.catch(() => undefined);
      for (const pod of [...pods.values()].flat()) await pod.container.stop();
    },
  };
}
