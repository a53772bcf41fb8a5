import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
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
  /** Whether staging keeps what it promises. */
  staging: 'good' | 'bad';
  /** What ZAP sees there. */
  alerts: object[];
  /** What CodeQL finds. */
  codeql: object[];
}

export interface Services {
  url: string;
  /** Where staging answers, or would. */
  staging: string;
  close(): Promise<void>;
}

/** OSV and the registry's audit, on one port. */
export async function serveAdvisories(world: World): Promise<Services> {
  const advisories = await listen((request, response) => {
    request.resume().on('end', () => {
      if (!world.reachable) return void response.writeHead(503).end('{}');
      const answer = request.url?.startsWith('/v1/query')
        ? { vulns: world.python.map(osv) }
        : request.url === '/schemas/service-v1.json'
          ? serviceSchema
          : request.url?.endsWith('/security/audits')
            ? pnpmAudit(world)
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
  const staging = await listen(stagingOf(world));
  return {
    url: advisories.url,
    staging: staging.url,
    close: async () => {
      await advisories.close();
      await staging.close();
    },
  };
}

/** What kubeconform checks a Service by, in short. */
const serviceSchema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: { type: 'object', properties: { ports: { type: 'array' } }, additionalProperties: false },
  },
  required: ['spec'],
};

async function listen(listener: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(listener);
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

/** A shop with one list, which says to a browser what it should. */
const stagingOf =
  (world: World): RequestListener =>
  (request, response) => {
    request.resume();
    if (!world.reachable) return void request.socket.destroy();
    const isGood = world.staging === 'good';
    if (isGood) {
      response.setHeader('strict-transport-security', 'max-age=31536000');
      response.setHeader('x-content-type-options', 'nosniff');
      response.setHeader('content-security-policy', "default-src 'self'");
      response.setHeader('referrer-policy', 'same-origin');
      response.setHeader('x-frame-options', 'DENY');
    }
    response.setHeader('content-type', 'application/json');
    if (request.url === '/') return void response.end('{}');
    if (request.url !== '/items') return void response.writeHead(404).end('{}');
    if (request.method === 'GET') return void response.end(isGood ? '{"items": []}' : '{"items": 1}');
    response.writeHead(405, { allow: 'GET' }).end('{}');
  };

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

const pnpmAudit = ({ node }: World) => ({
  advisories: node
    ? { 1: { ...advisory, module_name: 'minimist', github_advisory_id: 'GHSA-xvch-5gv4-984h' } }
    : {},
  metadata: { totalDependencies: 1, vulnerabilities: { critical: node ? 1 : 0 } },
});

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
  'github/codeql-action/analyze': {
    inputs: inputs('output', 'upload'),
    run: async ({ inputs: given, workspace, temp }) => {
      if (!existsSync(join(temp, 'codeql'))) throw new Error('init did not run');
      const folder = join(workspace, given['output']!);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'python.sarif'), JSON.stringify(codeqlOf(world)));
    },
  },
});

/** CodeQL's own report: rules stand in a pack, and a notice says of each file that it was read. */
const codeqlOf = ({ reachable, codeql }: World) => ({
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: { name: 'CodeQL' },
        extensions: [{ rules: [{ id: 'py/sql-injection', properties: { 'security-severity': '8.8' } }] }],
      },
      invocations: [
        {
          executionSuccessful: true,
          toolExecutionNotifications: reachable
            ? [{ level: 'none', descriptor: { id: 'py/diagnostics/successfully-extracted-files' } }]
            : [],
        },
      ],
      results: codeql,
    },
  ],
});

/** A folder with a `docker` that builds nothing, and runs ZAP only in that it asks the service and says what it is told. */
export function fakeDocker({ reachable, alerts }: World): string {
  const folder = mkdtempSync(join(tmpdir(), 'docker-'));
  const report = JSON.stringify({ site: [{ '@name': 'staging', alerts }] });
  const text = `#!/bin/sh
echo "docker $*"
case "$*" in
  *zap-baseline.py*) ${reachable ? `printf '%s' '${report}' > scans/zap.json` : 'exit 3'} ;;
esac
`;
  writeFileSync(join(folder, 'docker'), text, { mode: 0o755 });
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
