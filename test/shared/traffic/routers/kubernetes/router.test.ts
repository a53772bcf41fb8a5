import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { observe } from '../../../../../shared/traffic/router.js';
import { kubernetesSchema } from '../../../../../shared/traffic/routers/kubernetes/config.js';
import {
  compareSelector,
  planSelectors,
  readSelector,
} from '../../../../../shared/traffic/routers/kubernetes/selector.js';
import { kubernetesRouter } from '../../../../../shared/traffic/routers/kubernetes/router.js';
import { serve, type TestServer } from '../../../../support/servers/http.js';

const section = (more: Record<string, unknown> = {}) => ({
  type: 'kubernetes-service',
  nodes: [
    { name: 'eu-1', cluster: { access: 'kubeconfig', path: 'config' }, namespace: 'shop', service: 'shop' },
  ],
  label: 'slot',
  values: { blue: 'b', green: 'g' },
  within: '50ms',
  ...more,
});
const config = kubernetesSchema.parse(section());
const service = (spec: Record<string, unknown>) => ({ metadata: { resourceVersion: '1' }, spec });

describe('a Service', () => {
  test('gives all traffic to the colour that its selector names', () => {
    expect(readSelector(config, service({ selector: { app: 'shop', slot: 'g' } }))).toMatchObject({
      ok: true,
      weights: { blue: 0, green: 100 },
    });
  });

  test.each([
    ['selects neither colour', { selector: { slot: 'x' } }, 'selects slot=x, which is none of b, g'],
    ['has no such label', { selector: { app: 'shop' } }, 'has no "slot" in its selector'],
    ['has no selector', {}, 'has no "slot" in its selector'],
    ['is headless', { selector: { slot: 'b' }, clusterIP: 'None' }, 'is headless'],
    ['is a name only', { type: 'ExternalName' }, 'ExternalName'],
  ])('that %s is not understood', (_what, spec, expected) => {
    expect(readSelector(config, service(spec))).toEqual({
      ok: false,
      why: expect.stringContaining(expected),
    });
  });

  const observed = (followed: boolean) => ({
    ...observe({ 'eu-1': { blue: 100, green: 0 } }),
    services: { 'eu-1': { selector: { slot: 'b' }, followed } },
  });

  test('needs a call when it selects the other colour, or its endpoints do not follow yet', () => {
    const [call] = planSelectors(config, observed(true), { blue: 0, green: 100 });
    expect(call).toEqual({
      node: 'eu-1',
      say: 'patch service shop/shop: selector slot=g',
      action: { do: 'select', value: 'g', expected: '{"slot":"b"}' },
    });
    expect(planSelectors(config, observed(true), { blue: 100, green: 0 })).toEqual([]);
    expect(planSelectors(config, observed(false), { blue: 100, green: 0 })).toHaveLength(1);
  });

  test('is not patched where its state is only assumed', () => {
    expect(planSelectors(config, observe(observed(true).nodes), { blue: 0, green: 100 })).toEqual([]);
  });

  test('takes no weighted steps', () => {
    expect(() => planSelectors(config, observed(true), { blue: 50, green: 50 })).toThrow('gateway-api');
  });

  test.each([
    [{ slot: 'g', app: 'other' }, 'done'],
    [{ slot: 'b', app: 'shop' }, 'as-planned'],
    [{ slot: 'b' }, 'changed'],
    [{ slot: 'b', app: 'shop', tier: 'web' }, 'changed'],
    [{ slot: 'c', app: 'shop' }, 'changed'],
  ])('that selects %j is %s', (selector, expected) => {
    const action = { do: 'select', value: 'g', expected: '{"slot":"b","app":"shop"}' };
    expect(compareSelector('slot', selector, action)).toBe(expected);
  });

  test.each([
    ['a path in a name', { nodes: [{ name: 'a', namespace: 'shop', service: '../secrets' }] }],
    ['a query in a namespace', { nodes: [{ name: 'a', namespace: 'shop?x', service: 'shop' }] }],
    ['a selector in a value', { values: { blue: 'b', green: 'g,admin=true' } }],
    ['two colours of one value', { values: { blue: 'b', green: 'b' } }],
    ['an unknown key', { selector: 'slot' }],
    ['no ready pod wanted', { 'min-ready': 0 }],
  ])('is not configured with %s', (_what, more) => {
    expect(kubernetesSchema.safeParse(section(more)).success).toBe(false);
  });
});

describe('a patch of a Service', () => {
  let folder: string;
  let server: TestServer;
  let slot: string;
  let versions: number;
  /** How many patches lose to a change of something else. */
  let conflicts: number;
  let patches: unknown[];

  const pod = (name: string, ready: string, more = {}) => ({
    metadata: { name, uid: name, ...more },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  });
  let pods: unknown[];
  let endpoints: unknown[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kubernetes-'));
    [slot, versions, conflicts, patches] = ['b', 1, 0, []];
    pods = [pod('p', 'True')];
    endpoints = [{ addresses: ['10.0.0.1'], targetRef: { uid: 'p' } }];
    server = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const answer = (status: number, document: unknown) =>
          response.writeHead(status).end(JSON.stringify(document));
        if (request.url!.includes('/pods')) return answer(200, { items: pods });
        if (request.url!.includes('/endpointslices')) return answer(200, { items: [{ endpoints }] });
        if (request.method === 'PATCH') {
          patches.push(JSON.parse(body));
          if (conflicts-- > 0) {
            versions++;
            return answer(409, { kind: 'Status', message: 'the object has been modified' });
          }
          slot = 'g';
        }
        answer(200, { metadata: { resourceVersion: String(versions) }, spec: { selector: { slot } } });
      });
    });
    const cluster = { server: server.url };
    const text = stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 't' } }],
    });
    writeFileSync(join(folder, 'config'), text);
  });

  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (more: Record<string, unknown> = {}) => {
    let time = 0;
    const clock = { now: () => time, sleep: async (milliseconds: number) => void (time += milliseconds) };
    const tools = { clock, workspace: folder, variable: () => undefined };
    return kubernetesRouter(kubernetesSchema.parse(section(more)), tools, {
      answerWithin: 2_000,
      pollEvery: 10,
    });
  };
  const call = {
    node: 'eu-1',
    say: 'switch',
    action: { do: 'select', value: 'g', expected: '{"slot":"b"}' },
  };

  test('that loses to a change elsewhere in the object is made again from the new version', async () => {
    conflicts = 2;
    await open().apply(call);
    expect(patches.map((patch) => (patch as { metadata: unknown }).metadata)).toEqual([
      { resourceVersion: '1' },
      { resourceVersion: '2' },
      { resourceVersion: '3' },
    ]);
  });

  test('is not made when the selector is no longer the one that was planned from', async () => {
    const other = { ...call, action: { ...call.action, expected: '{"slot":"b","app":"shop"}' } };
    await expect(open().apply(other)).rejects.toThrow('was changed by somebody else: it selects slot=b now');
    expect(patches).toEqual([]);
  });

  test('that always loses ends', async () => {
    conflicts = 99;
    await expect(open().apply(call)).rejects.toThrow(
      'changes faster than it can be patched ("the object has been modified")',
    );
    expect(patches).toHaveLength(4);
  });

  test('is not made when it was made already', async () => {
    slot = 'g';
    await open().apply(call);
    expect(patches).toEqual([]);
  });

  test.each([
    ['is being deleted', () => (pods = [pod('p', 'True', { deletionTimestamp: '2026-01-01T00:00:00Z' })])],
    ['is not ready', () => (pods = [pod('p', 'False')])],
    ['says nothing of itself', () => (pods = [{ metadata: { name: 'p', uid: 'p' } }])],
  ])('is not made when the only pod %s', async (_what, arrange) => {
    arrange();
    await expect(open().apply(call)).rejects.toThrow('stays as it is: 0 of 1 pods');
    expect(patches).toEqual([]);
  });

  test.each([
    [
      'endpoints of another pod',
      () => endpoints.push({ addresses: ['10.0.0.9'], targetRef: { uid: 'old' } }),
      '1 still lead elsewhere (10.0.0.9',
    ],
    [
      'endpoints of nobody',
      () => endpoints.push({ addresses: ['10.0.0.9'], conditions: {} }),
      '1 still lead elsewhere',
    ],
    [
      'an endpoint that is not ready',
      () =>
        (endpoints = [{ addresses: ['10.0.0.1'], conditions: { ready: false }, targetRef: { uid: 'p' } }]),
      'there is no ready endpoint at all',
    ],
    ['no endpoint for a ready pod', () => pods.push(pod('q', 'True')), '1 ready pods are not in them (q'],
  ])('is not confirmed by %s', async (_what, arrange, expected) => {
    arrange();
    await expect(open().apply(call)).rejects.toThrow(expected);
  });

  test('of a journal that does not fit the configuration is refused', async () => {
    const odd = { ...call, action: { ...call.action, value: 'x' } };
    await expect(open().apply(odd)).rejects.toThrow('does not fit the router configuration');
    await expect(open().apply({ ...call, node: 'us-1' })).rejects.toThrow(
      'There is no kubernetes-service node "us-1"',
    );
    expect(patches).toEqual([]);
  });

  test('wants as many ready pods as the configuration says', async () => {
    await expect(open({ 'min-ready': 2 }).apply(call)).rejects.toThrow(
      '1 of 1 pods with slot=g are ready, and min-ready is 2',
    );
  });
});
