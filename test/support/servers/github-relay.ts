import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Relay {
  url: string;
  close(): Promise<void>;
}

/**
 * Stands before a GitHub stand-in and waits for `before` at each request, so that something else can happen between two
 * calls of an action.
 */
export async function githubRelay(
  upstream: string,
  before: (method: string, path: string) => Promise<void>,
): Promise<Relay> {
  const { hostname, port } = new URL(upstream);
  const server = createServer((from, to) => {
    const { method = '', url: path = '', headers } = from;
    void before(method, path).then(() => {
      const onward = request({ hostname, port, method, path, headers }, (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
      });
      onward.on('error', () => to.destroy());
      from.pipe(onward);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
