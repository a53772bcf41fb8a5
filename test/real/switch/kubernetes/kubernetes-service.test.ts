import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '../../../../shared/runner/port.js';
import { openCluster } from '../../../../shared/traffic/routers/kube/cluster.js';
import { kubernetesSchema } from '../../../../shared/traffic/routers/kubernetes/config.js';
import { kubernetesRouter } from '../../../../shared/traffic/routers/kubernetes/router.js';
import { allTo, liveColour, type Router } from '../../../../shared/traffic/router.js';
import { pageBlock } from '../../../support/traffic/routers/router-page.js';
import { namespaceOf, startKubeServer, type KubeServer } from './kubernetes-server.js';

const colours = ['blue', 'green'];
const pace = { answerWithin: 1_500, pollEvery: 10 };

let server: KubeServer;
let count = 0;
let shop: ReturnType<typeof namespaceOf>;
let namespace: string;
/** While true, the slice follows the selector as the cluster's controller would make it. */
let following: boolean;
let follower: Promise<void> | undefined;
let ended = false;

beforeAll(async () => {
  server = await startKubeServer();
}, 1_800_000);

afterAll(async () => {
  ended = true;
  await follower;
  await server.stop();
});

beforeEach(async () => {
  ended = true;
  await follower;
  namespace = `shop-${++count}`;
  shop = namespaceOf(server, namespace);
  await shop.create();
  await shop.service('shop', { selector: { app: 'shop', slot: 'blue' } });
  for (const slot of colours)
    for (const number of [1, 2]) await shop.pod(`${slot}-${number}`, { app: 'shop', slot }, true);
  await shop.writeSlice('shop', { app: 'shop', slot: 'blue' });
  following = true;
  ended = false;
  follower = follow();
});

async function follow(): Promise<void> {
  let known = '';
  while (!ended) {
    const selector = await shop.selector('shop');
    if (following && JSON.stringify(selector) !== known) {
      await shop.writeSlice('shop', selector);
      known = JSON.stringify(selector);
    }
    await systemClock.sleep(20);
  }
}

function configOf(cluster: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return kubernetesSchema.parse({
    type: 'kubernetes-service',
    nodes: [{ name: 'eu-1', cluster, namespace, service: 'shop' }],
    label: 'slot',
    values: { blue: 'blue', green: 'green' },
    within: '600ms',
    ...more,
  });
}

const byToken = () => ({ access: 'token', server: server.url, 'certificate-authority': server.caFile });

function world(variables: Record<string, string> = { KUBE_TOKEN: server.tokens.admin }) {
  return {
    clock: systemClock,
    workspace: server.folder,
    variable: (name: string) => variables[name] ?? (name === 'PATH' ? process.env['PATH'] : undefined),
  };
}

const open = (cluster = byToken() as Record<string, unknown>, variables?: Record<string, string>) =>
  kubernetesRouter(configOf(cluster), world(variables), pace);

async function switchTo(router: Router, colour: string): Promise<number> {
  const calls = router.plan(await router.read(), allTo(colour, colours));
  for (const call of calls) await router.apply(call);
  return calls.length;
}

describe('a Service of a real API server', () => {
  test('is read, switched with its other labels untouched, read back and switched back, and needs nothing when it is there', async () => {
    const router = open();
    expect(liveColour((await router.read()).weights)).toBe('blue');
    expect(await switchTo(router, 'green')).toBe(1);
    expect(await shop.selector('shop')).toEqual({ app: 'shop', slot: 'green' });
    expect((await router.read()).weights).toEqual({ blue: 0, green: 100 });
    expect(await switchTo(router, 'green')).toBe(0);
    expect(await switchTo(router, 'blue')).toBe(1);
    expect(liveColour((await router.read()).weights)).toBe('blue');
  });

  test('is switched twenty times, and every time is confirmed by its endpoints', async () => {
    const router = open();
    for (let round = 0; round < 20; round++) {
      const colour = round % 2 === 0 ? 'green' : 'blue';
      expect(await switchTo(router, colour)).toBe(1);
      expect(router.plan(await router.read(), allTo(colour, colours))).toEqual([]);
    }
  });

  test('takes a call of the journal twice', async () => {
    const router = open();
    const [call] = router.plan(await router.read(), allTo('green', colours));
    await router.apply(call!);
    await router.apply(call!);
    expect(liveColour((await router.read()).weights)).toBe('green');
  });

  test('is left alone when somebody else changed its selector since the plan', async () => {
    const router = open();
    const [call] = router.plan(await router.read(), allTo('green', colours));
    await shop.patchService('shop', { spec: { selector: { tier: 'web' } } });
    await expect(router.apply(call!)).rejects.toThrow(
      /was changed by somebody else: it selects .*tier=web.*; nothing was done/,
    );
    expect((await shop.selector('shop'))['slot']).toBe('blue');
  });

  test('is switched although something else of it changed since the plan', async () => {
    const router = open();
    const [call] = router.plan(await router.read(), allTo('green', colours));
    await shop.patchService('shop', { metadata: { annotations: { note: 'changed' } } });
    await router.apply(call!);
    expect((await shop.selector('shop'))['slot']).toBe('green');
  });

  test('refuses a patch made from an older version of it', async () => {
    const api = openCluster('eu-1', configOf(byToken()).nodes[0]!.cluster, world(), 1_500);
    const target = { group: '', version: 'v1', resource: 'services', namespace, name: 'shop' };
    const { metadata } = (await api.get(target)) as { metadata: { resourceVersion: string } };
    await shop.patchService('shop', { metadata: { annotations: { note: 'changed' } } });
    const stale = {
      metadata: { resourceVersion: metadata.resourceVersion },
      spec: { selector: { slot: 'green' } },
    };
    expect((await api.patch(target, 'merge-patch', stale)).ok).toBe(false);
    expect((await shop.selector('shop'))['slot']).toBe('blue');
  });

  test('stays as it is when no pod of the new colour is ready', async () => {
    for (const number of [1, 2]) await shop.podReady(`green-${number}`, false);
    await expect(switchTo(open(), 'green')).rejects.toThrow(
      'stays as it is: 0 of 2 pods with app=shop,slot=green are ready, and min-ready is 1',
    );
    expect((await shop.selector('shop'))['slot']).toBe('blue');
  });

  test('is not called switched while its endpoints still lead to the old colour', async () => {
    following = false;
    const router = open();
    await expect(switchTo(router, 'green')).rejects.toThrow(
      /selects app=shop,slot=green, but its EndpointSlices did not follow within 600 ms: 2 still lead elsewhere .*; 2 ready pods are not in them/,
    );
    const lagging = await router.read();
    const again = router.plan(lagging, allTo('green', colours));
    expect(again).toHaveLength(1);
    following = true;
    await router.apply(again[0]!);
    expect(router.plan(await router.read(), allTo('green', colours))).toEqual([]);
  });

  test('that answers late is an error in time, and goes on where it was', async () => {
    const router = open();
    server.freeze();
    try {
      await expect(router.read()).rejects.toThrow('no complete answer within 1500 ms');
    } finally {
      server.thaw();
    }
    expect(liveColour((await router.read()).weights)).toBe('blue');
  });
});

describe('who may switch it', () => {
  const documented = pageBlock<{ rules: { verbs: string[] }[] }>(
    'kubernetes-service',
    ({ kind }) => kind === 'Role',
  ).rules;
  const deployer = () => open(byToken(), { KUBE_TOKEN: server.tokens.deployer });

  test('is told which rule of the Role is missing', async () => {
    await expect(deployer().read()).rejects.toThrow(
      'Add to our Role there: { apiGroups: [""], resources: ["services"], verbs: ["get"] }',
    );
    const readOnly = documented.map((rule) => ({
      ...rule,
      verbs: rule.verbs.filter((verb) => verb !== 'patch'),
    }));
    await shop.grant('deployer', readOnly);
    const router = deployer();
    await expect(retried(() => switchTo(router, 'green'))).rejects.toThrow(
      'Add to our Role there: { apiGroups: [""], resources: ["services"], verbs: ["patch"] }',
    );
  });

  test('needs no more than the documented Role', async () => {
    await shop.grant('deployer', documented);
    const router = deployer();
    expect(await retried(() => switchTo(router, 'green'))).toBe(1);
  });

  test('is refused with an unknown token', async () => {
    await expect(open(byToken(), { KUBE_TOKEN: 'wrong' }).read()).rejects.toThrow(
      'the API server does not know us',
    );
  });

  test('may come with the client certificate of a kubeconfig', async () => {
    await shop.grant('leaf', documented);
    const { cert, key } = server.authority.issue({ names: ['leaf'] });
    const data = (text: string) => Buffer.from(text).toString('base64');
    writeKubeconfig({ 'client-certificate-data': data(cert), 'client-key-data': data(key) });
    const router = open({ access: 'kubeconfig', path: 'kubeconfig' });
    expect(await retried(() => switchTo(router, 'green'))).toBe(1);
  });

  test('may come with the token of an exec plugin, which is run again when the server stops knowing it', async () => {
    const plugin = join(server.folder, 'plugin.sh');
    const state = join(server.folder, 'asked');
    writeFileSync(
      plugin,
      `#!/bin/sh\nif [ -e '${state}' ]; then token=${server.tokens.admin}; else token=old; touch '${state}'; fi\n` +
        `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$token'"}}'\n`,
    );
    chmodSync(plugin, 0o700);
    writeKubeconfig({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: './plugin.sh',
        interactiveMode: 'Never',
      },
    });
    expect(await switchTo(open({ access: 'kubeconfig', path: 'kubeconfig' }), 'green')).toBe(1);
  });

  test('believes no server but the one of the cluster’s authority', async () => {
    await expect(open({ access: 'token', server: server.url }).read()).rejects.toThrow(/certificate/);
  });

  function writeKubeconfig(user: Record<string, unknown>): void {
    writeFileSync(
      join(server.folder, 'kubeconfig'),
      stringify({
        'current-context': 'prod',
        contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
        clusters: [
          { name: 'c', cluster: { server: server.url, 'certificate-authority': 'certs/apiserver.crt' } },
        ],
        users: [{ name: 'u', user }],
      }),
    );
  }

  /** The authorizer sees a new Role a moment after it is written. */
  async function retried<T>(act: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (attempt === 20 || !/"get"|"list"/.test(String(error))) throw error;
        await systemClock.sleep(100);
      }
    }
  }
});
