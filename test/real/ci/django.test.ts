import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { resultsOf, teamsOwn, verdictOf, commitExecutable, type CiStage } from '../../templates/ci/stage.js';
import { realStage, sample } from './machine.js';

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

  it('is green, and its summary says what ran and how much of the code', async () => {
    const run = await stage.push();
    expect([resultsOf(run), failureOf(run, 'test')?.log, failureOf(run, 'lint')?.log]).toEqual([
      all,
      undefined,
      undefined,
    ]);
    const summaries = run.jobs['test']!.steps.map(({ summary }) => summary).join('\n');
    expect(summaries).toMatch(/✅ 16 tests passed, coverage \d+/);
  });

  it.each([
    [
      'a file that is not formatted',
      'catalogue/price.py',
      'return cents * (',
      'return cents*(',
      'Lint and format',
    ],
    ['a wrong type', 'catalogue/price.py', '-> int:', '-> str:', 'Types'],
  ])('is red for %s', async (_, path, from, to, step) => {
    change(path, from, to);
    const run = await stage.push();
    expect([failureOf(run, 'lint')?.name, verdictOf(run)]).toEqual([step, 'lint: failure']);
  });

  it.each([
    [
      'a warning of the deploy check',
      'shop/settings.py',
      'CSRF_COOKIE_SECURE = True',
      '',
      'Settings are fit for production',
      /security\.W016/,
    ],
    [
      'a model without its migration',
      'catalogue/models.py',
      'max_length=100',
      'max_length=120',
      'Every change of a model has its migration',
      /Alter field name on item/,
    ],
    ['a test that fails', 'catalogue/price.py', '// 100', '// 100 + 1', 'Test', /1 failed/],
    [
      'a view that the database refuses',
      'catalogue/views.py',
      '"cents"))',
      '"price"))',
      'Test',
      /Cannot resolve keyword/,
    ],
  ])('is red for %s', async (_, path, from, to, step, said) => {
    withoutLint();
    change(path, from, to);
    const run = await stage.push();
    expect([failureOf(run, 'test')?.name, verdictOf(run)]).toEqual([step, 'test: failure']);
    expect(failureOf(run, 'test')?.log).toMatch(said);
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

  it('is red when there is no test', async () => {
    withoutLint();
    commitExecutable(stage.fixture, 'ci/test', '#!/bin/sh\nexit 0\n');
    const run = await stage.push();
    expect(verdictOf(run)).toBe('test: failure');
    expect(run.jobs['test']!.steps.map(({ summary }) => summary).join()).toContain('🙈');
  });

  it('is green at once when only documentation changed', async () => {
    const run = await stage.pullRequest({ files: { 'docs/a.md': 'a' } });
    expect(resultsOf(run)).toEqual({ ...all, lint: 'skipped', test: 'skipped' });
  });

  it('is green for a fork, whose token may not write', async () => {
    const run = await stage.pullRequest({
      fork: 'mallory/shop',
      files: { 'catalogue/more.py': 'MORE = 1\n' },
    });
    expect(resultsOf(run)).toEqual(all);
  });
});
