import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import * as net from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Gate } from './gate.js';

export interface Relay {
  close(): Promise<void>;
}

/** A relay in front of GitHub; `refuse` makes it answer a status instead of asking. */
export interface GitHubRelay extends Relay {
  url: string;
  refuse: ((label: string | undefined) => number | undefined) | undefined;
}

/** Hands every request on to GitHub; those that change the ledger pass the gate. */
export async function relayGitHub(target: string, gate: Gate): Promise<GitHubRelay> {
  let message = '';
  const labelOf = ({ method = '', url = '' }: IncomingMessage, body: string): string | undefined => {
    if (method === 'GET') return undefined;
    const json = JSON.parse(body || '{}') as Record<string, unknown>;
    if (url.endsWith('/git/commits')) message = String(json['message']);
    if (url.endsWith('/statuses')) return `status ${String(json['state'])}`;
    if (url.endsWith('/issues')) return 'incident';
    if (url.endsWith('/deployments')) return 'deployment';
    const { query, variables } = json as { query?: string; variables?: Record<string, unknown> };
    const after = variables?.['after'];
    if (query?.trimStart().startsWith('mutation'))
      return /^0+$/.test(String(after)) ? 'lock removed' : `lock: ${message}`;
    return undefined;
  };
  const server = createHttpServer((incoming, outgoing) => {
    void (async () => {
      const body = await buffer(incoming);
      const label = labelOf(incoming, body.toString());
      const refusal = relay.refuse?.(label);
      if (refusal !== undefined) {
        outgoing.writeHead(refusal, { 'content-type': 'application/json' });
        return void outgoing.end(JSON.stringify({ message: 'Played by the test' }));
      }
      const change = label === undefined ? undefined : await gate.before(label);
      if (label !== undefined && change === undefined) return void outgoing.destroy();
      const answer = await fetch(`${target}${incoming.url}`, {
        method: incoming.method!,
        headers: pick(incoming.headers, ['authorization', 'accept', 'content-type', 'user-agent']),
        ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (change !== undefined) await gate.after(change);
      const headers = Object.fromEntries(answer.headers);
      delete headers['transfer-encoding'];
      outgoing.writeHead(answer.status, { ...headers, 'content-length': bytes.length }).end(bytes);
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay: GitHubRelay = {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    refuse: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return relay;
}

function pick(headers: IncomingMessage['headers'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

/** Where a relay listens and where it leads to. */
export type Place = { path: string } | { host: string; port: number };

/**
 * Hands connections on that carry one request each; those whose first bytes have a label pass the gate; `rewrite` may
 * change these first bytes.
 */
export async function relaySocket(
  at: Place,
  to: Place,
  labelOf: (first: string) => string | undefined,
  gate: Gate,
  rewrite = (first: string) => first,
): Promise<Relay & { port: number | undefined }> {
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    open.add(near);
    near.on('error', () => near.destroy());
    near.once('close', () => open.delete(near));
    near.once('data', (first: Buffer) => {
      near.pause();
      void handOn(near, first);
    });
  });
  const handOn = async (near: net.Socket, first: Buffer): Promise<void> => {
    const label = labelOf(first.toString());
    const change = label === undefined ? undefined : await gate.before(label);
    if (label !== undefined && change === undefined) return void near.destroy();
    const far = net.connect({ ...to, allowHalfOpen: true });
    far.on('error', () => near.destroy());
    far.write(rewrite(first.toString()));
    near.pipe(far);
    const answer: Buffer[] = [];
    far.on('data', (piece: Buffer) => answer.push(piece));
    far.once('end', () => {
      void (async () => {
        if (change !== undefined) await gate.after(change);
        near.end(Buffer.concat(answer));
        far.destroy();
      })();
    });
  };
  await new Promise<void>((resolve) => server.listen(at, resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' ? address?.port : undefined,
    async close() {
      for (const near of open) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where a node is told to change through a connection, a relay is put in between. */
export async function relayNode(
  node: Record<string, unknown>,
  socket: string,
  gate: Gate,
): Promise<{ node: Record<string, unknown>; relay?: Relay }> {
  if (typeof node['socket'] === 'string') {
    const labelOf = (first: string) => (first.startsWith('set ') ? first.trim() : undefined);
    const relay = await relaySocket({ path: socket }, { path: node['socket'] }, labelOf, gate);
    return { node: { ...node, socket }, relay };
  }
  if (typeof node['admin'] === 'string') {
    const [host = '', port] = node['admin'].split(':');
    const labelOf = (first: string) => (first.startsWith('PATCH ') ? first.split('\r\n')[0] : undefined);
    const at = { host: '127.0.0.1', port: 0 };
    // Caddy refuses a Host that is not where it listens.
    const rewrite = (first: string) => first.replace(/^host: .*$/im, `host: ${host}:${port}`);
    const relay = await relaySocket(at, { host, port: Number(port) }, labelOf, gate, rewrite);
    return { node: { ...node, admin: `127.0.0.1:${relay.port}` }, relay };
  }
  return { node };
}

export interface FileHook extends Relay {
  /** Arguments for node, before the script. */
  nodeArguments: readonly string[];
  /** Folder to put first on the PATH. */
  bin: string;
}

/**
 * Makes every rename of a file pass the gate: node's own (a preload) and that of `mv` (a script of that name which then
 * runs it).
 */
export async function hookRenames(folder: string, gate: Gate): Promise<FileHook> {
  let change: number | undefined;
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (bytes: Buffer) => {
      const [side, ...label] = bytes.toString().trim().split(' ');
      void (async () => {
        if (side === 'before') change = await gate.before(label.join(' '));
        else if (change !== undefined) await gate.after(change);
        socket.end('go\n');
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const preload = join(folder, 'hook.cjs');
  writeFileSync(
    preload,
    `const { promises } = require('node:fs');
const net = require('node:net');
const { rename } = promises;
const tell = (text) => new Promise((go) => {
  const socket = net.connect(${port}, '127.0.0.1', () => socket.write(text + '\\n'));
  socket.resume().once('close', go);
});
promises.rename = async (from, to) => {
  await tell('before rename');
  await rename(from, to);
  await tell('after rename');
};
require('node:module').syncBuiltinESMExports();
`,
  );
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, 'mv'),
    `#!/bin/bash
tell() { exec 3<>/dev/tcp/127.0.0.1/${port}; printf '%s\\n' "$1" >&3; read -r _ <&3; exec 3>&-; }
tell 'before mv'
/bin/mv "$@"
code=$?
tell 'after mv'
exit $code
`,
  );
  chmodSync(join(bin, 'mv'), 0o755);
  return {
    nodeArguments: ['--require', preload],
    bin,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
