import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { resultsOf, teamsOwn, verdictOf, commitExecutable, type CiStage } from '../../templates/ci/stage.js';
import { realStage, sample } from './machine.js';

// Most of the time packages are installed, on a machine that may be busy.
jest.setTimeout(600_000);

const files = sample('django');
const all = { changes: 'success', lint: 'success', test: 'success', required: 'success' };

/** The step that failed in a job, and what stands in the log. */
const failureOf = (run: RunReport, job: string) =>
  run.jobs[job]?.steps.find(({ outcome }) => outcome === 'failure');

describe('ci-python on a Django project with PostgreSQL and Redis', () => {
  let stage: CiStage;
  beforeEach(async () => {
    stage = await realStage('ci-python', files);
  });
  afterEach(() => stage.close());
  const change = (path: string, from: string, to: string) => {
    expect(files[path]).toContain(from);
    stage.fixture.commit({ [path]: files[path]!.replace(from, to) });
  };
  /** Only the tests are of interest. */
  const withoutLint = () => {
    for (const name of ['lint', 'types']) commitExecutable(stage.fixture, `ci/${name}`, teamsOwn());
  };

  it('is green for a fork, whose token may not write, and its summary says what ran and how much of the code', async () => {
    const run = await stage.pullRequest({
      fork: 'mallory/shop',
      files: { 'catalogue/more.py': 'MORE = 1\n' },
    });
    expect([resultsOf(run), failureOf(run, 'test')?.log, failureOf(run, 'lint')?.log]).toEqual([
      all,
      undefined,
      undefined,
    ]);
    const summaries = run.jobs['test']!.steps.map(({ summary }) => summary).join('\n');
    expect(summaries).toMatch(/✅ 16 tests passed, coverage \d+/);
  });

  // Lint and tests are jobs of their own: one run shows a defect of each.
  it('is red for a file that is not formatted, and for a warning of the deploy check', async () => {
    change('catalogue/price.py', 'return cents * (', 'return cents*(');
    change('shop/settings.py', 'CSRF_COOKIE_SECURE = True', '');
    const run = await stage.push();
    expect(failureOf(run, 'lint')?.name).toBe('Lint and format');
    expect(failureOf(run, 'test')?.name).toBe('Settings are fit for production');
    expect(failureOf(run, 'test')?.log).toMatch(/security\.W016/);
    expect(verdictOf(run)).toBe('lint: failure, test: failure');
  });

  it('is red for a wrong type, and for a model without its migration', async () => {
    change('catalogue/price.py', '-> int:', '-> str:');
    change('catalogue/models.py', 'max_length=100', 'max_length=120');
    const run = await stage.push();
    expect(failureOf(run, 'lint')?.name).toBe('Types');
    expect(failureOf(run, 'test')?.name).toBe('Every change of a model has its migration');
    expect(failureOf(run, 'test')?.log).toMatch(/Alter field name on item/);
  });

  it('is red for a test that fails, since the database refuses a view', async () => {
    withoutLint();
    change('catalogue/views.py', '"cents"))', '"price"))');
    const run = await stage.push();
    expect([failureOf(run, 'test')?.name, verdictOf(run)]).toEqual(['Test', 'test: failure']);
    expect(failureOf(run, 'test')?.log).toMatch(/Cannot resolve keyword/);
  });

  it('is red when the tests run less than 80 % of the code, and says how much', async () => {
    withoutLint();
    const untried = Array.from({ length: 30 }, (_, at) => `VALUE_${at} = ${at}\n`).join('');
    stage.fixture.commit({ 'catalogue/untried.py': untried });
    const run = await stage.push();
    expect(failureOf(run, 'test')?.name).toBe('Did tests run, and enough of the code?');
    expect(
      run.jobs['test']!.steps.flatMap(({ annotations }) => annotations.map(({ message }) => message)).join(),
    ).toMatch(/coverage is (?:[5-7]\d(?:\.\d+)?) %, at least 80 % is asked for/);
  });

  it('is red where coverage would not know a file that no test loads, and right where SOURCE names it', async () => {
    withoutLint();
    change('pyproject.toml', 'source = ["shop", "catalogue"]\n', '');
    const untried = Array.from({ length: 300 }, (_, at) => `VALUE_${at} = ${at}\n`).join('');
    stage.fixture.commit({ 'catalogue/untried.py': untried });
    const run = await stage.push();
    expect(failureOf(run, 'test')?.name).toBe('Coverage knows what your code is');
    const named = await stage.push({ env: { SOURCE: 'shop catalogue' } });
    expect(failureOf(named, 'test')?.name).toBe('Did tests run, and enough of the code?');
  });

  it('is green at once when only documentation changed', async () => {
    const run = await stage.pullRequest({ files: { 'docs/a.md': 'a' } });
    expect(resultsOf(run)).toEqual({ ...all, lint: 'skipped', test: 'skipped' });
  });
});
