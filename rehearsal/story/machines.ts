import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, type Child } from './child.js';

/** Where the colours of an environment listen. */
export type Ports = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The team's own infrastructure: a registry of artifacts, and machines that run one artifact on each colour. */
export interface Machines {
  url: string;
  /** Versions that run, by `environment/colour`. */
  running(): Record<string, string>;
  deploy(environment: string, colour: string, digest: string): Promise<void>;
  push(artifact: Buffer): string;
  close(): Promise<void>;
}

interface Release {
  version: string;
  fault?: object;
}

/** Starts the registry and the machines; `shop` is the script of the shop. */
export async function startMachines(shop: string, ports: Ports, dataDir: string): Promise<Machines> {
  const artifacts = new Map<string, Buffer>();
  const shops = new Map<string, { version: string; child: Child<unknown> }>();

  const push = (artifact: Buffer): string => {
    const digest = `sha256:${createHash('sha256').update(artifact).digest('hex')}`;
    artifacts.set(digest, artifact);
    return digest;
  };

  async function deploy(environment: string, colour: string, digest: string): Promise<void> {
    const artifact = artifacts.get(digest);
    const port = ports[environment]?.[colour];
    if (!artifact) throw new Error(`the registry has no ${digest}`);
    if (!port) throw new Error(`there is no ${environment}/${colour}`);
    const { version, fault } = JSON.parse(artifact.toString()) as Release;
    const slot = `${environment}/${colour}`;
    await shops.get(slot)?.child.stop();
    const data = join(dataDir, environment);
    mkdirSync(data, { recursive: true });
    const args = [
      '--port',
      String(port),
      '--version',
      version,
      '--digest',
      digest,
      '--colour',
      colour,
      '--data',
      data,
    ];
    const child = await startChild(shop, [...args, '--fault', JSON.stringify(fault ?? {})]);
    shops.set(slot, { version, child });
  }

  // 0: the client closes idle connections first. A close from here could meet a request that is on its way.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void answer(request, { push, deploy }).then(
      (text) => response.end(text),
      (error: unknown) => {
        response.statusCode = 400;
        response.end(error instanceof Error ? error.message : String(error));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    running: () => Object.fromEntries([...shops].map(([slot, { version }]) => [slot, version])),
    deploy,
    push,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await Promise.all([...shops.values()].map(({ child }) => child.stop()));
    },
  };
}

async function answer(
  request: IncomingMessage,
  { push, deploy }: Pick<Machines, 'push' | 'deploy'>,
): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (request.method === 'PUT' && request.url?.startsWith('/artifacts/')) {
    const [, , , named] = request.url.split('/');
    const digest = push(body);
    if (named !== digest) throw new Error(`the artifact is ${digest}, not ${named}`);
    return digest;
  }
  if (request.method === 'POST' && request.url === '/deploy') {
    const { environment, colour, digest } = JSON.parse(body.toString()) as Record<string, string>;
    await deploy(environment ?? '', colour ?? '', digest ?? '');
    return 'deployed';
  }
  throw new Error(`${request.method} ${request.url} is not known here`);
}
