/**
 * The server under test, in a process of its own: /item/N answers at once, /seen says how many items were asked for
 * since it was last asked.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let seen = 0;
const server = createServer((request, response) => {
  const item = /^\/item\/(\d+)$/.exec(request.url ?? '')?.[1];
  const body = item === undefined ? { seen } : { id: Number(item), token: `t-${item}` };
  seen = item === undefined ? 0 : seen + 1;
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', 1_024, () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
process.stdin.on('end', () => process.exit()).resume();
