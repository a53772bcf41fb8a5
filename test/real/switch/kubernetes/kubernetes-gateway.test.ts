import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { systemClock } from '../../../../shared/runner/port.js';
import { allTo, liveColour, type Router } from '../../../../shared/traffic/router.js';
import { gatewaySchema } from '../../../../shared/traffic/routers/gateway/config.js';
import { gatewayRouter } from '../../../../shared/traffic/routers/gateway/router.js';
import { openCluster } from '../../../../shared/traffic/routers/kube/cluster.js';
import { foretoldAndCalled } from '../../../support/traffic/foretold.js';
import { installed } from '../../../support/servers/real.js';
import { pageBlock } from '../../../support/traffic/routers/router-page.js';
import { parentRef, shopRoute, type HttpRoute } from './kubernetes-route.js';
import { namespaceOf, startKubeServer, type KubeServer } from './kubernetes-server.js';

const colours = ['blue', 'green'];
const pace = { answerWithin: 3_000, pollEvery: 10 };

let server: KubeServer;
let namespace: string;
let count = 0;
let shop: ReturnType<typeof namespaceOf>;
let path: string;

/** What the gateway controller does when it sees a new generation; 'asleep' sees none. */
let controller: 'accepts' | 'refuses' | 'asleep';
let running: Promise<void> | undefined;
let ended = false;

beforeAll(async () => {
  server = await startKubeServer();
  const crds = installed('kubernetes/gateway-crds');
  const crd: unknown = parse(readFileSync(join(crds, 'gateway.networking.k8s.io_httproutes.yaml'), 'utf8'));
  await server.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  const served = () =>
    server.ask('GET', '/apis/gateway.networking.k8s.io/v1/httproutes').then(
      () => true,
      () => false,
    );
  while (!(await served())) await systemClock.sleep(50);
}, 1_800_000);

afterAll(async () => {
  ended = true;
  await running;
  await server.stop();
});

beforeEach(async () => {
  ended = true;
  await running;
  namespace = `shop-${++count}`;
  path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`;
  shop = namespaceOf(server, namespace);
  await shop.create();
  for (const slot of colours) {
    await shop.service(`shop-${slot}`, { selector: { slot } });
    await shop.pod(slot, { slot }, true);
    await shop.writeSlice(`shop-${slot}`, { slot });
  }
  await server.ask('POST', path, shopRoute);
  controller = 'accepts';
  ended = false;
  running = control();
});

const route = async () => (await server.ask('GET', `${path}/shop`)) as unknown as HttpRoute;

async function control(): Promise<void> {
  let seen = 0;
  while (!ended) {
    const { metadata } = await route();
    if (controller !== 'asleep' && metadata.generation !== seen) {
      const status = (type: string, is: 'True' | 'False') => ({
        type,
        status: is,
        reason: is === 'True' ? type : 'BackendNotFound',
        message: '',
        lastTransitionTime: new Date().toISOString(),
        observedGeneration: metadata.generation,
      });
      const conditions = [
        status('Accepted', 'True'),
        status('ResolvedRefs', controller === 'accepts' ? 'True' : 'False'),
      ];
      const parents = [{ parentRef, controllerName: 'example.com/gateway', conditions }];
      await server.ask(
        'PATCH',
        `${path}/shop/status`,
        { status: { parents } },
        'application/merge-patch+json',
      );
      seen = metadata.generation;
    }
    await systemClock.sleep(20);
  }
}

const world = (token = server.tokens.admin) => ({
  clock: systemClock,
  workspace: server.folder,
  variable: (name: string) => (name === 'KUBE_TOKEN' ? token : undefined),
});

const cluster = () => ({
  access: 'token' as const,
  server: server.url,
  'certificate-authority': server.caFile,
  'token-variable': 'KUBE_TOKEN',
});

const open = (token?: string): Router =>
  gatewayRouter(
    gatewaySchema.parse({
      type: 'gateway-api',
      nodes: [{ name: 'eu-1', cluster: cluster(), namespace, route: 'shop' }],
      backends: { blue: 'shop-blue', green: 'shop-green' },
      within: '600ms',
    }),
    world(token),
    pace,
  );

async function move(router: Router, weights: Record<string, number>): Promise<number> {
  const calls = router.plan(await router.read(), weights);
  for (const call of calls) await router.apply(call);
  return calls.length;
}

/** The controller has seen the route as it was made. */
async function settled(router: Router): Promise<void> {
  while (router.plan(await router.read(), allTo('blue', colours)).length > 0) await systemClock.sleep(20);
}

describe('an HTTPRoute of a real API server', () => {
  test('is read, switched in one patch of all rules that name both colours, and switched back', async () => {
    const router = open();
    await settled(router);
    const before = await route();
    expect(liveColour((await router.read()).weights)).toBe('blue');
    expect(await move(router, { blue: 0, green: 100 })).toBe(1);
    const after = await route();
    expect(after.metadata.generation).toBe(before.metadata.generation + 1);
    const [preview, api, rest] = after.spec.rules;
    expect(preview).toEqual(before.spec.rules[0]);
    expect(api!.filters).toEqual(before.spec.rules[1]!.filters);
    const weights = (refs: { name: string; weight: number }[]) =>
      refs.map(({ name, weight }) => [name, weight]);
    expect(weights(api!.backendRefs)).toEqual([
      ['shop-blue', 0],
      ['shop-green', 100],
    ]);
    expect(weights(rest!.backendRefs)).toEqual([
      ['shop-green', 100],
      ['shop-blue', 0],
    ]);
    expect((await router.read()).weights).toEqual({ blue: 0, green: 100 });
    expect(await move(router, { blue: 0, green: 100 })).toBe(0);
    expect(await move(router, { blue: 100, green: 0 })).toBe(1);
    expect(liveColour((await router.read()).weights)).toBe('blue');
  });

  test('is called as a dry run foretells', async () => {
    const router = open();
    await settled(router);
    const { foretold, called } = await foretoldAndCalled(router);
    expect(foretold.flat()).not.toEqual([]);
    expect(foretold).toEqual(called);
  });

  test('takes weighted steps', async () => {
    const router = open();
    await settled(router);
    for (const green of [10, 50, 100]) {
      await move(router, { blue: 100 - green, green });
      expect((await router.read()).weights).toEqual({ blue: 100 - green, green });
    }
  });

  test('is switched twenty times, each call made twice', async () => {
    const router = open();
    await settled(router);
    for (let round = 0; round < 20; round++) {
      const target = allTo(round % 2 === 0 ? 'green' : 'blue', colours);
      const calls = router.plan(await router.read(), target);
      expect(calls).toHaveLength(1);
      await router.apply(calls[0]!);
      await router.apply(calls[0]!);
      expect(router.plan(await router.read(), target)).toEqual([]);
    }
  });

  test('is left alone when its rules were changed since the plan', async () => {
    const router = open();
    await settled(router);
    const [call] = router.plan(await router.read(), allTo('green', colours));
    await server.ask(
      'PATCH',
      `${path}/shop`,
      { spec: { hostnames: ['www.example.com'] } },
      'application/merge-patch+json',
    );
    await expect(router.apply(call!)).rejects.toThrow(/was changed by somebody else.*nothing was done/);
    expect(liveColour((await router.read()).weights)).toBe('blue');
  });

  test('refuses a patch made from an older version of it', async () => {
    await settled(open());
    const api = openCluster('eu-1', cluster(), world(), 3_000);
    const target = {
      group: 'gateway.networking.k8s.io',
      version: 'v1',
      resource: 'httproutes',
      namespace,
      name: 'shop',
    };
    const { resourceVersion } = (await route()).metadata;
    await server.ask(
      'PATCH',
      `${path}/shop`,
      { metadata: { annotations: { note: 'x' } } },
      'application/merge-patch+json',
    );
    const stale = [
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/spec/rules/1/backendRefs/0/weight', value: 77 },
    ];
    expect((await api.patch(target, 'json-patch', stale)).ok).toBe(false);
    expect((await route()).spec.rules[1]!.backendRefs[0]!.weight).toBe(1);
  });

  test('stays as it is when the Service of the new colour has no ready endpoint', async () => {
    const router = open();
    await settled(router);
    await shop.podReady('green', false);
    await shop.writeSlice('shop-green', { slot: 'green' });
    await expect(move(router, { blue: 0, green: 100 })).rejects.toThrow(
      'stays as it is: service "shop-green" (green) has 0 ready endpoints, and min-ready is 1',
    );
    expect(liveColour((await router.read()).weights)).toBe('blue');
  });

  test('is not called switched until its controller has taken the new generation', async () => {
    const router = open();
    await settled(router);
    controller = 'asleep';
    await expect(move(router, { blue: 0, green: 100 })).rejects.toThrow(
      /has its new weights, but they were not taken within 600 ms: example.com\/gateway has not said Accepted of generation 2 yet/,
    );
    const left = router.plan(await router.read(), allTo('green', colours));
    expect(left).toHaveLength(1);
    controller = 'accepts';
    await router.apply(left[0]!);
    expect(router.plan(await router.read(), allTo('green', colours))).toEqual([]);
  });

  test('is an error with the controller’s words when that refuses it', async () => {
    const router = open();
    await settled(router);
    controller = 'refuses';
    await expect(move(router, { blue: 0, green: 100 })).rejects.toThrow(
      'example.com/gateway says ResolvedRefs is False (BackendNotFound)',
    );
  });

  test('needs no more than the documented Role', async () => {
    await settled(open());
    const { rules } = pageBlock<{ rules: unknown }>('gateway-api', ({ kind }) => kind === 'Role');
    await shop.grant('deployer', rules);
    const router = open(server.tokens.deployer);
    const seen = () =>
      router.read().then(
        () => true,
        () => false,
      );
    while (!(await seen())) await systemClock.sleep(50);
    expect(await move(router, { blue: 0, green: 100 })).toBe(1);
  });

  test('says which rule of the Role is missing', async () => {
    await expect(open(server.tokens.deployer).read()).rejects.toThrow(
      'Add to our Role there: { apiGroups: ["gateway.networking.k8s.io"], resources: ["httproutes"], verbs: ["get"] }',
    );
  });
});
