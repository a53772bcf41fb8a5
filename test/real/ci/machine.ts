import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartService } from '../../../rehearsal/runner/run-workflow.js';
import type { BuiltinAction } from '../../../rehearsal/runner/third-party/action.js';
import { writeReleaseTree } from '../../../scripts/release-tree.js';
import { startPostgresql } from '../../support/servers/databases.js';
import { freePorts, installed, startServer } from '../../support/servers/real.js';
import { ciStage, type CiStage, type Machine } from '../../templates/ci/stage.js';

let tree: string | undefined;
/** The suite as it is released; no run changes it. */
function releaseTree(): string {
  if (tree === undefined) {
    tree = mkdtempSync(join(tmpdir(), 'release-'));
    process.once('exit', () => rmSync(tree!, { recursive: true, force: true }));
    writeReleaseTree(tree);
  }
  return tree;
}

/** Tools of GitHub's own machines, as this one has them. */
export const tools = (): string => installed('ci-samples');

const inputs = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '']));

/** `actions/setup-python`: the Python that has the sample's packages. */
const setupPython = (folder: string): BuiltinAction => ({
  inputs: inputs('python-version', 'cache', 'cache-dependency-path'),
  run: async ({ addPath }) => addPath(join(folder, 'python', 'bin')),
});

/** PostgreSQL of this machine with the superuser that the image has. */
const postgres: StartService = async ({ env }) => {
  const database = await startPostgresql('scram-sha-256');
  database.admin(`CREATE ROLE postgres SUPERUSER LOGIN PASSWORD '${env['POSTGRES_PASSWORD']}'`);
  return { ports: { 5432: database.port }, ready: Promise.resolve(), stop: () => database.stop() };
};

const redis: StartService = async ({ folder }) => {
  const [port = 0] = await freePorts(1);
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => socket.end('PING\r\n'));
      socket.on('data', (data) => resolve(data.toString().startsWith('+PONG')));
      socket.on('error', () => resolve(false));
    });
  const argv = [
    'redis-server',
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    folder,
  ] as const;
  const server = await startServer([...argv], answers);
  return { ports: { 6379: port }, ready: Promise.resolve(), stop: () => server.stop() };
};

/** The files of a sample, without what its tools left behind. */
export function sample(
  name: string,
  base = join('rehearsal', 'samples', name),
  at = '',
): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(base, at)).flatMap((entry) => {
      const path = join(at, entry);
      if (['node_modules', '__pycache__'].includes(entry)) return [];
      return statSync(join(base, path)).isDirectory()
        ? Object.entries(sample(name, base, path))
        : [[path, readFileSync(join(base, path), 'utf8')]];
    }),
  );
}

/** A template on a machine with real servers and the suite as it is released. */
export async function realStage(
  template: string,
  files: Record<string, string>,
  request: Machine['request'] = {},
): Promise<CiStage> {
  const folder = tools();
  return ciStage(template, [], {
    files,
    request: {
      actions: { 'org/devops-actions': releaseTree() },
      services: { postgres, redis },
      path: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      ...request,
      machineEnvironment: {
        PIPX_HOME: join(folder, 'pipx'),
        npm_config_cache: join(folder, 'npm'),
        npm_config_prefer_offline: 'true',
        CHROMIUM: '/usr/bin/chromium',
        ...request.machineEnvironment,
      },
      thirdParty: { 'actions/setup-python': setupPython(folder), ...request.thirdParty },
    },
  });
}
