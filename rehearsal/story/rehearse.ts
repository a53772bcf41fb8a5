import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../cli/shell.js';
import { messageOf } from '../runner/message-of.js';
import { buildCaddy, caddyProgram } from './routers/caddy.js';
import { judge } from './judge/expectations.js';
import { keepPages } from './pages/keep-pages.js';
import { play } from './plot.js';
import { readWishes, usage, type Wishes } from './start/command-line.js';
import { FolderError, takeFolder, takeFreeFolder, type Processes, type Taken } from './start/folder.js';
import { askNode, missingPrograms } from './start/programs.js';
import { shortFolder } from './start/short-folder.js';
import type { Story } from './story.js';
import { terminalTeller, verdictTable } from './terminal.js';
import { buildWorld } from './world.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Plays the story as the command line asks and resolves the exit code: 0 as expected, 1 not, 2 not started. */
export async function rehearse(args: readonly string[], nodeRange: string): Promise<number> {
  // npm runs scripts in the folder of the package.
  const cwd = process.env['INIT_CWD'] ?? process.cwd();
  process.chdir(root);
  let wishes: Wishes;
  let node: string;
  let taken: Taken;
  try {
    wishes = readWishes(args, cwd);
    if (wishes.help) {
      console.log(usage);
      return 0;
    }
    node = checkMachine(wishes, nodeRange);
    taken = take(wishes);
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`);
    else if (error instanceof FolderError) console.error(error.message);
    else throw error;
    return 2;
  }
  const out = wishes.json ? process.stderr : process.stdout;
  const say = (line: string) => void out.write(`${line}\n`);
  const edge = shortFolder();
  process.once('exit', () => {
    edge.remove();
    taken.release();
  });
  // Without a listener these end the process before its children are ended.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  try {
    if (wishes.router === 'caddy' && !existsSync(caddyProgram())) {
      say(`Building Caddy from source. This takes minutes, once; it is kept as ${caddyProgram()}.`);
      await buildCaddy();
    }
    return await playIn(taken.dir, edge.dir, node, wishes);
  } catch (error) {
    const whole = wishes.verbose && error instanceof Error ? error.stack : messageOf(error);
    console.error(`\nThe rehearsal broke off: ${whole}\nWhat was written until then is in ${taken.dir}.`);
    return 1;
  }
}

/** The path of the Node for the actions. Throws UsageError with all that this machine lacks. */
function checkMachine({ router, node }: Wishes, nodeRange: string): string {
  const problems = missingPrograms(router, process.env['PATH'] ?? '', caddyProgram);
  const asked = node === undefined ? { path: process.execPath } : askNode(node, nodeRange);
  if ('problem' in asked) problems.push(asked.problem);
  if (!('path' in asked) || problems.length > 0) throw new UsageError(problems.join('\n'));
  return asked.path;
}

function take({ dir, json }: Wishes): Taken {
  const processes: Processes = { pid: process.pid, now: () => new Date(), alive };
  if (dir !== undefined) return takeFolder(dir, processes);
  const taken = takeFreeFolder(join(root, '.rehearsal'), processes);
  for (const { dir: held, holder } of taken.skipped) {
    const line = `${relative(root, held)} is used by process ${holder.pid} since ${holder.since}; this rehearsal writes to ${relative(root, taken.dir)}.`;
    (json ? console.error : console.log)(line);
  }
  return taken;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function playIn(
  dir: string,
  edgeDir: string,
  node: string,
  { json, verbose, router }: Wishes,
): Promise<number> {
  const startedAt = Date.now();
  const teller = terminalTeller(json ? process.stderr : process.stdout, verbose);
  const world = await buildWorld({ root, dir, edgeDir, router });
  let story: Story;
  try {
    story = await play(world, node, teller);
  } finally {
    await world.close();
  }
  const checks = judge(story);
  const pages = keepPages(dir, story, checks);
  const ok = checks.every((check) => check.ok) && pages.dora !== undefined;
  const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
  if (json) {
    const acts = Object.fromEntries(
      story.acts.map(({ name, run, startedAt: from, endedAt }) => [
        name,
        { conclusion: run.conclusion, ms: endedAt - from },
      ]),
    );
    const { load, moves, approvals } = story;
    const facts = { ok, seconds, node: process.version, router, treeBytes: world.treeBytes };
    console.log(
      JSON.stringify(
        { ...facts, checks, acts, moves, approvals, load, page: pages.dora, index: pages.index },
        null,
        2,
      ),
    );
  } else {
    console.log(`\n${verdictTable(checks)}\n`);
    console.log(`${ok ? 'All as expected' : 'NOT all as expected'}, after ${seconds} s.`);
    console.log(`All job summaries and the DORA page: ${pages.index}`);
    if (!pages.dora) console.log('The DORA page is missing: the job "report" made none.');
  }
  return ok ? 0 : 1;
}
