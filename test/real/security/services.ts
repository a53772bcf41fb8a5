import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import type { BuiltinAction } from '../../../rehearsal/runner/third-party/action.js';

/** What the stand-ins for OSV, the npm registry, trivy and GitHub's dependency review answer. */
export interface World {
  /** Ids of advisories for a Python package. */
  python: string[];
  /** Whether a Node package has an advisory. */
  node: boolean;
  /** Whether the databases answer at all. */
  reachable: boolean;
  image: object;
  review: 'success' | 'failure';
}

export interface Services {
  url: string;
  close(): Promise<void>;
}

/** OSV and the registry's audit, on one port. */
export async function serveAdvisories(world: World): Promise<Services> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (!world.reachable) return void response.writeHead(503).end('{}');
      const answer = request.url?.startsWith('/v1/query')
        ? { vulns: world.python.map(osv) }
        : request.url?.includes('advisories/bulk') && world.node
          ? { minimist: [advisory] }
          : request.url === '/minimist'
            ? {
                name: 'minimist',
                'dist-tags': { latest: '1.2.8' },
                versions: { '1.2.8': { name: 'minimist', version: '1.2.8' } },
              }
            : {};
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const osv = (id: string) => ({
  id,
  summary: 'Quadratic time',
  published: '2026-01-01T00:00:00Z',
  modified: '2026-01-01T00:00:00Z',
  aliases: ['CVE-2026-1'],
  affected: [
    {
      package: { name: 'idna', ecosystem: 'PyPI' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '3.11' }] }],
    },
  ],
});
const advisory = {
  id: 1,
  title: 'Prototype pollution',
  url: 'https://github.com/advisories/GHSA-xvch-5gv4-984h',
  severity: 'critical',
  vulnerable_versions: '<2.0.0',
};

const inputs = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '']));

/** Actions of others that this machine has no equal of; each refuses inputs that it does not know. */
export const actionsOf = (world: World): Record<string, BuiltinAction> => ({
  'actions/setup-go': { inputs: inputs('go-version', 'cache'), run: () => Promise.resolve() },
  'aquasecurity/trivy-action': {
    inputs: inputs('image-ref', 'scanners', 'format', 'list-all-pkgs', 'output', 'timeout', 'cache'),
    run: async ({ inputs: given, workspace }) => {
      if (!world.reachable) throw new Error('failed to download vulnerability DB');
      if (given['format'] !== 'json') throw new Error(`format ${given['format']}`);
      writeFileSync(join(workspace, given['output']!), JSON.stringify(world.image));
    },
  },
  'actions/dependency-review-action': {
    inputs: inputs('fail-on-severity'),
    run: async () => {
      if (world.review === 'failure') throw new Error('Dependency review detected vulnerable packages');
    },
  },
  'github/codeql-action/upload-sarif': { inputs: inputs('sarif_file'), run: () => Promise.resolve() },
});

/** A folder with a `docker` that builds nothing. */
export function fakeDocker(): string {
  const folder = mkdtempSync(join(tmpdir(), 'docker-'));
  writeFileSync(join(folder, 'docker'), '#!/bin/sh\necho "docker $*"\n', { mode: 0o755 });
  return folder;
}

/** Where Go keeps modules and what it built: not in the home of the run, which is new each time. */
export const goFolders = (): Record<string, string> =>
  Object.fromEntries(
    ['GOPATH', 'GOCACHE'].map((name) => [
      name,
      execFileSync('go', ['env', name], { encoding: 'utf8' }).trim(),
    ]),
  );
