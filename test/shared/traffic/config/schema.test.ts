import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../../../shared/config/parse.js';
import type { Problem } from '../../../../shared/config/problem.js';
import { trafficSchema } from '../../../../shared/traffic/config/schema.js';
import { brokenFacts } from '../../../../shared/traffic/colour/identity.js';

const traffic = () => ({
  version: 1,
  router: {
    type: 'haproxy',
    mode: 'map',
    nodes: [{ name: 'edge-1', socket: '/run/haproxy/admin.sock' }] as object[],
    map: '/etc/haproxy/live.map',
    key: 'shop',
    backends: { blue: 'shop_blue', green: 'shop_green' },
  } as Record<string, unknown>,
  colours: { blue: { url: 'http://10.0.0.11:8080' }, green: { url: 'http://10.0.0.12:8080' } } as Record<
    string,
    { url: string }
  >,
  health: {} as Record<string, unknown>,
  identity: { version: { json: '$.version' }, digest: { json: '$.digest' } } as Record<string, object>,
  entry: { url: 'https://shop.example.com/health' },
});

/** What is wrong with a traffic file after a change. */
function problems(change: (file: ReturnType<typeof traffic>) => void): Problem[] {
  const file = traffic();
  change(file);
  const parsed = parseConfig(stringify(file), 'traffic.yml', trafficSchema);
  return parsed.ok ? [] : parsed.problems;
}

const haproxy =
  (...nodes: object[]) =>
  (file: ReturnType<typeof traffic>) => {
    file.router['nodes'] = nodes;
    file.router['persist'] = false;
  };
const routed = (router: Record<string, unknown>) => (file: ReturnType<typeof traffic>) => {
  file.router = router;
};
const ssh = (host: string) => ({ host, 'known-hosts': 'deploy/known_hosts' });
const include = (upstreams: object) => ({
  type: 'nginx',
  mode: 'include',
  nodes: [{ name: 'a', probe: 'http://127.0.0.1/live' }],
  include: '/etc/nginx/live.conf',
  upstreams,
});
const flags = { blue: '/etc/nginx/live/blue', green: '/etc/nginx/live/green' };

describe('a traffic file that says one thing', () => {
  it('is accepted', () => expect(problems(() => undefined)).toEqual([]));

  it.each([
    ['two sockets', haproxy({ name: 'a', socket: '/run/a.sock' }, { name: 'b', socket: '/run/b.sock' })],
    [
      'one address on two machines',
      haproxy(
        { name: 'a', address: '127.0.0.1:9999', ssh: ssh('a.internal') },
        { name: 'b', address: '127.0.0.1:9999', ssh: ssh('b.internal') },
      ),
    ],
    [
      'one flag file on two machines',
      routed({
        type: 'nginx',
        nodes: [
          { name: 'a', ssh: ssh('a.internal') },
          { name: 'b', ssh: ssh('b.internal') },
        ],
        flags,
      }),
    ],
    [
      'a version in a header and a digest in another',
      (file: ReturnType<typeof traffic>) => {
        file.identity = { version: { header: 'X-Version' }, digest: { header: 'X-Digest' } };
      },
    ],
    ['a success without content', (file: ReturnType<typeof traffic>) => void (file.health = { status: 204 })],
  ])('with %s is accepted', (_, change) => expect(problems(change)).toEqual([]));
});

it('a command in one text, where words are meant, is told to be a list', () => {
  const [problem] = problems((file) => {
    const nodes = [{ name: 'cdn', read: 'ops/read --json', set: ['ops/set'] }];
    file.router = { type: 'command', nodes, backends: { blue: 'a', green: 'b' } };
  });
  expect(problem).toMatchObject({ line: expect.any(Number), path: 'router.nodes.0.read', allowed: 'a list' });
});

describe('a traffic file that contradicts itself is refused:', () => {
  const cases: [string, (file: ReturnType<typeof traffic>) => void, string, RegExp][] = [
    [
      'two nodes on one socket',
      haproxy({ name: 'a', socket: '/run/a.sock' }, { name: 'b', socket: '/run/a.sock' }),
      'router.nodes.1.socket',
      /a router of its own: this is the place of node "a"/,
    ],
    [
      'two nodes on one address',
      haproxy({ name: 'a', address: '10.0.0.1:9999' }, { name: 'b', address: '10.0.0.1:9999' }),
      'router.nodes.1.address',
      /place of node "a"/,
    ],
    [
      'two nodes with the files of one machine',
      routed({
        type: 'nginx',
        nodes: [
          { name: 'a', ssh: ssh('edge.internal') },
          { name: 'b', ssh: { ...ssh('edge.internal'), user: 'deploy' } },
        ],
        flags,
      }),
      'router.nodes.1',
      /place of node "a"/,
    ],
    [
      'two nodes with one route of one cluster',
      routed({
        type: 'gateway-api',
        nodes: [
          { name: 'a', namespace: 'shop', route: 'shop' },
          { name: 'b', namespace: 'shop', route: 'shop' },
        ],
        backends: { blue: 'blue', green: 'green' },
      }),
      'router.nodes.1',
      /place of node "a"/,
    ],
    [
      'two nodes of one name',
      haproxy({ name: 'a', socket: '/run/a.sock' }, { name: 'a', socket: '/run/b.sock' }),
      'router.nodes',
      /node names that differ/,
    ],
    [
      'one server in both colours',
      routed({
        type: 'haproxy',
        mode: 'servers',
        nodes: [{ name: 'a', socket: '/run/a.sock' }],
        backend: 'shop',
        servers: { blue: ['app1', 'app2'], green: ['app2'] },
      }),
      'router.servers',
      /each server once/,
    ],
    [
      'one backend for both colours',
      (file) => void (file.router['backends'] = { blue: 'shop', green: 'shop' }),
      'router.backends',
      /a backend of its own for each colour/,
    ],
    [
      'one upstream for both colours',
      routed(include({ blue: 'shop', green: 'shop' })),
      'router.upstreams',
      /a backend of its own for each colour/,
    ],
    [
      'one address for both colours',
      (file) => void (file.colours['green'] = { url: 'http://10.0.0.11:8080/' }),
      'colours.green.url',
      /an address that no other colour has; blue has it too/,
    ],
    [
      'one address for both colours by two names of this machine',
      (file) => {
        file.colours = { blue: { url: 'http://localhost:80' }, green: { url: 'http://127.0.0.1' } };
      },
      'colours.green.url',
      /blue has it too/,
    ],
    [
      'an entry that is a colour',
      (file) => void (file.entry.url = 'http://10.0.0.12:8080/health'),
      'entry.url',
      /not green itself: it would prove nothing/,
    ],
    [
      'version and digest in one JSON value',
      (file) => void (file.identity['digest'] = { json: '$.version' }),
      'identity.digest',
      /one value cannot be version and digest/,
    ],
    [
      'version and digest in one header',
      (file) => {
        file.identity = { version: { header: 'X-Release' }, digest: { header: 'x-release' } };
      },
      'identity.digest',
      /one value cannot be version and digest/,
    ],
    [
      'a header that is none',
      (file) => void (file.identity['version'] = { header: 'X Version:' }),
      'identity.version.header',
      /the name of a header/,
    ],
    ['a failure as health', (file) => void (file.health = { status: 503 }), 'health.status', /200 to 299/],
    ['a redirect as health', (file) => void (file.health = { status: 302 }), 'health.status', /200 to 299/],
  ];
  it.each(cases)('%s', (_, change, path, allowed) => {
    const found = problems(change);
    const problem = found.find((candidate) => candidate.path === path);
    expect(problem?.allowed).toMatch(allowed);
    expect(problem?.line).toBeGreaterThan(1);
  });

  it('all of it at once, each on its line', () => {
    const text = [
      'version: 1',
      'router:',
      '  type: haproxy',
      '  mode: map',
      '  nodes:',
      '    - { name: a, socket: /run/a.sock }',
      '    - { name: b, socket: /run/a.sock }',
      '  map: /etc/haproxy/live.map',
      '  key: shop',
      '  backends: { blue: shop_blue, red: shop_red }',
      'colours:',
      "  blue: { url: 'http://10.0.0.11' }",
      "  green: { url: 'http://10.0.0.11' }",
      'identity:',
      '  version: { json: $.v }',
      '  digest: { json: $.v }',
      "entry: { url: 'http://10.0.0.11/health' }",
    ].join('\n');
    const parsed = parseConfig(text, 'traffic.yml', trafficSchema);
    expect(parsed.ok ? [] : parsed.problems.map(({ line, path }) => [line, path])).toEqual([
      [12, 'colours.blue.url'],
      [13, 'colours.green.url'],
      [17, 'entry.url'],
      [10, 'router.backends.red'],
      [13, 'colours.green'],
      [7, 'router.nodes.1.socket'],
      [16, 'identity.digest'],
    ]);
  });
});

describe('a JSONPath in identity', () => {
  const facts = (version: string, digest: string) =>
    brokenFacts({ path: '/health', version: { json: version }, digest: { json: digest } });

  it.each(['$.version', "$['a b']", '$.builds[0].digest', '$..digest'])('%s is one', async (json) => {
    expect(await facts(json, '$.d')).toEqual([]);
  });

  it.each(['version', '$.', '$.a[', '/version', '$[?@.a ==]', ''])('%j is none', async (json) => {
    expect(await facts('$.v', json)).toMatchObject([
      { path: ['identity', 'digest', 'json'], got: JSON.stringify(json) },
    ]);
  });
});
