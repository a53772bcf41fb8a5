import { once } from 'node:events';
import * as http from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { startRouter } from '../../../rehearsal/router/router.js';
import { oneBackend } from '../../support/traffic/one-backend.js';
import { stateRows } from '../../support/traffic/routers/router-answers.js';
import { command } from '../../support/traffic/runtime-socket.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

it('a server with a check is up at first, DOWN after a check that failed, and up again once it answers', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const { config, remove } = oneBackend([]);
  cleanUp.push(remove);
  const servers = { s0: { address: `127.0.0.1:${port}`, check: 20 } };
  const router = await startRouter({ ...config, backends: { app: { servers } } });
  cleanUp.push(() => router.close());
  const until = async (state: string) => {
    for (;;) {
      const [row] = stateRows(await command(router.socket, 'show servers state app'));
      if (row!['srv_op_state'] === state) return row!;
    }
  };
  const down = await until('0');
  expect(down).toMatchObject({ srv_check_status: '8', srv_check_result: '2', srv_check_state: '6' });
  expect((await fetch(router.url)).status).toBe(503);
  expect(await command(router.socket, 'show stat app 4 -1')).toMatch(/^app,s0,.*,DOWN,/m);
  const server = http.createServer((_, answer) => answer.end());
  server.listen(port, '127.0.0.1');
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)));
  expect(await until('2')).toMatchObject({ srv_check_status: '6', srv_check_result: '3' });
});
