import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Router, Weights } from '../../../../../shared/traffic/router.js';
import { istioSchema } from '../../../../../shared/traffic/routers/istio/config.js';
import { istioRouter } from '../../../../../shared/traffic/routers/istio/router.js';
import { foretoldAndCalled } from '../../../../support/traffic/foretold.js';
import { startFakeKube, type FakeKube } from '../../../../support/traffic/routers/kube-api.js';

const path = '/apis/networking.istio.io/v1/namespaces/shop/virtualservices/shop';
const to = (host: string, weight?: number, subset?: string) => ({
  destination: { host, ...(subset ? { subset } : {}) },
  ...(weight === undefined ? {} : { weight }),
});
const preview = { match: [{ headers: { 'x-preview': { exact: 'green' } } }], route: [to('shop-green')] };

let kube: FakeKube;
let router: Router;

const open = (more: object = {}, node: object = {}) => {
  let time = 0;
  return istioRouter(
    istioSchema.parse({
      type: 'istio',
      nodes: [
        {
          name: 'eu-1',
          cluster: { access: 'kubeconfig', path: 'config' },
          namespace: 'shop',
          'virtual-service': 'shop',
          ...node,
        },
      ],
      backends: { blue: 'shop-blue', green: 'shop-green' },
      ...more,
    }),
    {
      clock: { now: () => time, sleep: async (ms: number) => void (time += ms) },
      workspace: kube.folder,
      variable: () => undefined,
    },
  );
};
const routes = (...http: object[]) => kube.put(path, { spec: { hosts: ['shop.example.com'], http } });
async function move(weights: Weights): Promise<number> {
  const calls = router.plan(await router.read(), weights);
  for (const call of calls) await router.apply(call);
  return calls.length;
}

beforeEach(async () => {
  kube = await startFakeKube();
  kube.ready = { 'shop-blue': 2, 'shop-green': 2 };
  routes(preview, { timeout: '5s', route: [to('shop-blue', 100), to('shop-green', 0)] });
  router = open();
});
afterEach(() => kube.close());

describe('a VirtualService', () => {
  test('is switched in one patch of the routes that name both colours; others and other fields stay', async () => {
    expect((await router.read()).weights).toEqual({ blue: 100, green: 0 });
    expect(await move({ blue: 10, green: 90 })).toBe(1);
    expect(kube.get(path)['spec']).toEqual({
      hosts: ['shop.example.com'],
      http: [preview, { timeout: '5s', route: [to('shop-blue', 10), to('shop-green', 90)] }],
    });
    expect((await router.read()).weights).toEqual({ blue: 10, green: 90 });
    expect(await move({ blue: 10, green: 90 })).toBe(0);
  });

  test('is called as a dry run foretells', async () => {
    const { foretold, called } = await foretoldAndCalled(router);
    expect(foretold.flat()).not.toEqual([]);
    expect(foretold).toEqual(called);
  });

  test.each<[string, object[], string]>([
    [
      'names one colour only',
      [{ route: [to('shop-blue')] }],
      'has no rule whose routes name all of shop-blue, shop-green',
    ],
    [
      'has a third destination with traffic',
      [{ route: [to('shop-blue', 50), to('shop-green', 0), to('old', 50)] }],
      '"old", which is no colour',
    ],
    [
      'names a colour twice',
      [{ route: [to('shop-blue', 50), to('shop-blue', 50), to('shop-green', 0)] }],
      'more than once',
    ],
    ['has no HTTP routes', [], 'has no rule'],
  ])('that %s is refused', async (_what, http, why) => {
    routes(...http);
    await expect(router.read()).rejects.toThrow(why);
  });

  test('gives nothing to one of several destinations that has no weight', async () => {
    routes({ route: [to('shop-blue'), to('shop-green', 100)] });
    expect((await router.read()).weights).toEqual({ blue: 0, green: 100 });
  });

  test('changed by somebody else since the plan is left alone', async () => {
    const [call] = router.plan(await router.read(), { blue: 0, green: 100 });
    routes(preview, { timeout: '9s', route: [to('shop-blue', 100), to('shop-green', 0)] });
    await expect(router.apply(call!)).rejects.toThrow(/changed by somebody else.*nothing was done/);
    expect(kube.patches).toEqual([]);
  });

  test('changed between look and patch is looked at again', async () => {
    kube.meanwhile = () =>
      kube.put(path, {
        ...kube.get(path),
        metadata: { ...kube.get(path).metadata, annotations: { a: 'b' } },
      });
    await move({ blue: 0, green: 100 });
    expect(kube.get(path).metadata.annotations).toEqual({ a: 'b' });
    expect((await router.read()).weights).toEqual({ blue: 0, green: 100 });
  });

  test('stays as it is when nobody can serve the new colour', async () => {
    kube.ready['shop-green'] = 0;
    expect(await router.serving!('green')).toMatchObject({ is: 'down' });
    await expect(move({ blue: 0, green: 100 })).rejects.toThrow(
      'stays as it is: service "shop-green" (green) has 0 ready endpoints, and min-ready is 1',
    );
    expect(kube.patches).toEqual([]);
  });

  test('whose weights something else sets back is an error', async () => {
    const [call] = router.plan(await router.read(), { blue: 0, green: 100 });
    const before = kube.get(path);
    const { patches } = kube;
    patches.push = (patch) => {
      queueMicrotask(() => kube.put(path, before));
      return Array.prototype.push.call(patches, patch);
    };
    await expect(router.apply(call!)).rejects.toThrow('something else sets them too');
  });
});

describe('a VirtualService with subsets', () => {
  const rule = '/apis/networking.istio.io/v1/namespaces/shop/destinationrules/shop';
  const backends = { blue: 'shop/blue', green: 'shop/green' };
  beforeEach(() => {
    kube.ready = { shop: 2 };
    routes({ route: [to('shop', 100, 'blue'), to('shop', 0, 'green')] });
    const subsets = ['blue', 'green'].map((name, index) => ({ name, labels: { slot: String(index) } }));
    kube.put(rule, { spec: { host: 'shop', subsets } });
    router = open({ backends }, { 'destination-rule': 'shop' });
  });

  test('is switched, and its colours are counted by the pods of their subset', async () => {
    expect(await router.serving!('green')).toEqual({ is: 'up', servers: 1 });
    await move({ blue: 0, green: 100 });
    expect((await router.read()).weights).toEqual({ blue: 0, green: 100 });
  });

  test('that the DestinationRule does not define is not sent anything', async () => {
    kube.put(rule, { spec: { host: 'shop', subsets: [] } });
    await expect(move({ blue: 0, green: 100 })).rejects.toThrow(
      'has no subset "green"; requests to it would get 503',
    );
    expect(kube.patches).toEqual([]);
  });

  test('needs the DestinationRule named', async () => {
    router = open({ backends });
    await expect(move({ blue: 0, green: 100 })).rejects.toThrow('Fix: set nodes[].destination-rule');
  });
});
