import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { resultsOf, verdictOf, type CiStage } from '../../templates/ci/stage.js';
import { realStage, sample } from './machine.js';

const files = sample('node');
const all = { changes: 'success', lint: 'success', test: 'success', build: 'success', required: 'success' };
const logOf = (run: RunReport, job: string) => run.jobs[job]!.steps.map(({ log }) => log).join('\n');
const messages = (run: RunReport, job: string) =>
  run.jobs[job]!.steps.flatMap(({ annotations }) => annotations.map(({ message }) => message)).join('\n');

describe('ci-node on a project with npm', () => {
  let stage: CiStage;
  beforeEach(async () => {
    stage = await realStage('ci-node', files);
  });
  afterEach(() => stage.close());
  const change = (path: string, from: string, to: string) => {
    expect(files[path]).toContain(from);
    stage.fixture.commit({ [path]: files[path]!.replace(from, to) });
  };

  it('is green, and its summary says what ran and how much of the code', async () => {
    const run = await stage.push();
    expect(resultsOf(run)).toEqual(all);
    expect(run.jobs['test']!.steps.map(({ summary }) => summary).join()).toContain(
      '2 tests passed, coverage 100 %',
    );
  });

  it.each([
    [
      'a file that is not formatted',
      'src/cart.js',
      'let cents = 0;',
      'let cents=0;',
      'lint',
      /src\/cart\.js[^]*Code style issues/,
    ],
    ['a wrong type', 'src/cart.js', 'cents: number;', 'cents: string;', 'lint', /error TS\d+/],
    [
      'a test that fails',
      'src/cart.js',
      'line.cents * line.count',
      'line.cents',
      'test',
      /not equal|1 test failed/,
    ],
    ['a build that fails', 'package.json', "cpSync('src'", "cpSync('srcs'", 'build', /ENOENT/],
    [
      'a lock file that does not fit',
      'package.json',
      '"prettier": "3.6.2"',
      '"prettier": "3.6.1"',
      'lint',
      /in sync/,
    ],
  ])('is red for %s', async (_, path, from, to, job, said) => {
    change(path, from, to);
    const run = await stage.push();
    expect(run.conclusion).toBe('failure');
    expect(verdictOf(run)).toContain(`${job}: failure`);
    expect(logOf(run, job)).toMatch(said);
  });

  it('is red when the tests run less than 80 % of the code', async () => {
    const untried = Array.from({ length: 9 }, (_, at) => `  if (given === ${at}) return ${at};\n`).join('');
    change(
      'src/cart.js',
      'export function total',
      `export function untried(given) {\n${untried}  return 0;\n}\n\nexport function total`,
    );
    const run = await stage.push();
    expect(messages(run, 'test')).toMatch(/coverage is \d+(?:\.\d+)? %, at least 80 % is asked for/);
  });

  it('is red when the script for tests tests nothing', async () => {
    const { scripts, ...rest } = JSON.parse(files['package.json']!) as { scripts: Record<string, string> };
    stage.fixture.commit({
      'package.json': JSON.stringify({ ...rest, scripts: { ...scripts, test: 'true' } }),
    });
    const run = await stage.push();
    expect(verdictOf(run)).toBe('test: failure');
    expect(messages(run, 'test')).toContain('Not known: tests: ./junit.xml: it is not there');
  });
});

it('ci-node is green on the same project with pnpm, and red for its lock file that does not fit', async () => {
  const { 'package-lock.json': _npm, ...rest } = files;
  const project = JSON.parse(rest['package.json']!) as { devDependencies: Record<string, string> };
  const stage = await realStage('ci-node', {
    ...rest,
    ...sample('node-pnpm'),
    'package.json': JSON.stringify({ ...project, packageManager: 'pnpm@10.20.0' }),
    // Its own file, which no formatter may touch.
    '.prettierignore': 'pnpm-lock.yaml\n',
  });
  try {
    const env = { PACKAGE_MANAGER: 'pnpm' };
    const run = await stage.push({ env });
    expect([resultsOf(run), run.conclusion === 'success' ? '' : logOf(run, 'lint')]).toEqual([all, '']);
    const other = { ...project, devDependencies: { ...project.devDependencies, prettier: '3.6.1' } };
    stage.fixture.commit({ 'package.json': JSON.stringify({ ...other, packageManager: 'pnpm@10.20.0' }) });
    const late = await stage.push({ env });
    expect(logOf(late, 'lint')).toMatch(/ERR_PNPM_OUTDATED_LOCKFILE/);
    expect(verdictOf(late)).toContain('lint: failure');
  } finally {
    await stage.close();
  }
});
