/**
 * Prints the path of a Node 24, the runtime of actions on GitHub, after putting one into .cache/ from the npm registry.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const packageName = `node-${process.platform}-${process.arch}`;
const version = '24.19.0';
const home = resolve('.cache', `node-${version}`);
const binary = join(home, 'node_modules', packageName, 'bin', 'node');

if (!existsSync(binary)) {
  mkdirSync(home, { recursive: true });
  execFileSync(
    'npm',
    ['install', '--prefix', home, '--no-save', '--no-package-lock', `${packageName}@${version}`],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
}
console.log(binary);
