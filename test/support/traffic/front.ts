import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a front does with a request: passes it on to an address, answers with a status, or drops the connection. */
export type Answer = { to: string } | { status: number } | 'drop';

/** A proxy before a router, such as a CDN or a second balancer; `answer` says what becomes of each request. */
export interface Front {
  url: string;
  answer: (headers: IncomingHttpHeaders, path: string) => Answer;
  close(): Promise<void>;
}

/** Starts a front on a free port that passes all on to one address. */
export async function startFront(to: string): Promise<Front> {
  const server = createServer((incoming, response) => {
    const answer = front.answer(incoming.headers, incoming.url ?? '/');
    if (answer === 'drop') return void response.destroy();
    if ('status' in answer) return void response.writeHead(answer.status).end();
    const { method, headers, url = '/' } = incoming;
    const passed = request(new URL(url, answer.to), { method, headers, agent: false }, (got) => {
      response.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(response);
    });
    passed.on('error', () => response.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const front: Front = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: () => ({ to }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;
}
