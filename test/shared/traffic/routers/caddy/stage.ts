import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { caddyRouter } from '../../../../../shared/traffic/routers/caddy/router.js';
import { caddySchema } from '../../../../../shared/traffic/routers/caddy/config.js';
import { allTo, type Router } from '../../../../../shared/traffic/router.js';
import { memoryMachine, tools, type MemoryMachine } from '../../transports/memory.js';

export const blue = allTo('blue', ['blue', 'green']);
export const green = allTo('green', ['blue', 'green']);

type Reply = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** One node, and something on it that answers HTTP as told. */
export interface CaddyStage {
  machine: MemoryMachine;
  reply: Reply;
  port: number;
  /** Host and port of what answers. */
  address: string;
  open(section: object): Router;
  close(): Promise<void>;
}

export async function caddyStage(files: Record<string, string> = {}): Promise<CaddyStage> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => stage.reply(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stage: CaddyStage = {
    machine: memoryMachine(files),
    reply: (_request, _body, response) => response.destroy(),
    port,
    address: `127.0.0.1:${port}`,
    open: (section) =>
      caddyRouter(caddySchema.parse({ type: 'caddy', ...section }), tools(), () => stage.machine),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stage;
}
