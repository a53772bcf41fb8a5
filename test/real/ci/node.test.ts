import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { commitExecutable, resultsOf, teamsOwn, verdictOf, type CiStage } from '../../templates/ci/stage.js';
import { realStage, sample } from './machine.js';

// Most of the time packages are installed, on a machine that may be busy.
jest.setTimeout(600_000);
const files = sample('node');
const all = { changes: 'success', lint: 'success', test: 'success', build: 'success', required: 'success' };
const logOf = (run: RunReport, job: string) => run.jobs[job]!.steps.map(({ log }) => log).join('\n');
const messages = (run: RunReport, job: string) =>
  run.jobs[job]!.steps.flatMap(({ annotations }) => annotations.map(({ message }) => message)).join('\n');

describe('ci-node on a project with npm', () => {
  let stage: CiStage;
  beforeEach(async () => {
    stage = await realStage('ci-node', files);
    // Its keys come from a service that this machine may not reach.
    commitExecutable(stage.fixture, 'ci/signatures', teamsOwn());
  });
  afterEach(() => stage.close());
  const change = (path: string, ...changes: [from: string, to: string][]) => {
    const text = changes.reduce((before, [from, to]) => {
      expect(before).toContain(from);
      return before.replace(from, to);
    }, files[path]!);
    stage.fixture.commit({ [path]: text });
  };

  it('is green, and its summary says what ran and how much of the code', async () => {
    const run = await stage.push();
    expect(resultsOf(run)).toEqual(all);
    expect(run.jobs['test']!.steps.map(({ summary }) => summary).join()).toContain(
      '2 tests passed, coverage 100 %',
    );
  });

  // Lint, tests and build are jobs of their own: one run shows a defect of each.
  it('is red for a file that is not formatted, a test that fails and a build that fails', async () => {
    change('src/cart.js', ['let cents = 0;', 'let cents=0;'], ['line.cents * line.count', 'line.cents']);
    change('package.json', ["cpSync('src'", "cpSync('srcs'"]);
    const run = await stage.push();
    expect(verdictOf(run)).toBe('lint: failure, test: failure, build: failure');
    expect(logOf(run, 'lint')).toMatch(/src\/cart\.js[^]*Code style issues/);
    expect(logOf(run, 'test')).toMatch(/not equal|1 test failed/);
    expect(logOf(run, 'build')).toMatch(/ENOENT/);
  });

  it('is red for a wrong type, and when the tests run less than 80 % of the code', async () => {
    const untried = Array.from({ length: 9 }, (_, at) => `  if (given === ${at}) return ${at};\n`).join('');
    change(
      'src/cart.js',
      ['cents: number;', 'cents: string;'],
      [
        'export function total',
        `export function untried(given) {\n${untried}  return 0;\n}\n\nexport function total`,
      ],
    );
    // What is not formatted would hide the type.
    commitExecutable(stage.fixture, 'ci/lint', teamsOwn());
    const run = await stage.push();
    expect(logOf(run, 'lint')).toMatch(/error TS\d+/);
    expect(messages(run, 'test')).toMatch(/coverage is \d+(?:\.\d+)? %, at least 80 % is asked for/);
    expect(verdictOf(run)).toBe('lint: failure, test: failure');
  });

  it('is red for a lock file that does not fit', async () => {
    change('package.json', ['"prettier": "3.6.2"', '"prettier": "3.6.1"']);
    const run = await stage.push();
    expect(verdictOf(run)).toBe('lint: failure, test: failure, build: failure');
    expect(logOf(run, 'lint')).toMatch(/in sync/);
  });

  it('is red when the script for tests tests nothing', async () => {
    for (const name of ['install', 'lint', 'types', 'build'])
      commitExecutable(stage.fixture, `ci/${name}`, teamsOwn());
    const { scripts, ...rest } = JSON.parse(files['package.json']!) as { scripts: Record<string, string> };
    stage.fixture.commit({
      'package.json': JSON.stringify({ ...rest, scripts: { ...scripts, test: 'true', pretest: 'true' } }),
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
    // Its own file, which no formatter may touch.
    '.prettierignore': 'pnpm-lock.yaml\n',
  });
  try {
    const env = { PACKAGE_MANAGER: 'pnpm' };
    const run = await stage.push({ env });
    expect([resultsOf(run), run.conclusion === 'success' ? '' : logOf(run, 'lint')]).toEqual([all, '']);
    const other = { ...project, devDependencies: { ...project.devDependencies, prettier: '3.6.1' } };
    stage.fixture.commit({ 'package.json': JSON.stringify(other) });
    const late = await stage.push({ env });
    expect(logOf(late, 'lint')).toMatch(/ERR_PNPM_OUTDATED_LOCKFILE/);
    expect(verdictOf(late)).toContain('lint: failure');
  } finally {
    await stage.close();
  }
});
