import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from './certificates.js';
import { serve } from './http.js';

/** What the registry says of its packages. */
export type Signing = 'right' | 'wrong' | 'missing' | 'no keys' | 'keys out of reach';

/** A registry of one package, which signs as npm's does, with a key of its own. */
export interface SigningRegistry {
  url: string;
  tarball: string;
  signing: Signing;
  package: { name: string; version: string; integrity: string };
  /** Environment in which npm takes the keys from this registry: Sigstore's list of keys is empty. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

const tufHost = 'tuf-repo-cdn.sigstore.dev';
const sha256 = (data: Buffer | string) => createHash('sha256').update(data);

export async function startSigningRegistry(): Promise<SigningRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const part = { name: 'signed-part', version: '1.0.0' };
  const tarball = pack(folder, part);
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' });
  const keyid = `SHA256:${sha256(publicKey).digest('base64').replace(/=+$/, '')}`;
  const key = { expires: null, keyid, keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256' };
  const signatureOf = (text: string) => [
    { keyid, sig: sign('sha256', Buffer.from(text), keys.privateKey).toString('base64') },
  ];
  const distOf = (signing: Signing) => ({
    integrity,
    tarball: registry.tarball,
    ...(signing === 'missing' || signing === 'no keys'
      ? {}
      : {
          signatures: signatureOf(
            `${part.name}@${signing === 'wrong' ? '6.6.6' : part.version}:${integrity}`,
          ),
        }),
  });
  const server = await serve((request, response) => {
    const json = (value: object) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    const { signing } = registry;
    if (request.url === new URL(registry.tarball).pathname) response.end(tarball);
    else if (request.url === `/${part.name}`)
      json({
        name: part.name,
        'dist-tags': { latest: part.version },
        time: { [part.version]: '2026-01-01T00:00:00.000Z' },
        versions: { [part.version]: { ...part, dist: distOf(signing) } },
      });
    else if (request.url === '/-/npm/v1/keys' && signing === 'keys out of reach')
      response.writeHead(503).end('{}');
    else if (request.url === '/-/npm/v1/keys' && signing !== 'no keys')
      json({ keys: [{ ...key, key: publicKey.toString('base64') }] });
    else response.writeHead(404).end('{}');
  });
  const tuf = await startTuf(folder);
  const registry: SigningRegistry = {
    url: server.url,
    tarball: `${server.url}/${part.name}/-/${part.name}-${part.version}.tgz`,
    signing: 'right',
    package: { ...part, integrity },
    environment: {
      ...tuf.environment,
      NO_PROXY: '127.0.0.1',
      npm_config_registry: `${server.url}/`,
      pnpm_config_registry: `${server.url}/`,
      npm_config_cache: join(folder, 'npm'),
      npm_config_prefer_offline: 'false',
      npm_config_fetch_retries: '0',
      pnpm_config_fetch_retries: '0',
    },
    close: async () => {
      await server.close();
      await tuf.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return registry;
}

function pack(folder: string, part: { name: string; version: string }): Buffer {
  const from = join(folder, 'package');
  mkdirSync(from);
  writeFileSync(join(from, 'package.json'), JSON.stringify(part));
  execFileSync('tar', ['-czf', join(folder, 'package.tgz'), '-C', folder, 'package']);
  return readFileSync(join(folder, 'package.tgz'));
}

/**
 * Sigstore's repository of keys, which npm asks before the registry. It is empty here and signed by a key of its own,
 * which stands in npm's cache as the one that it knows; npm is led to it by a proxy.
 */
async function startTuf(
  folder: string,
): Promise<{ environment: Record<string, string>; close(): Promise<void> }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const hex = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  const keyid = sha256(hex).digest('hex');
  const role = { keyids: [keyid], threshold: 1 };
  const signed = (type: string, facts: object) => {
    const body = {
      _type: type,
      spec_version: '1.0.31',
      version: 1,
      expires: new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+/, ''),
      ...facts,
    };
    const sig = sign(null, Buffer.from(canonical(body)), privateKey).toString('hex');
    return JSON.stringify({ signatures: [{ keyid, sig }], signed: body });
  };
  const files: Record<string, string> = {
    '/timestamp.json': signed('timestamp', { meta: { 'snapshot.json': { version: 1 } } }),
    '/snapshot.json': signed('snapshot', { meta: { 'targets.json': { version: 1 } } }),
    '/targets.json': signed('targets', { targets: {} }),
  };
  const cache = join(folder, 'npm', '_tuf', tufHost);
  mkdirSync(cache, { recursive: true });
  const root = signed('root', {
    consistent_snapshot: false,
    keys: { [keyid]: { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } } },
    roles: { root: role, timestamp: role, snapshot: role, targets: role },
  });
  writeFileSync(join(cache, 'root.json'), root);

  const authority = createAuthority();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.ca);
  const server = await serve(
    (request, response) => {
      const text = files[request.url ?? ''];
      response.writeHead(text === undefined ? 404 : 200).end(text);
    },
    authority.issue({ names: [tufHost] }),
  );
  const proxy = createServer((_, response) => void response.writeHead(405).end());
  const sockets = new Set<net.Socket>();
  proxy.on('connect', ({ url }, client: net.Socket) => {
    sockets.add(client);
    if (url !== `${tufHost}:443`) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const upstream = net.connect(server.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client]) socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as net.AddressInfo;
  return {
    environment: { HTTPS_PROXY: `http://127.0.0.1:${port}`, NODE_EXTRA_CA_CERTS: ca },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => proxy.close(closed));
      await server.close();
    },
  };
}

/** JSON as TUF signs it: keys in order, no space. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const keys = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${keys.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}
