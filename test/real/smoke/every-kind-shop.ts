import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { Identity } from '../../support/servers/certificates.js';
import { serveHttp2 } from '../../support/servers/http2.js';

export const secrets = { PASSWORD: 'pass-word-1', CLIENT_SECRET: 'client-secret-1', HOOK_KEY: 'hook-key-1' };

/** What may be wrong with the shop, one thing at a time. */
export const faults = {
  'the session is forgotten': 'login with cookie and CSRF token',
  'the CSRF token of the form is of another session': 'login with cookie and CSRF token',
  'the cookie can be read by scripts': 'login with cookie and CSRF token',
  'tokens of anybody are taken for mona': 'bearer token',
  'an upload loses its last byte': 'upload',
  'an order has no id': 'contract',
  'an order is HTML': 'contract',
  'GraphQL answers errors with 200': 'GraphQL',
  'the chat does not answer a ping': 'WebSocket',
  'the chat closes': 'WebSocket',
  'one price and the end': 'SSE',
  'prices are nothing': 'SSE',
  'the token of a client is refused': 'OAuth2 client credentials',
  'no orders for partners': 'OAuth2 client credentials',
  'signatures are made with another key': 'HMAC',
  'the door knows nobody': 'mutual TLS',
  'orders do not serve': 'gRPC',
  'the old address leads in a circle': 'redirect chain',
  'the redirect is temporary': 'redirect chain',
  'the footer has the old version': 'footer',
  'a script of the page breaks': 'footer',
} as const;

export type Fault = keyof typeof faults;

export interface EveryKindShop {
  url: string;
  mtls: string;
  grpc: string;
  fault: Fault | undefined;
  close(): Promise<void>;
}

/** A shop with everything that the suite looks at; `identity` serves the door that wants certificates of `ca`. */
export async function openEveryKindShop(
  identity: Identity,
  ca: string,
  version: string,
): Promise<EveryKindShop> {
  const is = (fault: Fault) => shop.fault === fault;
  const main = createServer((request, response) => void answer(request, response, is, version));
  const door = createSecureServer(
    { ...identity, ca, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { authorized } = request.socket as TLSSocket;
      send(response, 200, { client: authorized && !is('the door knows nobody') ? 'known' : 'unknown' });
    },
  );
  const chat = new WebSocketServer({ server: main, path: '/chat' });
  chat.on('connection', (socket) =>
    socket.on('message', (data) => {
      if (is('the chat closes')) return socket.close();
      const text = (data as Buffer).toString();
      if (text === 'ping') socket.send(is('the chat does not answer a ping') ? 'ping' : 'pong');
      else socket.send(JSON.stringify({ type: 'joined' }));
    }),
  );
  const grpc = await serveHttp2((stream) => {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, is('orders do not serve') ? 2 : 1]));
  });
  const shop: EveryKindShop = {
    url: `http://127.0.0.1:${await portOf(main)}`,
    mtls: `https://127.0.0.1:${await portOf(door)}`,
    grpc: grpc.url,
    fault: undefined,
    async close() {
      for (const socket of chat.clients) socket.terminate();
      for (const server of [main, door]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await grpc.close();
    },
  };
  return shop;
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown = '',
  headers: Record<string, string> = {},
): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/html; charset=utf-8' : 'application/json';
  response
    .writeHead(status, { ...(body === '' ? {} : { 'content-type': type }), ...headers })
    .end(isText ? body : JSON.stringify(body));
}

type Is = (fault: Fault) => boolean;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  is: Is,
  version: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('latin1');
  const { authorization, cookie = '' } = request.headers;
  const route = routes[`${request.method} ${request.url}`];
  if (route) route({ body, authorization, cookie, headers: request.headers }, response, is, version);
  else send(response, 404);
}

interface Asked {
  body: string;
  authorization: string | undefined;
  cookie: string;
  headers: IncomingMessage['headers'];
}

type Route = (asked: Asked, response: ServerResponse, is: Is, version: string) => void;

const routes: Readonly<Record<string, Route>> = {
  'GET /login': (_, response, is) => {
    const token = is('the CSRF token of the form is of another session') ? 'csrf-2' : 'csrf-1';
    const form = `<form method=post><input type=hidden name=csrf value="${token}"></form>`;
    send(response, 200, form, { 'set-cookie': 'pre=p1; HttpOnly' });
  },
  'POST /login': ({ body, cookie }, response, is) => {
    const given = new URLSearchParams(body);
    const isRight = given.get('password') === secrets.PASSWORD && given.get('csrf') === 'csrf-1';
    if (!isRight || !cookie.includes('pre=p1')) return send(response, 403);
    const flags = is('the cookie can be read by scripts') ? '' : '; HttpOnly';
    send(response, 303, '', { location: '/account', 'set-cookie': `sid=s1${flags}; SameSite=Lax; Path=/` });
  },
  'GET /account': ({ cookie }, response, is) =>
    cookie.includes('sid=s1') && !is('the session is forgotten')
      ? send(response, 200, '<h1>Hello smoke</h1>')
      : send(response, 200, '<h1>Please log in</h1>'),
  'POST /api/token': ({ body }, response) =>
    body.includes(secrets.PASSWORD) ? send(response, 201, { token: 'token-of-smoke' }) : send(response, 401),
  'GET /api/me': ({ authorization }, response, is) =>
    authorization === 'Bearer token-of-smoke'
      ? send(response, 200, { user: is('tokens of anybody are taken for mona') ? 'mona' : 'smoke' })
      : send(response, 401),
  'POST /api/pictures': ({ body }, response, is) => {
    const [, title] = /name="title"\r\n\r\n(.*)\r\n/.exec(body) ?? [];
    const [, file = ''] =
      /filename="mug.txt"\r\nContent-Type: text\/plain\r\n\r\n([^]*?)\r\n--/i.exec(body) ?? [];
    send(response, 201, { title, bytes: file.length - (is('an upload loses its last byte') ? 1 : 0) });
  },
  'GET /api/orders/o-1': (_, response, is) => {
    if (is('an order is HTML')) send(response, 200, '<p>o-1</p>');
    else send(response, 200, is('an order has no id') ? { total: 1 } : { id: 'o-1', total: 1 });
  },
  'POST /graphql': ({ body }, response, is) => {
    const { variables } = JSON.parse(body) as { variables: { id: string } };
    const data = { product: variables.id === 'p-1' ? { name: 'Blue mug' } : null };
    send(
      response,
      200,
      is('GraphQL answers errors with 200') ? { data, errors: [{ message: 'late' }] } : { data },
    );
  },
  'GET /prices': (_, response, is) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const amount = is('prices are nothing') ? 0 : 5;
    const event = `event: price\ndata: {"amount":${amount}}\n\n`;
    response.write(event);
    if (is('one price and the end')) response.end();
    else response.write(event);
  },
  'POST /oauth/token': ({ authorization, body }, response) => {
    const wanted = `Basic ${Buffer.from(`smoke:${secrets.CLIENT_SECRET}`).toString('base64')}`;
    if (authorization !== wanted || !body.includes('client_credentials')) return send(response, 401);
    send(response, 200, { access_token: 'access-of-smoke', token_type: 'Bearer', expires_in: 3_600 });
  },
  'GET /partner/orders': ({ authorization }, response, is) => {
    if (authorization !== 'Bearer access-of-smoke' || is('the token of a client is refused'))
      return send(response, 401);
    send(response, 200, { orders: is('no orders for partners') ? [] : [{ id: 'o-1' }] });
  },
  'POST /hooks/orders': ({ body, headers }, response, is) => {
    const key = is('signatures are made with another key') ? 'another' : secrets.HOOK_KEY;
    const text = `${String(headers['x-timestamp'])}.${body}`;
    const wanted = `sha256=${createHmac('sha256', key).update(text).digest('hex')}`;
    send(response, headers['x-signature-256'] === wanted ? 202 : 401);
  },
  'GET /old': (_, response, is) =>
    send(response, is('the redirect is temporary') ? 302 : 301, '', { location: '/older' }),
  'GET /older': (_, response, is) =>
    send(response, 302, '', { location: is('the old address leads in a circle') ? '/old' : '/' }),
  'GET /': (_, response, is, version) => {
    const shown = is('the footer has the old version') ? '1.2.2' : version;
    const broken = is('a script of the page breaks') ? 'shop.start()' : '';
    const script = `document.querySelector('footer').innerHTML = '<span class=version>${shown}</span>'; ${broken}`;
    send(response, 200, `<!doctype html><h1>Welcome</h1><footer></footer><script>${script}</script>`);
  },
};
