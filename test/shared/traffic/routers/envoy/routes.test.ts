import { describe, expect, it } from '@jest/globals';
import { envoySchema } from '../../../../../shared/traffic/routers/envoy/config.js';
import {
  editRouteFile,
  readDump,
  readRouteFile,
} from '../../../../../shared/traffic/routers/envoy/routes.js';

const config = { 'route-config': 'shop', backends: { blue: 'shop_blue', green: 'shop_green' } };

type Cluster = { name: string; weight?: number; [more: string]: unknown };
const split = (clusters: Cluster[], more: object = {}) => ({
  match: { prefix: '/' },
  route: { weighted_clusters: { clusters, ...more }, timeout: '10s' },
});
const both = (blue: number, green: number): Cluster[] => [
  { name: 'shop_blue', weight: blue },
  { name: 'shop_green', weight: green },
];
const routes = (...list: object[]) => ({
  '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  name: 'shop',
  virtual_hosts: [{ name: 'shop', domains: ['*'], routes: list }],
});
const fileOf = (...list: object[]) => JSON.stringify({ version_info: 'a', resources: [routes(...list)] });
const dumpOf = (...list: object[]) => ({
  status: 200,
  text: JSON.stringify({ configs: [{ version_info: 'a', route_config: routes(...list) }] }),
});
const preview = {
  match: { prefix: '/', headers: [{ name: 'x-preview' }] },
  route: { cluster: 'shop_green' },
};
const elsewhere = split([
  { name: 'ads_a', weight: 5 },
  { name: 'ads_b', weight: 5 },
]);

describe("Envoy's dump", () => {
  it.each([
    ['of any scale', [split(both(1, 3))], 25, 75],
    ['beside routes of other clusters', [preview, elsewhere, split(both(0, 100))], 0, 100],
    [
      'with a weight left out as 0',
      [split([{ name: 'shop_blue', weight: 1 }, { name: 'shop_green' }])],
      100,
      0,
    ],
    ['that differ between routes as mixed', [split(both(100, 0)), split(both(0, 100))], 50, 50],
  ])('gives weights %s', (_, list, blue, green) => {
    expect(readDump(config, dumpOf(...list))).toEqual({ ok: true, weights: { blue, green } });
  });

  it.each([
    ['another status', { status: 503, text: 'no' }, 'its admin port answers 503'],
    ['no JSON', { status: 200, text: '' }, 'is not understood'],
    [
      'nothing in it',
      { status: 200, text: '{}' },
      'it has no dynamic route configuration "shop" (it has none)',
    ],
    [
      'another route configuration',
      { status: 200, text: '{"configs":[{"route_config":{"name":"web"}}]}' },
      '(it has web)',
    ],
    ['no split', dumpOf(preview, elsewhere), 'no route shares between shop_blue and shop_green'],
    [
      'a third cluster',
      dumpOf(split([...both(1, 1), { name: 'x', weight: 1 }])),
      'shares between shop_blue, shop_green, x',
    ],
    [
      'a cluster alone',
      dumpOf(split([{ name: 'shop_blue', weight: 1 }])),
      'must share between shop_blue and shop_green',
    ],
    ['a cluster twice', dumpOf(split([...both(1, 1), { name: 'shop_blue', weight: 1 }])), 'once each'],
    [
      'weights that the runtime overrules',
      dumpOf(split(both(1, 1), { runtime_key_prefix: 'x' })),
      'runtime_key_prefix',
    ],
  ])('is refused with %s', (_, answer, why) => {
    expect(readDump(config, answer)).toEqual({ ok: false, why: expect.stringContaining(why) });
  });
});

describe("Envoy's file", () => {
  it('gets weights in every split of the colours, and nothing else of it changes', () => {
    const header = [{ header: { key: 'x-colour', value: 'blue' } }];
    const clusters = [{ name: 'shop_blue', weight: 9, request_headers_to_add: header }, both(9, 1)[1]!];
    const text = fileOf(preview, split(clusters), elsewhere, split(both(9, 1)));
    const edited = editRouteFile(config, text, { blue: 0, green: 100 }) as { text: string };
    const wanted = [
      preview,
      split([{ ...clusters[0]!, weight: 0 }, both(0, 100)[1]!]),
      elsewhere,
      split(both(0, 100)),
    ];
    expect(JSON.parse(edited.text)).toEqual({
      ...(JSON.parse(fileOf(...wanted)) as object),
      version_info: 'blue=0 green=100',
    });
    expect(readRouteFile(config, edited.text)).toEqual({ ok: true, weights: { blue: 0, green: 100 } });
  });

  it('is the same text when written twice', () => {
    const once = editRouteFile(config, fileOf(split(both(9, 1))), { blue: 90, green: 10 }) as {
      text: string;
    };
    expect(editRouteFile(config, once.text, { blue: 90, green: 10 })).toEqual({ ok: true, text: once.text });
  });

  it.each([
    ['no JSON', '{', 'not a DiscoveryResponse in JSON'],
    ['no resources', '{"version_info":"1"}', 'not a DiscoveryResponse in JSON'],
    ['two resources', JSON.stringify({ resources: [routes(), routes()] }), 'holds shop, shop'],
    ['another resource', JSON.stringify({ resources: [{ name: 'web' }] }), 'holds web'],
    ['no split', fileOf(preview), 'it needs "route": {"weighted_clusters"'],
  ])('with %s is neither believed nor changed', (_, text, why) => {
    const refusal = { ok: false, why: expect.stringContaining(why) };
    expect(readRouteFile(config, text)).toEqual(refusal);
    expect(editRouteFile(config, text, { blue: 0, green: 100 })).toEqual(refusal);
  });

  it('that is missing is not invented, since its routes are the team’s', () => {
    expect(editRouteFile(config, undefined, { blue: 100, green: 0 })).toEqual({
      ok: false,
      why: expect.stringContaining('there is no such file'),
    });
  });
});

describe('the Envoy section', () => {
  const section = {
    type: 'envoy',
    nodes: [{ name: 'edge-1', file: '/etc/envoy/routes.json', admin: 'http://127.0.0.1:9901' }],
    'route-config': 'shop',
    backends: { blue: 'shop_blue', green: 'shop_green' },
  };

  it('is taken as the documentation shows it', () => {
    expect(envoySchema.parse(section)).toMatchObject({ within: 10_000 });
  });

  it.each([
    ['a file that is no JSON', { nodes: [{ ...section.nodes[0], file: '/etc/envoy/routes.yaml' }] }],
    ['a query in the address', { nodes: [{ ...section.nodes[0], admin: 'http://127.0.0.1:9901/?x' }] }],
    ['no node', { nodes: [] }],
    ['a blank in a cluster', { backends: { blue: 'a b', green: 'c' } }],
    ['both colours on one cluster', { backends: { blue: 'a', green: 'a' } }],
  ])('is refused with %s', (_, changes) => {
    expect(envoySchema.safeParse({ ...section, ...changes }).success).toBe(false);
  });
});
