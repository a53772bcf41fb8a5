/** `npm run test:real -- [area…]`: tests against real servers, which are installed first. A server that cannot be had fails the run; nothing is skipped. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Debian packages each area needs, by the command that shows they are there. */
const needs: Record<string, Record<string, string>> = {
  switch: { haproxy: 'haproxy' },
};

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

function present(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

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
  .filter(([command]) => !present(command));
if (missing.length > 0) install([...new Set(missing.map(([, name]) => name))]);

const jest = join('node_modules', 'jest', 'bin', 'jest.js');
const paths = chosen.map((area) => join(folder, area));
const result = spawnSync(
  process.execPath,
  ['--experimental-vm-modules', '--no-warnings', jest, '--runInBand', ...paths],
  {
    stdio: 'inherit',
    env: { ...process.env, TEST_REAL: '1' },
  },
);
process.exit(result.status ?? 1);
