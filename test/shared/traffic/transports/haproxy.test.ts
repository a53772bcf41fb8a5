import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { haproxyRouter } from '../../../../shared/traffic/routers/haproxy/router.js';
import { haproxySchema } from '../../../../shared/traffic/routers/haproxy/config.js';
import { allTo } from '../../../../shared/traffic/router.js';
import { memoryMachine, tools, type MemoryMachine } from './memory.js';

const map = {
  type: 'haproxy',
  mode: 'map',
  map: '/etc/haproxy/live.map',
  key: 'shop',
  backends: { blue: 'shop_blue', green: 'shop_green' },
};
const green = allTo('green', ['blue', 'green']);

describe('the nodes of HAProxy', () => {
  const parse = (node: object) => haproxySchema.safeParse({ ...map, nodes: [{ name: 'edge-1', ...node }] });
  const ssh = { host: 'edge-1', 'known-hosts': 'known_hosts' };

  it('have a socket here or an address', () => {
    expect(parse({ socket: '/run/haproxy/admin.sock' }).success).toBe(true);
    expect(parse({ address: '127.0.0.1:9999' }).success).toBe(true);
    expect(parse({ address: '127.0.0.1:9999', ssh }).success).toBe(true);
  });

  it('may be far away where no file is written', () => {
    const far = { ...map, persist: false, nodes: [{ name: 'edge-1', address: '10.0.0.5:9999' }] };
    expect(haproxySchema.safeParse(far).success).toBe(true);
  });

  it.each([
    [{}, /exactly one of socket/],
    [{ socket: '/run/a.sock', address: '127.0.0.1:1' }, /exactly one of socket/],
    [{ socket: '/run/a.sock', ssh }, /address instead of socket/],
    [{ address: 'edge-1' }, /an address with its port/],
    [{ address: '10.0.0.5:9999' }, /ssh to write the map file there, or persist: false/],
    [{ socket: 'run/a.sock' }, /an absolute path/],
  ])('refuse %j', (node, message) => {
    expect(JSON.stringify(parse(node).error?.issues)).toMatch(message);
  });
});

describe('HAProxy by a TCP address', () => {
  let server: Server;
  let machine: MemoryMachine;
  let live: string;
  let asked: string[];
  beforeEach(async () => {
    live = 'shop_blue';
    asked = [];
    machine = memoryMachine({ '/etc/haproxy/live.map': '# live\nshop shop_blue\n' });
    server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.setEncoding('utf8').on('data', (line: string) => {
        asked.push(line.trim());
        const set = /^set map \S+ shop (\S+)$/.exec(line.trim());
        if (set) live = set[1]!;
        socket.end(set ? '\n' : `0x1 shop ${live}\n\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const router = () => {
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return haproxyRouter(
      haproxySchema.parse({ ...map, nodes: [{ name: 'edge-1', address }] }),
      tools(),
      () => machine,
    );
  };

  it('is read, switched and written on the machine of the node', async () => {
    const edge = router();
    for (const call of edge.plan(await edge.read(), green)) await edge.apply(call);
    expect(asked).toContain('set map /etc/haproxy/live.map shop shop_green');
    expect(machine.files.get('/etc/haproxy/live.map')).toBe('# live\nshop shop_green\n');
    expect(edge.plan(await edge.read(), green)).toEqual([]);
  });

  it('is told no word of a journal that the configuration does not know', async () => {
    const action = { do: 'set-map', backend: 'x; shutdown sessions server a/b' };
    await expect(router().apply({ node: 'edge-1', say: 'x', action })).rejects.toThrow(/does not fit/);
    await expect(
      router().apply({ node: 'edge-9', say: 'x', action: { do: 'set-map', backend: 'shop_blue' } }),
    ).rejects.toThrow(/no HAProxy node "edge-9" \(known: edge-1\)/);
    expect(asked).toEqual([]);
  });
});
