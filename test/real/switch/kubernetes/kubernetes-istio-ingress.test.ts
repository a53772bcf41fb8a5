import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../../shared/runner/port.js';
import { allTo, type Router } from '../../../../shared/traffic/router.js';
import { ingressNginxSchema } from '../../../../shared/traffic/routers/ingress-nginx/config.js';
import { ingressNginxRouter } from '../../../../shared/traffic/routers/ingress-nginx/router.js';
import { istioSchema } from '../../../../shared/traffic/routers/istio/config.js';
import { istioRouter } from '../../../../shared/traffic/routers/istio/router.js';
import { pageBlock } from '../../../support/traffic/routers/router-page.js';
import { namespaceOf, startKubeServer, type KubeServer } from './kubernetes-server.js';

const colours = ['blue', 'green'];
const pace = { answerWithin: 3_000, pollEvery: 10 };
const istio = '/apis/networking.istio.io/v1';

/**
 * A kind of Istio as its published definition has it where the router looks: v1, namespaced, with a status; the spec is
 * kept as it comes.
 */
const crd = (kind: string, plural: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.networking.istio.io` },
  spec: {
    group: 'networking.istio.io',
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
        subresources: { status: {} },
      },
    ],
  },
});

let server: KubeServer;
let namespace: string;
let count = 0;
let shop: ReturnType<typeof namespaceOf>;

beforeAll(async () => {
  server = await startKubeServer();
  for (const [kind, plural] of [
    ['VirtualService', 'virtualservices'],
    ['DestinationRule', 'destinationrules'],
  ] as const) {
    await server.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd(kind, plural));
    const served = () =>
      server.ask('GET', `${istio}/${plural}`).then(
        () => true,
        () => false,
      );
    while (!(await served())) await systemClock.sleep(50);
  }
}, 1_800_000);

afterAll(() => server.stop());

beforeEach(async () => {
  namespace = `weights-${++count}`;
  shop = namespaceOf(server, namespace);
  await shop.create();
  for (const slot of colours) {
    await shop.service(`shop-${slot}`, { selector: { slot } });
    await shop.pod(slot, { slot }, true);
    await shop.writeSlice(`shop-${slot}`, { slot });
  }
});

const world = (token: string) => ({
  clock: systemClock,
  workspace: server.folder,
  variable: (name: string) => (name === 'KUBE_TOKEN' ? token : undefined),
});
const node = (more: object) => ({
  name: 'eu-1',
  cluster: { access: 'token', server: server.url, 'certificate-authority': server.caFile },
  namespace,
  ...more,
});
const backends = { blue: 'shop-blue', green: 'shop-green' };

async function move(router: Router, weights: Record<string, number>): Promise<number> {
  const calls = router.plan(await router.read(), weights);
  for (const call of calls) await router.apply(call);
  return calls.length;
}

async function switchesAndSteps(router: Router): Promise<void> {
  expect((await router.read()).weights).toEqual(allTo('blue', colours));
  expect(await router.serving!('green')).toEqual({ is: 'up', servers: 1 });
  for (const weights of [{ blue: 90, green: 10 }, allTo('green', colours), allTo('blue', colours)]) {
    expect(await move(router, weights)).toBe(1);
    expect((await router.read()).weights).toEqual(weights);
    expect(await move(router, weights)).toBe(0);
  }
}

/** Until the Role that was just granted counts. */
async function readable(router: Router): Promise<void> {
  const seen = () =>
    router.read().then(
      () => true,
      () => false,
    );
  while (!(await seen())) await systemClock.sleep(50);
}

describe('a VirtualService of a real API server', () => {
  const open = (token = server.tokens.admin) =>
    istioRouter(
      istioSchema.parse({ type: 'istio', nodes: [node({ 'virtual-service': 'shop' })], backends }),
      world(token),
      pace,
    );
  const path = () => `${istio}/namespaces/${namespace}/virtualservices`;
  beforeEach(() =>
    server.ask('POST', path(), {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'shop' },
      spec: {
        hosts: ['shop.example.com'],
        http: [
          {
            timeout: '5s',
            route: [
              { destination: { host: 'shop-blue' }, weight: 100 },
              { destination: { host: 'shop-green' }, weight: 0 },
            ],
          },
        ],
      },
    }),
  );

  test('is switched, in steps too, and keeps its other fields', async () => {
    await switchesAndSteps(open());
    const { spec } = (await server.ask('GET', `${path()}/shop`)) as { spec: { http: { timeout: string }[] } };
    expect(spec.http[0]!.timeout).toBe('5s');
  });

  test('is left alone when it was changed since the plan', async () => {
    const router = open();
    const [call] = router.plan(await router.read(), allTo('green', colours));
    const change = { spec: { hosts: ['www.example.com'] } };
    await server.ask('PATCH', `${path()}/shop`, change, 'application/merge-patch+json');
    await expect(router.apply(call!)).rejects.toThrow('was changed by somebody else');
  });

  test('needs no more than the documented Role', async () => {
    await shop.grant('deployer', pageBlock<{ rules: unknown }>('istio', ({ kind }) => kind === 'Role').rules);
    const router = open(server.tokens.deployer);
    await readable(router);
    expect(await move(router, allTo('green', colours))).toBe(1);
  });
});

describe('a canary Ingress of a real API server', () => {
  const open = (token = server.tokens.admin) =>
    ingressNginxRouter(
      ingressNginxSchema.parse({
        type: 'ingress-nginx',
        nodes: [node({ ingress: 'shop', canary: 'shop-canary' })],
        backends,
      }),
      world(token),
      pace,
    );
  beforeEach(async () => {
    for (const name of ['shop', 'shop-canary']) {
      const ingress = pageBlock<{ metadata: object }>(
        'ingress-nginx',
        ({ kind, metadata }) => kind === 'Ingress' && (metadata as { name: string }).name === name,
      );
      const metadata = { ...ingress.metadata, namespace };
      await server.ask('POST', `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`, {
        ...ingress,
        metadata,
      });
    }
  });

  test('of the documentation is switched, in steps too', () => switchesAndSteps(open()));

  test('needs no more than the documented Role', async () => {
    const { rules } = pageBlock<{ rules: unknown }>('ingress-nginx', ({ kind }) => kind === 'Role');
    await shop.grant('deployer', rules);
    const router = open(server.tokens.deployer);
    await readable(router);
    expect(await move(router, allTo('green', colours))).toBe(1);
  });
});
