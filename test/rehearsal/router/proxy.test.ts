import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import * as http from 'node:http';
import * as net from 'node:net';
import { startRouter, type Router } from '../../../rehearsal/router/router.js';
import { oneBackend } from '../../support/traffic/one-backend.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function listening(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as net.AddressInfo).port;
}

async function upstream(handle: http.RequestListener): Promise<number> {
  const server = http.createServer(handle);
  const port = await listening(server);
  cleanUp.push(() => server.closeAllConnections());
  return port;
}

/** A server that counts what it gets and answers each connection by hand. */
async function rawUpstream(
  handle: (socket: net.Socket, requestOnIt: number, text: string) => void,
): Promise<number> {
  const sockets = new Set<net.Socket>();
  const port = await listening(
    net.createServer((socket) => {
      let count = 0;
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => handle(socket, (count += 1), chunk.toString()));
    }),
  );
  cleanUp.push(() => sockets.forEach((socket) => socket.destroy()));
  return port;
}

async function routerTo(ports: number[], timeouts = {}): Promise<Router> {
  const { config, remove } = oneBackend(ports, timeouts);
  const router = await startRouter(config);
  cleanUp.push(remove, router.close);
  return router;
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  rawHeaders: string[];
  text: string;
}

function send(router: Router, options: http.RequestOptions = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { port: router.port, host: '127.0.0.1', agent: false, ...options },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.once('error', reject);
        answer.once('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            rawHeaders: answer.rawHeaders,
            text,
          }),
        );
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}

async function deadPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

describe('the embedded router passes on', () => {
  it('the header fields meant for the server, and says who the client is', async () => {
    const port = await upstream((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    const router = await routerTo([port]);
    const headers = {
      'X-Kept': 'Yes',
      Connection: 'keep-alive, x-hop',
      'X-Hop': 'dropped',
      'Proxy-Authorization': 'dropped',
      TE: 'trailers',
      'X-Forwarded-For': '203.0.113.9',
    };
    const { text } = await send(router, { headers });
    const raw = JSON.parse(text) as string[];
    expect(raw.slice(raw.indexOf('X-Kept'))).toEqual([
      ...['X-Kept', 'Yes', 'X-Forwarded-For', '203.0.113.9'],
      ...['Host', `127.0.0.1:${router.port}`, 'x-forwarded-for', '127.0.0.1'],
      ...['Connection', 'keep-alive'],
    ]);
  });

  it('the header fields of the answer, repeated ones too, but not those of its connection', async () => {
    const port = await upstream((_, response) => {
      response.writeHead(201, 'Made', [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'Connection',
        'x-hop',
        'X-Hop',
        'no',
      ]);
      response.end('made');
    });
    const answer = await send(await routerTo([port]));
    expect(answer).toMatchObject({ status: 201, text: 'made', headers: { 'set-cookie': ['a=1', 'b=2'] } });
    expect(answer.headers).not.toHaveProperty('x-hop');
  });

  it('a body while it is still being sent, and the answer while it is still being made', async () => {
    const port = await upstream((request, response) => request.pipe(response));
    const router = await routerTo([port]);
    const request = http.request({ port: router.port, host: '127.0.0.1', method: 'POST', agent: false });
    request.write('first ');
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
    const pieces: string[] = [];
    for await (const piece of answer.setEncoding('utf8') as AsyncIterable<string>) {
      pieces.push(piece);
      if (pieces.length === 1) request.end('second');
    }
    expect(pieces).toEqual(['first ', 'second']);
  });

  it('a request to upgrade as a plain one', async () => {
    const port = await upstream((request, response) => response.end(request.headers.upgrade ?? 'no upgrade'));
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
    expect(await send(await routerTo([port]), { headers })).toMatchObject({
      status: 200,
      text: 'no upgrade',
    });
  });

  it('no body where there is none: HEAD and an empty POST', async () => {
    const port = await upstream((request, response) => {
      response.end(request.method === 'HEAD' ? 'hello' : `length ${request.headers['content-length']}`);
    });
    const router = await routerTo([port]);
    expect(await send(router, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    const connection = net.connect(router.port, '127.0.0.1');
    connection.write('POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    let received = '';
    for await (const piece of connection.setEncoding('utf8') as AsyncIterable<string>) received += piece;
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nlength 0$/);
  });

  it('the loss of a client to the server', async () => {
    let lost: (() => void) | undefined;
    const seen = new Promise<void>((resolve) => (lost = resolve));
    let arrived: (() => void) | undefined;
    const there = new Promise<void>((resolve) => (arrived = resolve));
    const port = await upstream((request) => {
      arrived?.();
      request.once('close', () => lost?.());
    });
    const router = await routerTo([port]);
    const request = http.get({ port: router.port, host: '127.0.0.1', agent: false });
    request.once('error', () => undefined);
    await there;
    request.destroy();
    await seen;
    expect(router.stats().backends['app']?.['s0']).toMatchObject({ requests: 1, responseErrors: 0 });
  });

  it('the loss of a server in mid-answer as a broken answer, not as a short one', async () => {
    const port = await rawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart');
      setTimeout(() => socket.destroy(), 20);
    });
    await expect(send(await routerTo([port]))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('the embedded router, when a server fails,', () => {
  /** Answers the first request on each connection and drops the connection at the second. */
  const droppingSecond = (received: string[]): Promise<number> =>
    rawUpstream((socket, requestOnIt, text) => {
      received.push(text.split(' ')[0] ?? '');
      if (requestOnIt === 1) socket.write(OK);
      else socket.destroy();
    });

  it('repeats a GET that met a stale pooled connection', async () => {
    const received: string[] = [];
    const router = await routerTo([await droppingSecond(received)]);
    expect((await send(router)).text).toBe('ok');
    expect((await send(router)).text).toBe('ok');
    expect(received).toEqual(['GET', 'GET', 'GET']);
    expect(router.stats().backends['app']?.['s0']).toMatchObject({ retries: 1 });
  });

  it('never repeats a POST that the server may have seen', async () => {
    const received: string[] = [];
    const router = await routerTo([await droppingSecond(received)]);
    await send(router);
    expect(await send(router, { method: 'POST' }, 'x=1')).toMatchObject({ status: 502 });
    expect(received.filter((method) => method === 'POST')).toHaveLength(1);
  });

  it('never repeats a GET that broke on a new connection', async () => {
    const received: string[] = [];
    const port = await rawUpstream((socket, _, text) => {
      received.push(text);
      socket.destroy();
    });
    expect(await send(await routerTo([port]))).toMatchObject({
      status: 502,
      text: '<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n',
    });
    expect(received).toHaveLength(1);
  });

  it('gives a request whose connection was refused, body and all, to the next server', async () => {
    const port = await upstream((request, response) => request.pipe(response));
    const router = await routerTo([await deadPort(), port]);
    for (let i = 0; i < 4; i += 1) {
      expect(await send(router, { method: 'POST' }, 'order')).toMatchObject({ status: 200, text: 'order' });
    }
    expect(router.stats().backends['app']?.['s0']?.connectErrors).toBeGreaterThan(0);
  });

  it('answers 503 when all refuse, after four attempts', async () => {
    const router = await routerTo([await deadPort()]);
    expect(await send(router)).toMatchObject({ status: 503 });
    expect(router.stats().backends['app']?.['s0']).toMatchObject({ requests: 4, retries: 3, inFlight: 0 });
  });

  it('answers 504 when it takes too long, and asks it once only', async () => {
    let asked = 0;
    const port = await upstream(() => void (asked += 1));
    expect(await send(await routerTo([port], { server: 60 }))).toMatchObject({
      status: 504,
      text: "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n",
    });
    expect(asked).toBe(1);
  });
});

it('a closing router lets the request in flight finish', async () => {
  let finish = () => {};
  const arrived = new Promise<void>((resolve) => (finish = resolve));
  let answer = () => {};
  const port = await upstream((_, response) => {
    answer = () => void response.end('done');
    finish();
  });
  const { config, remove } = oneBackend([port]);
  cleanUp.push(remove);
  const router = await startRouter(config);
  const agent = new http.Agent({ keepAlive: true });
  const slow = send(router, { agent });
  await arrived;
  const closed = router.close();
  answer();
  await Promise.all([
    closed,
    expect(slow).resolves.toMatchObject({ status: 200, text: 'done', headers: { connection: 'close' } }),
  ]);
  await expect(send(router)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
