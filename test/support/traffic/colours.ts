import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One colour of a service: says what it runs, as long as it is well. Change its fields and it changes its answers. */
export interface Colour {
  url: string;
  address: string;
  version: string;
  digest: string;
  well: boolean;
  /** False: nothing is deployed there, every connection is closed without an answer. */
  there: boolean;
  close(): Promise<void>;
}

/** A digest made of one repeated hex digit. */
export const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** Starts a colour on a free port. */
export async function startColour(version: string, digest: string): Promise<Colour> {
  const server: Server = createServer((_request, response) => {
    if (!colour.there) return void response.destroy();
    response.statusCode = colour.well ? 200 : 503;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ version: colour.version, digest: colour.digest }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const colour: Colour = {
    url: `http://${address}`,
    address,
    version,
    digest,
    well: true,
    there: true,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return colour;
}
