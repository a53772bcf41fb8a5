import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { actions } from '../../actions/suite.js';
import { writeReleaseTree } from '../../scripts/release-tree.js';
import { runReleased, workflowVariables, type EndedStep } from '../support/traffic/released-step.js';

let root: string;
let tree: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'release-tree-'));
  tree = join(root, 'tree');
  writeReleaseTree(tree);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const runFile = (file: string, variables: Record<string, string> = {}) =>
  runReleased(join(tree, file), root, variables);

const errorsOf = ({ stdout }: EndedStep) => stdout.split('\n').filter((line) => line.startsWith('::error'));
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
      ...workflowVariables(workspace),
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

it.each(names)('%s does not load the client of PostgreSQL before a step asks for it', async (name) => {
  const suite = join(tree, 'dist', 'suite');
  const holding = readdirSync(suite).filter((file) =>
    readFileSync(join(suite, file), 'utf8').includes('SCRAM-SERVER-FINAL-MESSAGE'),
  );
  expect(holding).toHaveLength(1);
  const coverage = mkdtempSync(join(root, 'coverage-'));
  await runFile(`dist/${name}/index.js`, { ...workflowVariables(root), NODE_V8_COVERAGE: coverage });
  const loaded = readdirSync(coverage).flatMap((file) =>
    (JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] }).result.map(
      ({ url }) => basename(url),
    ),
  );
  expect(loaded).toContain('index.js');
  expect(loaded).not.toContain(holding[0]);
});

it.each(names.filter((name) => existsSync(join('dist', name, 'post.js'))))(
  'the post step of %s has nothing to do when main left nothing',
  async (name) => {
    const ended = await runFile(`dist/${name}/post.js`, {
      ...workflowVariables(root),
    });
    expect(ended).toMatchObject({ code: 0, stderr: '', outputs: {}, summary: '' });
    expect(errorsOf(ended)).toEqual([]);
  },
);

it('GitHub is called through the proxy of the runner, and nowhere else', async () => {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', ({ url }, socket) => {
    asked.push(url!);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const ended = await runFile('dist/dora-report/index.js', {
    ...workflowVariables(root),
    GITHUB_API_URL: 'https://github.invalid/api/v3',
    https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    'INPUT_GITHUB-TOKEN': 'ghs_secret0123456789',
  });
  await new Promise((resolve) => proxy.close(resolve));
  expect(errorsOf(ended).join()).toMatch(/403|could not be reached/);
  expect(new Set(asked)).toEqual(new Set(['github.invalid:443']));
});
