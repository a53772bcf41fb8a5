import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHttpClient } from '../../../../shared/http/client.js';
import { systemClock } from '../../../../shared/runner/port.js';
import { openRouter } from '../../../../shared/traffic/registry.js';
import type { Serving } from '../../../../shared/traffic/router.js';
import { readHealth } from '../../../../shared/traffic/routers/caddy/health.js';
import { readTargetHealth } from '../../../../shared/traffic/routers/alb/health.js';
import { parseXml } from '../../../../shared/traffic/routers/alb/xml.js';
import { readClusters } from '../../../../shared/traffic/routers/envoy/health.js';
import { routerSchema } from '../../../../shared/traffic/routers/schemas.js';
import { readServerStatus } from '../../../../shared/traffic/routers/traefik/health.js';
import { serve, type TestServer } from '../../../support/servers/http.js';

const ok = (document: unknown) => ({ status: 200, text: JSON.stringify(document) });

describe('switch fault 5: Traefik is asked for its own health, which', () => {
  const service = (serverStatus: Record<string, string>, loadBalancer: object = { healthCheck: {} }) =>
    ok({
      status: 'enabled',
      loadBalancer: { servers: Object.keys(serverStatus).map((url) => ({ url })), ...loadBalancer },
      serverStatus,
    });
  test.each<[string, Serving['is'], { status: number; text: string }, string | number]>([
    ['counts the servers that are up', 'up', service({ 'http://a': 'UP', 'http://b': 'DOWN' }), 1],
    ['is down with every server down', 'down', service({ 'http://a': 'DOWN' }), '"http://a" is "DOWN"'],
    [
      'is unknown without a health check',
      'unknown',
      service({ 'http://a': 'UP' }, {}),
      'loadBalancer.healthCheck',
    ],
    ['is down without a server', 'down', service({}), 'has no servers'],
    ['is down without the service', 'down', { status: 404, text: '{}' }, 'no service "shop-green@file"'],
    [
      'is down with the service disabled',
      'down',
      ok({ status: 'disabled', error: ['bad url'] }),
      '"bad url"',
    ],
    ['is unknown where the answer is not understood', 'unknown', { status: 500, text: 'no' }, 'answers 500'],
  ])('%s', (_what, is, answer, expected) => {
    const serving = readServerStatus('shop-green', answer);
    expect(serving.is).toBe(is);
    if (serving.is === 'up') expect(serving.servers).toBe(expected);
    else expect(serving.why).toContain(expected);
  });
});

describe('switch fault 5: Envoy is asked for its own health, which', () => {
  const hosts = (...flags: Record<string, unknown>[]) =>
    ok({
      cluster_statuses: [
        { name: 'shop-blue', host_statuses: [{ health_status: { eds_health_status: 'HEALTHY' } }] },
        { name: 'shop-green', host_statuses: flags.map((health_status) => ({ health_status })) },
      ],
    });
  const healthy = { eds_health_status: 'HEALTHY' };
  test.each<[string, Serving['is'], { status: number; text: string }, string | number]>([
    [
      'counts the hosts that it sends requests to',
      'up',
      hosts(
        healthy,
        { ...healthy, failed_active_degraded_check: true },
        { ...healthy, failed_outlier_check: true },
      ),
      2,
    ],
    [
      'is down with every host failing',
      'down',
      hosts({ ...healthy, failed_active_health_check: true }),
      'failed_active_health_check',
    ],
    [
      'is down with every host taken out by its control plane',
      'down',
      hosts({ eds_health_status: 'DRAINING' }),
      'DRAINING',
    ],
    ['is down without a host', 'down', hosts(), 'it has no hosts'],
    ['is down without the cluster', 'down', ok({}), 'no cluster "shop-green"'],
    ['is unknown where the answer is not understood', 'unknown', { status: 200, text: '[]' }, 'answers 200'],
  ])('%s', (_what, is, answer, expected) => {
    const serving = readClusters('shop-green', answer);
    expect(serving.is).toBe(is);
    if (serving.is === 'up') expect(serving.servers).toBe(expected);
    else expect(serving.why).toContain(expected);
  });
});

describe('switch fault 5: Caddy is asked for its own health, which', () => {
  const [one, two] = ['10.0.0.12:8080', '10.0.0.13:8080'];
  const handler = (dials: string[], health_checks?: object) => ({
    handler: 'reverse_proxy',
    upstreams: dials.map((dial) => ({ dial })),
    ...(health_checks ? { health_checks } : {}),
  });
  const active = { active: { uri: '/health' } };
  const running = (...handlers: object[]) =>
    ok({
      servers: { s: { routes: [{ handle: [{ handler: 'subroute', routes: [{ handle: handlers }] }] }] } },
    });
  const metrics = (healthy: Record<string, number>) => ({
    status: 200,
    text: Object.entries(healthy)
      .map(([dial, value]) => `caddy_reverse_proxy_upstreams_healthy{upstream="${dial}"} ${value}\n`)
      .join(''),
  });
  const both = metrics({ [one]: 1, [two]: 0 });
  const none = { status: 404, text: 'no' };

  test.each<[string, Serving['is'], ReturnType<typeof ok>, ReturnType<typeof ok>, string | number]>([
    ['counts the upstreams that are healthy', 'up', running(handler([one, two], active)), both, 1],
    [
      'is down with every upstream unhealthy',
      'down',
      running(handler([one, two], active)),
      metrics({ [one]: 0, [two]: 0 }),
      `${one} and ${two} down`,
    ],
    [
      'is down where requests of users failed lately',
      'down',
      running(handler([one, two], { passive: { fail_duration: 30 } })),
      metrics({ [one]: 0, [two]: 0 }),
      'down by its health checks',
    ],
    [
      'is unknown with passive checks only, whatever they found of others',
      'unknown',
      running(handler([one, two], { passive: { fail_duration: 30 } })),
      metrics({ [one]: 1, [two]: 1 }),
      `checks ${one} only by requests of users`,
    ],
    ['is unknown without checks', 'unknown', running(handler([one, two])), both, 'in no way (no health_uri)'],
    [
      'is unknown where one of two handlers does not check',
      'unknown',
      running(handler([one, two], active), handler([one, two])),
      metrics({ [one]: 1, [two]: 1 }),
      'in no way',
    ],
    [
      'is unknown without the upstreams',
      'unknown',
      running(),
      both,
      `no reverse_proxy with the upstream ${one}`,
    ],
    [
      'is unknown before the first result',
      'unknown',
      running(handler([one, two], active)),
      metrics({}),
      'yet',
    ],
    ['is unknown without metrics', 'unknown', running(handler([one], active)), none, '/metrics answers 404'],
    ['is unknown without an answer that is understood', 'unknown', none, both, 'answers 404'],
  ])('%s', (_what, is, configuration, page, expected) => {
    const serving = readHealth([one, two], configuration, page);
    expect(serving.is).toBe(is);
    if (serving.is === 'up') expect(serving.servers).toBe(expected);
    else expect(serving.why).toContain(expected);
  });

  test('says how old its word may be, by how often it checks: another is to be waited for', () => {
    const every = (interval?: number | string) =>
      readHealth([one], running(handler([one], { active: { uri: '/', interval } })), metrics({ [one]: 1 }));
    expect(every('2s')).toEqual({ is: 'up', servers: 1, lag: 13_000 });
    expect(every(2_000_000_000)).toEqual({ is: 'up', servers: 1, lag: 13_000 });
    expect(every()).toMatchObject({ lag: 41_000 });
    const early = readHealth([one], running(handler([one], active)), metrics({}));
    expect(early).toMatchObject({ is: 'unknown', lag: 41_000 });
    const passive = readHealth([one], running(handler([one], { passive: {} })), metrics({}));
    expect(passive).not.toHaveProperty('lag');
  });

  test('is unknown of a colour that nothing is configured for', () => {
    expect(readHealth([], running(handler([one], active)), both).is).toBe('unknown');
  });
});

describe('switch fault 5: a router is asked on every node and', () => {
  let server: TestServer;
  let folder: string;
  /** Ready endpoints by Service, the shares aside; the node `eu-2` answers nothing that is understood. */
  const ready: Record<string, number> = { 'shop-blue': 3, 'shop-green': 1 };

  beforeAll(async () => {
    server = await serve((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const name = url.searchParams.get('labelSelector')?.split('=')[1] ?? '';
      const endpoints = Array.from({ length: ready[name] ?? 0 }, (_, index) => ({
        addresses: [`10.0.0.${index}`],
      }));
      const answers: [RegExp, unknown][] = [
        [/namespaces\/lost\//, {}],
        [
          /endpointslices$/,
          { items: [{ endpoints: [...endpoints, { addresses: ['x'], conditions: { ready: false } }] }] },
        ],
        [
          /services\/shop$/,
          { metadata: { resourceVersion: '1' }, spec: { selector: { app: 'shop', slot: 'blue' } } },
        ],
        [
          /pods$/,
          {
            items: ['True', 'False'].map((status) => ({
              metadata: { name: status, uid: status },
              status: { conditions: [{ type: 'Ready', status }] },
            })),
          },
        ],
      ];
      response.end(JSON.stringify(answers.find(([path]) => path.test(url.pathname))?.[1] ?? {}));
    });
    folder = mkdtempSync(join(tmpdir(), 'serving-'));
    writeFileSync(
      join(folder, 'config'),
      stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: server.url } }],
        users: [{ name: 'u', user: { token: 't' } }],
      }),
    );
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const ask = async (section: object, colour = 'green') =>
    (
      await openRouter(routerSchema.parse(section), {
        http: createHttpClient(),
        clock: systemClock,
        workspace: folder,
        variable: () => 'x',
      })
    ).serving!(colour);
  const cluster = { access: 'kubeconfig', path: 'config' };

  test.each([
    ['a Gateway', 'gateway-api', { route: 'shop' }, { backends: { blue: 'shop-blue', green: 'shop-green' } }],
  ])('%s counts the ready endpoints of the colour', async (_what, type, node, more) => {
    const nodes = [{ name: 'eu-1', cluster, namespace: 'shop', ...node }];
    expect(await ask({ type, nodes, ...more }, 'blue')).toEqual({ is: 'up', servers: 3 });
    expect(await ask({ type, nodes, ...more, 'min-ready': 2 })).toEqual({
      is: 'down',
      why: expect.stringMatching(
        /node "eu-1", service "shop-green" \(green\) has 1 ready endpoints, and min-ready is 2$/,
      ),
    });
    const lost = { ...nodes[0], name: 'eu-2', namespace: 'lost' };
    expect(await ask({ type, nodes: [...nodes, lost], ...more })).toMatchObject({ is: 'unknown' });
  });

  test('a Kubernetes Service counts the ready pods that its selector would choose', async () => {
    const node = { name: 'eu-1', cluster, namespace: 'shop', service: 'shop' };
    const section = {
      type: 'kubernetes-service',
      nodes: [node],
      label: 'slot',
      values: { blue: 'blue', green: 'green' },
    };
    expect(await ask(section)).toEqual({ is: 'up', servers: 1 });
    expect(await ask({ ...section, 'min-ready': 2 })).toMatchObject({
      is: 'down',
      why: expect.stringContaining('selector app=shop,slot=green has 1 ready'),
    });
  });

  test.each([
    [
      'nginx',
      { type: 'nginx', nodes: [{ name: 'a' }], flags: { blue: '/l/blue', green: '/l/green' } },
      'NGINX Plus',
    ],
    [
      'Caddy',
      { type: 'caddy', nodes: [{ name: 'a' }], file: '/l/live', values: { blue: 'b', green: 'g' } },
      'only where router.servers',
    ],
    [
      'a command',
      {
        type: 'command',
        nodes: [{ name: 'a', read: ['r'], set: ['s'] }],
        backends: { blue: 'b', green: 'g' },
      },
      'the commands tell',
    ],
  ])('%s says that it cannot know, and why', async (_what, section, why) => {
    expect(await ask(section)).toEqual({ is: 'unknown', why: expect.stringContaining(why) });
  });
});

describe('switch fault 5: a target group', () => {
  const health = (...targets: [string, string?][]) =>
    readTargetHealth(
      parseXml(
        `<R><TargetHealthDescriptions>${targets
          .map(
            ([state, reason]) =>
              `<member><Target><Id>i-1</Id></Target><TargetHealth><State>${state}</State>${reason ? `<Reason>${reason}</Reason>` : ''}</TargetHealth></member>`,
          )
          .join('')}</TargetHealthDescriptions></R>`,
      ),
    );

  test('counts its targets, those being deregistered aside', () => {
    expect(health(['healthy'], ['healthy'], ['draining'])).toEqual({ healthy: true, targets: 2 });
  });

  test('of no listener is not called ill: nobody checks it', () => {
    expect(health(['unused', 'Target.NotInUse'])).toMatchObject({ healthy: false, unused: true });
    expect(health(['unused', 'Target.NotInUse'], ['unhealthy', 'Target.Timeout'])).toMatchObject({
      unused: false,
    });
    expect(health(['unused', 'Target.InvalidState'])).toMatchObject({ unused: false });
  });
});
