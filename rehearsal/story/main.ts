/**
 * `npm run rehearse`: checks Node before anything else is imported, so that an old one gets a sentence and no stack
 * trace.
 */
import { readFileSync } from 'node:fs';
import { oldNode } from './start/node-version.js';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  engines: { node: string };
};
const old = oldNode(process.version, engines.node);
if (old) {
  console.error(`npm run rehearse: ${old} Fix: install a newer Node, see https://nodejs.org/en/download.`);
  process.exitCode = 2;
} else {
  const { rehearse } = await import('./rehearse.js');
  process.exit(await rehearse(process.argv.slice(2), engines.node));
}
