import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allTo } from '../../../../../shared/traffic/router.js';
import { haproxySchema } from '../../../../../shared/traffic/routers/haproxy/config.js';
import { haproxyRouter } from '../../../../../shared/traffic/routers/haproxy/router.js';
import { stickiness } from '../../../../../shared/traffic/routers/haproxy/sticky.js';
import { done, memoryMachine, move, tools } from '../../transports/memory.js';

const green = allTo('green', ['blue', 'green']);
const base = {
  type: 'haproxy',
  mode: 'map',
  map: '/etc/live.map',
  key: 'shop',
  backends: { blue: 'shop_blue', green: 'shop_green' },
};
const also = [
  { key: 'www' },
  { map: '/etc/admin.map', backends: { blue: 'admin_blue', green: 'admin_green' } },
];
const socket = [{ name: 'edge-1', socket: '/run/a.sock' }];

describe('switch fault 19: a section with several places of one HAProxy', () => {
  let server: Server;
  let live: Map<string, string>;
  beforeEach(async () => {
    live = new Map([
      ['/etc/live.map shop', 'shop_blue'],
      ['/etc/live.map www', 'shop_blue'],
      ['/etc/admin.map shop', 'admin_blue'],
    ]);
    server = createServer({ allowHalfOpen: true }, (connection) => {
      connection.setEncoding('utf8').on('data', (text: string) => {
        const [what, , map, key, value] = text.trim().split(' ');
        if (what === 'set') live.set(`${map} ${key}`, value!);
        const rows = [...live].filter(([at]) => at.startsWith(`${map} `));
        connection.end(
          what === 'set' ? '\n' : `${rows.map(([at, to]) => `0x1 ${at.split(' ')[1]} ${to}`).join('\n')}\n\n`,
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => void server.close());

  const nodes = () => [{ name: 'edge-1', address: `127.0.0.1:${(server.address() as AddressInfo).port}` }];

  it('is switched in all of them, each told apart in the report', async () => {
    const machine = memoryMachine({
      '/etc/live.map': 'shop shop_blue\nwww shop_blue\n',
      '/etc/admin.map': 'shop admin_blue\n',
    });
    const router = haproxyRouter(
      haproxySchema.parse({ ...base, also, nodes: nodes() }),
      tools(),
      () => machine,
    );
    await move(router, green);
    expect((await router.read()).nodes).toEqual({
      'edge-1 /etc/live.map shop': green,
      'edge-1 www': green,
      'edge-1 /etc/admin.map shop': green,
    });
    expect(machine.files.get('/etc/live.map')).toBe('shop shop_green\nwww shop_green\n');
    expect(machine.files.get('/etc/admin.map')).toBe('shop admin_green\n');
    live.set('/etc/live.map www', 'shop_blue');
    expect((await router.read()).weights['green']).toBeCloseTo(66.67, 1);
  });

  it('writes the file where it is on the machine, and says where it is not or cannot be written', async () => {
    const machine = memoryMachine({ '/srv/haproxy/live.map': 'shop shop_blue\n' });
    const open = (file: string) =>
      haproxyRouter(haproxySchema.parse({ ...base, file, nodes: nodes() }), tools(), () => machine);
    const router = open('/srv/haproxy/live.map');
    expect(await router.inspect!()).toEqual({ obstacles: [], notes: [] });
    await move(router, green);
    expect(machine.files.get('/srv/haproxy/live.map')).toBe('shop shop_green\n');
    machine.command = () => done(41);
    expect((await router.inspect!()).obstacles[0]).toMatch(/\/srv\/haproxy is not writable/);
    expect((await open('/etc/live.map').inspect!()).obstacles[0]).toMatch(
      /map file \/etc\/live\.map is not on its machine.*Fix: set router\.file/,
    );
  });
});

it.each([
  [[{ key: 'shop' }], 'also.0', /a place of its own: key "shop"/],
  [[{ key: 'www', backends: { blue: 'x' } }], 'also.0', /the same colours as above: blue, green/],
])('a section whose further places are none is refused: %j', (more, path, message) => {
  const { error } = haproxySchema.safeParse({ ...base, nodes: socket, also: more });
  expect(error?.issues.map((issue) => [issue.path.join('.'), issue.message])).toContainEqual([
    path,
    expect.stringMatching(message),
  ]);
});

describe('switch fault 17: clients that stay on their server', () => {
  const stat = (cookie: string) => `# pxname,svname,status,cookie,mode,\nshop,BACKEND,UP,${cookie},http,\n`;
  it('are said where a cookie or a stick table of the backend is seen', () => {
    expect(stickiness('shop', stat('SRV'), '')).toMatch(/cookie SRV\), so those who have one stay/);
    expect(stickiness('shop', stat(''), '# table: shop, type: ip, size:1024, used:0')).toMatch(/stick table/);
  });
  it('are not said where there is neither, or only a table of another backend', () => {
    expect(stickiness('shop', stat(''), '# table: shop2, type: ip, size:1024, used:0')).toBeUndefined();
  });
});
