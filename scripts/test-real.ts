/**
 * `npm run test:real -- [area…]`: tests against real servers, which are installed first. A server that cannot be had
 * fails the run; nothing is skipped.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Debian packages each area needs, by a file that shows they are there. */
const needs: Record<string, Record<string, string>> = {
  switch: {
    '/usr/sbin/haproxy': 'haproxy',
    '/usr/sbin/nginx': 'nginx',
    '/usr/bin/caddy': 'caddy',
    '/usr/bin/etcd': 'etcd-server',
    '/usr/sbin/sshd': 'openssh-server',
    '/usr/bin/ssh': 'openssh-client',
    '/usr/bin/zsh': 'zsh',
    '/usr/bin/fish': 'fish',
    '/usr/bin/tcsh': 'tcsh',
  },
  ci: {
    '/usr/share/postgresql-common': 'postgresql',
    '/usr/bin/redis-server': 'redis-server',
    '/usr/bin/chromium': 'chromium',
    '/usr/bin/jq': 'jq',
    '/usr/bin/curl': 'curl',
  },
  security: { '/usr/bin/jq': 'jq' },
  infrastructure: { '/usr/bin/jq': 'jq', '/usr/bin/curl': 'curl', '/usr/bin/openssl': 'openssl' },
  examples: {
    '/usr/sbin/haproxy': 'haproxy',
    '/usr/sbin/nginx': 'nginx',
    '/usr/bin/etcd': 'etcd-server',
    '/usr/bin/prometheus': 'prometheus',
    '/usr/bin/jq': 'jq',
    '/usr/bin/curl': 'curl',
  },
  rollback: { '/usr/bin/prometheus': 'prometheus' },
  incident: {
    '/usr/bin/prometheus': 'prometheus',
    '/usr/bin/prometheus-alertmanager': 'prometheus-alertmanager',
  },
  dora: { '/usr/bin/chromium': 'chromium', '/usr/bin/prometheus': 'prometheus' },
  migrations: { '/usr/share/postgresql-common': 'postgresql', '/usr/sbin/mariadbd': 'mariadb-server' },
  smoke: {
    '/usr/share/postgresql-common': 'postgresql',
    '/usr/sbin/mariadbd': 'mariadb-server',
    '/usr/bin/chromium': 'chromium',
    // What Hurl is built with.
    '/usr/bin/curl-config': 'libcurl4-openssl-dev',
    '/usr/bin/xml2-config': 'libxml2-dev',
    '/usr/bin/pkg-config': 'pkg-config',
    '/usr/share/doc/libclang-dev': 'libclang-dev',
  },
};

/**
 * Servers each area builds or unpacks into .cache/ (scripts/install/NAME.sh); done first, so that no test waits for a
 * compiler.
 */
const builds: Record<string, readonly string[]> = {
  switch: ['caddy', 'envoy', 'kubernetes/gateway-crds', 'kubernetes/kube-apiserver', 'moto', 'traefik'],
  examples: ['awscli', 'kubernetes/gateway-crds', 'kubernetes/kube-apiserver', 'kubernetes/kubectl', 'moto'],
  gate: ['opa'],
  smoke: ['peers/hurl', 'peers/newman'],
  migrations: ['python-migrations', 'squawk'],
  release: ['act'],
  ci: ['ci-samples'],
  infrastructure: ['ci-samples', 'opa'],
  security: ['ci-samples'],
  workflows: ['workflow-linters'],
};

/** Those that are compiled here. */
const compiled: readonly string[] = [
  'act',
  'caddy',
  'kubernetes/kube-apiserver',
  'kubernetes/kubectl',
  'opa',
  'peers/hurl',
  'traefik',
];

const folder = join('test', 'real');
const areas = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((area) => !areas.includes(area));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${areas.join(', ')}`);
  process.exit(2);
}
const chosen = wanted.length > 0 ? wanted : areas;

function install(packages: readonly string[]): void {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  const run = (...command: string[]) => {
    const [first, ...rest] = [...asRoot, ...command];
    execFileSync(first!, rest, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(`install by hand: ${packages.join(', ')} (there is no apt-get here)`);
  run('apt-get', 'update', '-q');
  run('apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages);
}

const missing = chosen
  .flatMap((area) => Object.entries(needs[area] ?? {}))
  .filter(([file]) => !existsSync(file));
if (missing.length > 0) install([...new Set(missing.map(([, name]) => name))]);

/** Installs one after the other, and says how long each took. */
async function installAll(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const start = Date.now();
    const child = spawn('bash', [join('scripts', 'install', `${name}.sh`)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`scripts/install/${name}.sh ended with ${code}`);
    console.log(`${name}: ready after ${Math.round((Date.now() - start) / 1_000)} s`);
  }
}

// A compiler takes all processors and much memory; what comes from a registry waits for the network meanwhile.
const names = [...new Set(chosen.flatMap((area) => builds[area] ?? []))];
const installed = await Promise.allSettled([
  installAll(names.filter((name) => compiled.includes(name))),
  installAll(names.filter((name) => !compiled.includes(name))),
]);
const failed = installed.flatMap((lane) => (lane.status === 'rejected' ? [String(lane.reason)] : []));
if (failed.length > 0) {
  console.error(failed.join('\n'));
  process.exit(1);
}

const jest = join('node_modules', 'jest', 'bin', 'jest.js');
/** Runs the tests of these areas, so many files at once; gives the exit code. */
function test(areasOfRun: readonly string[], workers: number): number {
  if (areasOfRun.length === 0) return 0;
  const paths = areasOfRun.map((area) => join(folder, area));
  const { status } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', jest, `--maxWorkers=${workers}`, ...paths],
    { stdio: 'inherit', env: { ...process.env, TEST_REAL: '1' } },
  );
  return status ?? 1;
}
// Most of the time something is waited for, and no two files share a server or a port; the plays of the examples wait
// nearly all of it.
const codes = [
  test(
    chosen.filter((area) => area !== 'examples'),
    2,
  ),
  test(
    chosen.filter((area) => area === 'examples'),
    3,
  ),
];
process.exit(Math.max(...codes));
