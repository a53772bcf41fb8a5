/** `npm run rehearse -- [--json] [--router haproxy|nginx|caddy] [--node PATH] [--verbose] [--dir DIR]`: a whole release story on this machine. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { routerChoices } from './entry.js';
import { judge } from './expectations.js';
import { play } from './plot.js';
import type { Story } from './story.js';
import { terminalTeller, verdictTable } from './terminal.js';
import { buildWorld } from './world.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    router: { type: 'string', default: 'embedded' },
    node: { type: 'string', default: process.execPath },
    dir: { type: 'string', default: '.rehearsal' },
  },
});
const router = routerChoices.find((choice) => choice === values.router);
if (!router) {
  console.error(`--router ${values.router}: allowed are ${routerChoices.join(', ')}`);
  process.exit(2);
}

const root = fileURLToPath(new URL('../../', import.meta.url));
process.chdir(root);
const dir = resolve(values.dir);
const startedAt = Date.now();
const world = await buildWorld(root, dir, router);
let story: Story;
try {
  story = await play(
    world,
    values.node,
    terminalTeller(values.json ? process.stderr : process.stdout, values.verbose),
  );
} finally {
  await world.close();
}
const checks = judge(story);
const page = keepPage(story);
const ok = checks.every((check) => check.ok) && page !== undefined;
const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
const acts = {
  good: story.good,
  bad: story.bad,
  hotfix: story.hotfix,
  replayed: story.replayed,
  dora: story.dora,
};

if (values.json) {
  const times = Object.fromEntries(
    Object.entries(acts).map(([name, act]) => [
      name,
      { conclusion: act.run.conclusion, ms: act.endedAt - act.startedAt },
    ]),
  );
  console.log(
    JSON.stringify(
      {
        ok,
        seconds,
        node: process.version,
        router,
        treeBytes: world.treeBytes,
        checks,
        acts: times,
        load: story.load,
        page,
      },
      null,
      2,
    ),
  );
} else {
  console.log(
    `\n${verdictTable(checks)}\n\n${ok ? 'Everything held' : 'NOT everything held'}, ${seconds} s.  DORA page: ${page ?? 'none'}`,
  );
}
process.exit(ok ? 0 : 1);

/** Copies the DORA page to where a person finds it. */
function keepPage({ dora }: Story): string | undefined {
  const made = dora.run.jobs['report']?.steps.find((step) => step.id === 'dora')?.outputs['html'];
  if (!made) return undefined;
  const kept = join(dir, 'dora.html');
  copyFileSync(made, kept);
  return kept;
}
