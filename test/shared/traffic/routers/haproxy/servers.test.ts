import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { allTo, share, type Router } from '../../../../../shared/traffic/router.js';
import { haproxySchema } from '../../../../../shared/traffic/routers/haproxy/config.js';
import { haproxyRouter } from '../../../../../shared/traffic/routers/haproxy/router.js';
import { memoryMachine, move, tools } from '../../transports/memory.js';

const colours = ['blue', 'green'];
const header =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state';

interface Fake {
  op?: number;
  admin?: number;
  weight: number;
  initial?: number;
  check?: [status: number, result: number, health: number, state: number];
}
let open: Server | undefined;
afterEach(() => void open?.close());

/** One node that answers as HAProxy 2.6 does for the servers of backend `shop`. */
async function haproxy(
  servers: Record<string, Fake>,
  {
    balance = 'roundrobin',
    mode = 'servers',
    files = {} as Record<string, string>,
    answer = '',
    health = '',
  } = {},
): Promise<Router> {
  let live = 'blue';
  const reply = (line: string): string => {
    const [, name = '', weight = ''] = /^set server shop\/(\S+) weight (\S+)$/.exec(line) ?? [];
    const server = servers[name];
    if (answer !== '' && line.startsWith('set ')) return answer;
    if (health !== '' && line.startsWith('show servers state')) return health;
    if (server) {
      if (balance !== 'roundrobin' && !/^(0|100)%$/.test(weight))
        return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n\n";
      server.weight = weight.endsWith('%')
        ? ((server.initial ?? 1) * parseInt(weight, 10)) / 100
        : Number(weight);
      return '\n';
    }
    const [, map] = /^set map \S+ shop (\S+)$/.exec(line) ?? [];
    if (map) {
      live = map;
      return '\n';
    }
    if (line.startsWith('show map')) return `0x1 shop ${live}\n\n`;
    const [, asked] = /^get weight shop\/(\S+)$/.exec(line) ?? [];
    if (asked) return `${servers[asked]!.weight} (initial ${servers[asked]!.initial ?? 1})\n\n`;
    const backend = line.split(' ').at(-1);
    const rows = Object.entries(servers).map(
      ([server, { op = 2, admin = 0, weight: own, initial = 1, check = [1, 0, 2, 0] }], index) =>
        `3 ${backend} ${index + 1} ${server} 10.0.0.1 ${op} ${admin} ${own} ${initial} 9 ${check.join(' ')} 0`,
    );
    return `1\n${header}\n${rows.join('\n')}\n\n`;
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.setEncoding('utf8').on('data', (line: string) => socket.end(reply(line.trim())));
  });
  open?.close();
  open = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const nodes = [{ name: 'edge-1', address: `127.0.0.1:${(server.address() as AddressInfo).port}` }];
  const section =
    mode === 'servers'
      ? { mode, backend: 'shop', servers: { blue: ['b1', 'b2'], green: ['g1', 'g2'] } }
      : { mode, map: '/etc/live.map', key: 'shop', backends: { blue: 'blue', green: 'green' } };
  const config = haproxySchema.parse({ type: 'haproxy', nodes, ...section });
  return haproxyRouter(config, tools(), () => memoryMachine(files));
}

const maintenance = { op: 0, admin: 1 };
const states = (green: Partial<Fake>, other: Partial<Fake> = green) => ({
  b1: { weight: 100 },
  b2: { weight: 100 },
  g1: { weight: 0, ...green },
  g2: { weight: 0, ...other },
});

describe('switch fault 4: a colour with a server out of service', () => {
  it.each([
    ['maintenance', maintenance],
    ['draining', { admin: 8 }],
    ['maintenance of a server it tracks', { op: 0, admin: 2 }],
    ['maintenance by its configuration', { op: 0, admin: 5 }],
  ])('goes live by the others: %s', async (_, state) => {
    const router = await haproxy(states({}, state));
    await move(router, allTo('green', colours));
    const after = await router.read();
    expect(after.weights).toEqual({ blue: 0, green: 100 });
    expect(router.plan(after, allTo('green', colours))).toEqual([]);
  });

  it('keeps its true share in steps', async () => {
    const router = await haproxy(states({}, maintenance));
    expect(await move(router, share(10, 'green', 'blue'))).toEqual([
      'edge-1: set server shop/g1 weight 20',
      'edge-1: set server shop/g2 weight 20',
      'edge-1: set server shop/b1 weight 90',
      'edge-1: set server shop/b2 weight 90',
    ]);
    expect((await router.read()).weights).toEqual({ blue: 90, green: 10 });
  });

  it('has no traffic where all of its servers are out', async () => {
    const router = await haproxy(states({ ...maintenance, weight: 100 }));
    expect((await router.read()).weights).toEqual({ blue: 100, green: 0 });
  });
});

describe('switch fault 18: a backend with a static balance', () => {
  it('is switched by 0 % and 100 % of the initial weights, there and back', async () => {
    const router = await haproxy(states({}), { balance: 'source' });
    for (const colour of ['green', 'blue']) {
      await move(router, allTo(colour, colours));
      expect((await router.read()).weights).toEqual(allTo(colour, colours));
    }
  });

  it('is refused a share, with what to change', async () => {
    const router = await haproxy(states({}), { balance: 'source' });
    await expect(move(router, share(10, 'green', 'blue'))).rejects.toThrow(
      /static LB algorithm.*Fix: leave "strategy" at instant/,
    );
  });

  it('whose initial weight is 0 cannot be raised, and says so', async () => {
    const router = await haproxy(states({ initial: 0 }), { balance: 'source' });
    await expect(move(router, allTo('green', colours))).rejects.toThrow(
      /Fix: give shop\/g1 a weight above 0/,
    );
  });
});

describe('switch fault 5: whether HAProxy holds a colour up', () => {
  const up = { is: 'up', servers: 1 };
  const down = (why: string) => ({ is: 'down', why: expect.stringContaining(why) });
  it.each([
    ['no check', {}, {}, { is: 'up', servers: 2 }],
    ['a check that passed', { check: [6, 3, 4, 6] }, { op: 0 }, up],
    ['warming up', { op: 1 }, maintenance, up],
    ['DOWN', { op: 0, check: [8, 2, 0, 6] }, maintenance, down('shop/g1 is DOWN, shop/g2 is in maintenance')],
    ['draining and stopping', { admin: 16 }, { op: 3 }, down('shop/g1 is draining, shop/g2 is stopping')],
    ['unresolved', { op: 0, admin: 32 }, undefined, down('is in maintenance')],
    ['not checked yet', { check: [1, 0, 2, 6] }, undefined, down('was not checked yet')],
    ['a failed check after maintenance', { check: [8, 2, 2, 6] }, undefined, down('failed its last')],
    ['checks switched off', { check: [8, 2, 2, 2] }, maintenance, up],
  ] as [string, Partial<Fake>, Partial<Fake> | undefined, object][])('%s', async (_, one, other, serving) => {
    const router = await haproxy(states(one, other));
    expect(await router.serving!('green')).toEqual(serving);
  });

  it('is not known where the node cannot be asked', async () => {
    const router = await haproxy(states({}));
    await new Promise((resolve) => open!.close(resolve));
    expect(await router.serving!('green')).toMatchObject({ is: 'unknown' });
  });

  it('is not known where the answer is not understood, and down where there is no such backend', async () => {
    const garbage = await haproxy(states({}), { health: '<html>no answer' });
    expect(await garbage.serving!('green')).toMatchObject({ is: 'unknown' });
    const without = await haproxy(states({}), { health: "Can't find backend.\n" });
    expect(await without.serving!('green')).toEqual(down('there is no backend'));
  });

  it('is judged by the backend of the colour in mode map, where a weight of 0 serves nobody', async () => {
    const zero = await haproxy({ app: { weight: 0 } }, { mode: 'map' });
    expect(await zero.serving!('green')).toEqual(down('green/app has weight 0'));
  });
});

describe('switch fault 2: the map file', () => {
  it('is part of what was observed: one that changed alone is seen, and put right by the way back', async () => {
    const files = { '/etc/live.map': 'shop blue\n' };
    const router = await haproxy({}, { mode: 'map', files });
    const before = await router.read();
    const [, write] = router.plan(before, allTo('green', colours));
    await router.apply(write!);
    const after = await router.read();
    expect(after.version).not.toBe(before.version);
    expect(after.saved).toEqual({ 'edge-1': { blue: 0, green: 100 } });
    expect(router.plan(after, allTo('blue', colours)).map(({ say }) => say)).toEqual([
      'write shop blue to /etc/live.map',
    ]);
  });
});

it('a long answer of HAProxy is cut in a message', async () => {
  const router = await haproxy(states({}), { answer: `${'x'.repeat(300_000)}\n` });
  const message = await move(router, allTo('green', colours)).then(String, String);
  expect(message).toMatch(/refused "set server shop\/g1 weight 100": "xxx/);
  expect(message.length).toBeLessThan(600);
});
