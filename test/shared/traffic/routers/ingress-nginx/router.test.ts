import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Router, Weights } from '../../../../../shared/traffic/router.js';
import { ingressNginxSchema } from '../../../../../shared/traffic/routers/ingress-nginx/config.js';
import { ingressNginxRouter } from '../../../../../shared/traffic/routers/ingress-nginx/router.js';
import { foretoldAndCalled } from '../../../../support/traffic/foretold.js';
import { startFakeKube, type FakeKube } from '../../../../support/traffic/routers/kube-api.js';

const path = (name: string) => `/apis/networking.k8s.io/v1/namespaces/shop/ingresses/${name}`;
const annotation = (name: string) => `nginx.ingress.kubernetes.io/${name}`;
const ingress = (service: string, annotations: Record<string, string> = {}, paths = ['/']) => ({
  metadata: {
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [annotation(name), value]),
    ),
  },
  spec: {
    rules: [
      {
        host: 'shop.example.com',
        http: { paths: paths.map((at) => ({ path: at, backend: { service: { name: service } } })) },
      },
    ],
  },
});

let kube: FakeKube;
let router: Router;
async function move(weights: Weights): Promise<number> {
  const calls = router.plan(await router.read(), weights);
  for (const call of calls) await router.apply(call);
  return calls.length;
}
const weight = () => kube.get(path('shop-canary')).metadata.annotations?.[annotation('canary-weight')];

beforeEach(async () => {
  kube = await startFakeKube();
  kube.ready = { 'shop-blue': 2, 'shop-green': 2 };
  kube.put(path('shop'), ingress('shop-blue'));
  kube.put(path('shop-canary'), ingress('shop-green', { canary: 'true', 'canary-weight': '0' }));
  router = ingressNginxRouter(
    ingressNginxSchema.parse({
      type: 'ingress-nginx',
      nodes: [
        {
          name: 'eu-1',
          cluster: { access: 'kubeconfig', path: 'config' },
          namespace: 'shop',
          ingress: 'shop',
          canary: 'shop-canary',
        },
      ],
      backends: { blue: 'shop-blue', green: 'shop-green' },
    }),
    { clock: { now: () => 0, sleep: async () => {} }, workspace: kube.folder, variable: () => undefined },
  );
});
afterEach(() => kube.close());

describe('a canary Ingress', () => {
  test('is switched by its weight alone, and back', async () => {
    expect((await router.read()).weights).toEqual({ blue: 100, green: 0 });
    expect(await move({ blue: 0, green: 100 })).toBe(1);
    expect(weight()).toBe('100');
    expect(kube.get(path('shop-canary')).metadata.annotations?.[annotation('canary')]).toBe('true');
    expect(await move({ blue: 0, green: 100 })).toBe(0);
    await move({ blue: 75, green: 25 });
    expect(weight()).toBe('25');
    expect((await router.read()).weights).toEqual({ blue: 75, green: 25 });
  });

  test('is called as a dry run foretells', async () => {
    const { foretold, called } = await foretoldAndCalled(router);
    expect(foretold.flat()).not.toEqual([]);
    expect(foretold).toEqual(called);
  });

  test('may lead to blue: then its weight is the share of blue', async () => {
    kube.put(path('shop'), ingress('shop-green'));
    kube.put(path('shop-canary'), ingress('shop-blue', { canary: 'true', 'canary-weight': '100' }));
    expect((await router.read()).weights).toEqual({ blue: 100, green: 0 });
    await move({ blue: 0, green: 100 });
    expect(weight()).toBe('0');
  });

  test('may count in thousandths', async () => {
    const annotations = { canary: 'true', 'canary-weight': '0', 'canary-weight-total': '1000' };
    kube.put(path('shop-canary'), ingress('shop-green', annotations));
    await move({ blue: 90, green: 10 });
    expect(weight()).toBe('100');
  });

  const canary = { canary: 'true', 'canary-weight': '0' };
  test.each<[string, object, object, string]>([
    ['is no canary', ingress('shop-blue'), ingress('shop-green'), 'lacks the annotation'],
    [
      'leads to the same colour',
      ingress('shop-blue'),
      ingress('shop-blue', canary),
      'both Ingresses lead to shop-blue',
    ],
    ['leads elsewhere', ingress('shop-blue'), ingress('old', canary), 'the canary Ingress leads to "old"'],
    [
      'has a main one that is a canary',
      ingress('shop-blue', canary),
      ingress('shop-green', canary),
      'itself a canary',
    ],
    [
      'does not cover a path',
      ingress('shop-blue', {}, ['/', '/api']),
      ingress('shop-green', canary),
      '"shop.example.com/api" of the main one, whose requests would stay',
    ],
    [
      'keeps clients by cookie',
      ingress('shop-blue', { affinity: 'cookie' }),
      ingress('shop-green', canary),
      'affinity-canary-behavior: legacy',
    ],
    [
      'has no whole weight',
      ingress('shop-blue'),
      ingress('shop-green', { canary: 'true', 'canary-weight': 'half' }),
      'canary-weight "half"',
    ],
    [
      'has more weight than there is',
      ingress('shop-blue'),
      ingress('shop-green', { canary: 'true', 'canary-weight': '101' }),
      'canary-weight "101"',
    ],
  ])('that %s is refused', async (_what, main, other, why) => {
    kube.put(path('shop'), main as Record<string, unknown>);
    kube.put(path('shop-canary'), other as Record<string, unknown>);
    await expect(router.read()).rejects.toThrow(why);
  });

  test('changed by somebody else since the plan is left alone', async () => {
    const [call] = router.plan(await router.read(), { blue: 0, green: 100 });
    kube.put(path('shop-canary'), ingress('shop-green', { canary: 'true', 'canary-weight': '30' }));
    await expect(router.apply(call!)).rejects.toThrow(/blue 70 %, green 30 % now; nothing was done/);
    expect(kube.patches).toEqual([]);
  });

  test('changed between look and patch is looked at again', async () => {
    kube.meanwhile = () =>
      kube.put(path('shop-canary'), ingress('shop-green', { canary: 'true', 'canary-weight': '30' }));
    await expect(move({ blue: 0, green: 100 })).rejects.toThrow('was changed by somebody else');
    expect(weight()).toBe('30');
  });

  test('stays as it is when nobody can serve the new colour', async () => {
    kube.ready['shop-green'] = 0;
    expect(await router.serving!('green')).toMatchObject({ is: 'down' });
    await expect(move({ blue: 0, green: 100 })).rejects.toThrow(
      'service "shop-green" (green) has 0 ready endpoints',
    );
    expect(weight()).toBe('0');
  });
});
