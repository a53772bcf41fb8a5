import { beforeAll, describe, expect, it } from '@jest/globals';
import { checksSeen, job, judge, run } from '../../facts.js';
import { policyPath } from '../../stage.js';
import { policyOf, pullStage } from './pull-stage.js';

describe('Push a branch onto the commit, whose run tests less', () => {
  const stage = pullStage();
  beforeAll(() => void stage.world.push({ [policyPath]: policyOf('') }));

  it('the run for the default branch decides, red or green, whatever ran later for another', async () => {
    const sha = stage.world.push({ 'a.txt': 'a' });
    stage.world.git('branch', 'mine', sha);
    stage.world.ran({ sha, conclusion: 'failure' });
    stage.world.ran({ sha, branch: 'mine' });
    expect((await stage.ask(sha)).reason).toContain(': failure');
    stage.world.ran({ sha });
    stage.world.ran({ sha, branch: 'mine', conclusion: 'cancelled' });
    expect((await stage.ask(sha)).result).toBe('pass');
  });

  it('where the default branch has no run, each branch has to pass', async () => {
    stage.world.git('checkout', '-q', '-b', 'release/1', 'main');
    const sha = stage.world.push({ 'b.txt': 'b' });
    stage.world.git('checkout', '-q', 'main');
    stage.world.git('branch', 'theirs', sha);
    stage.world.ran({ sha, branch: 'release/1', conclusion: 'failure' });
    stage.world.ran({ sha, branch: 'theirs' });
    expect((await stage.ask(sha)).result).toBe('fail');
    stage.world.ran({ sha, branch: 'release/1' });
    expect((await stage.ask(sha)).result).toBe('pass');
  });
});

it('a run of a tag or of a branch that is gone does not stand in for the default branch', () => {
  const required = 'checks: { required: [{ name: test, workflow: .github/workflows/ci.yml }] }';
  const red = run({ branch: 'main', jobs: [job({ conclusion: 'failure' })] });
  const green = run({ id: 8, number: 71, branch: 'v1.0.0' });
  const judged = (...runs: (typeof red)[]) =>
    judge(required, checksSeen({ runs, defaultBranch: 'main' })).result;
  expect(judged(red, green)).toBe('fail');
  expect(judged(green)).toBe('pass');
  expect(judged({ ...red, branch: null }, green)).toBe('fail');
});

it('a check of GitHub Actions by its id on another server is refused: any job can post it', () => {
  const posted = {
    id: 1,
    name: 'scan',
    app: { id: 3, slug: 'github-actions' },
    run: null,
    status: 'completed',
    conclusion: 'success',
    url: '',
  };
  const [gate] = judge(
    'checks: { required: [{ name: scan, app: 3 }] }',
    checksSeen({ posted: [posted] }),
  ).gates;
  expect(gate).toMatchObject({ result: 'fail', reason: expect.stringContaining('is GitHub Actions') });
});
