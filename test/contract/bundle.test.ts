import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { actions } from '../../actions/suite.js';
import { writeReleaseTree } from '../../scripts/release-tree.js';

let root: string;
let tree: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'release-tree-'));
  tree = join(root, 'tree');
  writeReleaseTree(tree);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  outputs: Record<string, string>;
  summary: string;
}

/** Reads the file of outputs, `name<<delimiter` with lines as the runner does. */
function readOutputs(path: string): Record<string, string> {
  const text = readFileSync(path, 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^(.+?)<<(.+)\r?\n([^]*?)\r?\n\2\r?\n/gm)].map(([, name, , value]) => [name!, value!]),
  );
}

/** Runs a file of the tree as the runner would, in an environment of these variables alone. */
async function runFile(file: string, variables: Record<string, string> = {}): Promise<Ended> {
  const folder = mkdtempSync(join(root, 'step-'));
  const [output, summary, state] = ['output', 'summary', 'state'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [output, summary, state]) writeFileSync(path, '');
  const env = {
    PATH: process.env['PATH'],
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_STATE: state,
    RUNNER_TEMP: folder,
    ...variables,
  };
  const child = spawn(process.execPath, [join(tree, file)], {
    cwd: folder,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...ended) => resolve(ended)),
  );
  return {
    code,
    signal,
    stdout,
    stderr,
    outputs: readOutputs(output),
    summary: readFileSync(summary, 'utf8'),
  };
}

const errorsOf = ({ stdout }: Ended) => stdout.split('\n').filter((line) => line.startsWith('::error'));
const names = Object.keys(actions);

describe('the release tree', () => {
  it('has every action, under all its names, with the files its action.yml names', () => {
    for (const name of [...names, 'blue-green']) {
      const { runs } = parse(readFileSync(join(tree, name, 'action.yml'), 'utf8')) as {
        runs: { main: string; post?: string };
      };
      for (const file of [runs.main, ...(runs.post ? [runs.post] : [])])
        expect(existsSync(join(tree, name, file))).toBe(true);
    }
  });

  it('has nothing that is not needed to run: no sources, tests, maps or packages', () => {
    const files = readdirSync(tree, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.ts$|\.map$|node_modules|(^|\/)test\//.test(file))).toEqual([]);
  });
});

describe.each(names)('%s, started without inputs outside of GitHub', (name) => {
  it('fails with one clear error and sets result and report', async () => {
    const ended = await runFile(`dist/${name}/index.js`);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(errorsOf(ended)).toHaveLength(1);
    expect(errorsOf(ended)[0]).toMatch(
      new RegExp(`^::error::${name}: Nothing was done: .*GITHUB_REPOSITORY`),
    );
    expect(ended.outputs['result']).toBe('error');
    const report = JSON.parse(readFileSync(ended.outputs['report']!, 'utf8')) as {
      problems: { path: string }[];
    };
    expect(report.problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['GITHUB_REPOSITORY', 'GITHUB_SHA', 'GITHUB_RUN_ID']),
    );
    expect(ended.summary).toContain('stopped with an error');
  });

  it('names a misspelt input when it runs in a workflow', async () => {
    const workspace = join(root, 'workspace');
    mkdirSync(workspace, { recursive: true });
    const ended = await runFile(`dist/${name}/index.js`, {
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SHA: '1'.repeat(40),
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKSPACE: workspace,
      'INPUT_GITHUB-TOKNE': 'x',
      'INPUT_GITHUB-TOKEN': 'ghs_secret0123456789',
    });
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(errorsOf(ended)).toHaveLength(1);
    expect(errorsOf(ended)[0]).toContain('unknown input "github-tokne"');
    expect(ended.outputs['result']).toBe('error');
    const told = ended.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    expect(told.join('\n')).not.toContain('ghs_secret');
  });
});

it.each(names.filter((name) => existsSync(join('dist', name, 'post.js'))))(
  'the post step of %s has nothing to do when main left nothing',
  async (name) => {
    const ended = await runFile(`dist/${name}/post.js`, {
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SHA: '1'.repeat(40),
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKSPACE: root,
    });
    expect(ended).toMatchObject({ code: 0, stderr: '', outputs: {}, summary: '' });
    expect(errorsOf(ended)).toEqual([]);
  },
);
