import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { writeReleaseTree } from '../../scripts/release-tree.js';
import { binarySubjects } from './binaries.js';
import type { Program } from './measured-run.js';
import {
  artilleryScript,
  httpFile,
  ourSteps,
  ourSuite,
  postmanCollection,
  stepciWorkflow,
  type Case,
} from './cases.js';

/** Something that can run checks: the program for a case, or why it cannot. */
export interface Subject {
  name: string;
  version?: string;
  program(of: Case, wrong: boolean): Program | { cannot: string };
}

/** Peers from npm at the versions compared with; installed into a cache folder, never a dependency. */
const peers = { stepci: '2.8.2', newman: '6.2.2', httpyac: '6.16.7', artillery: '2.0.21' } as const;

type Peer = keyof typeof peers;

/** All subjects for the server at `url`; `folder` is a scratch folder. Installs the peers on the first run. */
export function subjects(folder: string, url: string): Subject[] {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  return [
    floor(folder, url),
    ...ours(folder, url, write),
    ...peerSubjects(url, write),
    ...binarySubjects({ url, write, folder }),
  ];
}

/** Plain JavaScript, so that compiling it costs nothing. */
function floor(folder: string, url: string): Subject {
  const { code } = transformSync(readFileSync('bench/smoke/floor.ts', 'utf8'), {
    loader: 'ts',
    format: 'esm',
  });
  const path = join(folder, 'smoke-floor.mjs');
  writeFileSync(path, code);
  return {
    name: 'floor',
    program: ({ count, concurrency }) => ({ args: [path, url, `${count}`, `${concurrency}`] }),
  };
}

export type Write = (name: string, text: string) => string;

/** The action and the command line as users get them, from a release tree. */
function ours(folder: string, url: string, write: Write): Subject[] {
  const tree = join(folder, 'tree');
  writeReleaseTree(tree);
  const writeSuite = (of: Case, wrong: boolean): string => {
    const { 'smoke.yml': suite, 'items.csv': rows } = ourSuite(of, wrong);
    write('items.csv', rows);
    return write('smoke.yml', suite);
  };
  const asAction = ({ concurrency }: Case): Program => ({
    args: [join(tree, 'dist', 'smoke-test', 'index.js')],
    env: {
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SHA: '1'.repeat(40),
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKSPACE: folder,
      GITHUB_OUTPUT: write('output.txt', ''),
      GITHUB_STEP_SUMMARY: write('summary.md', ''),
      RUNNER_TEMP: folder,
      INPUT_SUITE: 'smoke.yml',
      'INPUT_BASE-URL': url,
      INPUT_CONCURRENCY: `${concurrency}`,
    },
  });
  return [
    {
      name: 'ours',
      program(of, wrong) {
        writeSuite(of, wrong);
        return asAction(of);
      },
    },
    {
      name: 'ours, written out',
      program(of, wrong) {
        if (of.concurrency > 1) return { cannot: 'steps of one flow run one at a time' };
        write('smoke.yml', ourSteps(of, wrong));
        return asAction(of);
      },
    },
    {
      name: 'ours, cli',
      program(of, wrong) {
        const suite = writeSuite(of, wrong);
        const options = ['--base-url', url, '--concurrency', `${of.concurrency}`];
        return { args: [join(tree, 'dist', 'cli', 'index.js'), 'smoke', suite, ...options] };
      },
    },
  ];
}

function peerSubjects(url: string, write: Write): Subject[] {
  return [
    peer('stepci', (bin, of, wrong) => ({
      args: [bin, 'run', write('stepci.yml', stepciWorkflow(of, url, wrong))],
      env: { STEPCI_DISABLE_ANALYTICS: '1' },
    })),
    peer('newman', (bin, of, wrong) =>
      of.concurrency > 1
        ? { cannot: 'its command runs one request at a time' }
        : { args: [bin, 'run', write('collection.json', postmanCollection(of, url, wrong)), '--silent'] },
    ),
    peer('httpyac', (bin, of, wrong) =>
      of.concurrency > 1
        ? { cannot: 'requests of one file run one at a time, --parallel or not' }
        : {
            args: [bin, 'send', write('checks.http', httpFile(of, url, wrong)), '--all', '--output', 'none'],
          },
    ),
    peer('artillery', (bin, of, wrong) => ({
      args: [bin, 'run', '--quiet', write('artillery.yml', artilleryScript(of, url, wrong))],
      env: { ARTILLERY_DISABLE_TELEMETRY: 'true' },
    })),
  ];
}

function peer(
  name: Peer,
  run: (bin: string, of: Case, wrong: boolean) => Program | { cannot: string },
): Subject {
  const version = peers[name];
  const bin = install(name, version);
  return { name, version, program: (of, wrong) => run(bin, of, wrong) };
}

/** Installs one peer and gives the path of its command. */
function install(name: Peer, version: string): string {
  const folder = resolve('.cache', 'bench-peers', `${name}@${version}`);
  const manifest = join(folder, 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) {
    console.error(`installing ${name}@${version} into ${folder}`);
    mkdirSync(folder, { recursive: true });
    const args = [
      'install',
      '--prefix',
      folder,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    execFileSync('npm', [...args, `${name}@${version}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | Record<string, string> };
  return join(folder, 'node_modules', name, typeof bin === 'string' ? bin : Object.values(bin)[0]!);
}
