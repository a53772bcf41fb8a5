import { beforeAll, describe, expect, it } from '@jest/globals';
import { policyPath } from '../../stage.js';
import { policyOf, pullStage } from './pull-stage.js';

const stage = pullStage();

describe('a check asked of the merge group', () => {
  beforeAll(() => void stage.world.push({ [policyPath]: policyOf(', on: merge-group') }));
  const queue = 'gh-readonly-queue/main/pr-1';

  it('passes on the commit that the queue tested and put on the branch', async () => {
    const sha = stage.world.push({ 'queued.txt': '1' });
    stage.world.ran({ sha, event: 'merge_group', branch: queue });
    expect((await stage.ask(sha)).result).toBe('pass');
  });

  it('is not made good by a run of a push', async () => {
    const sha = stage.world.push({ 'queued.txt': '2' });
    stage.world.ran({ sha });
    const { result, reason } = await stage.ask(sha);
    expect(result).toBe('fail');
    expect(reason).toContain('(merge_group) on a merge group of this commit or of its files was found');
    expect(reason).toContain('it ran there for push');
  });

  /** The commit of a group, and another one with the same files. */
  function sameFiles(text: string) {
    const group = stage.world.push({ 'queued.txt': text });
    stage.world.git('commit', '-q', '--allow-empty', '-m', 'Bring main to production');
    return { group, sha: stage.world.git('rev-parse', 'HEAD') };
  }

  it('passes for another commit of the same files, by the newest run', async () => {
    const { group, sha } = sameFiles('3');
    stage.world.ran({ sha: group, event: 'merge_group', branch: queue, conclusion: 'failure' });
    stage.world.ran({ sha: group, event: 'merge_group', branch: queue });
    expect((await stage.ask(sha)).result).toBe('pass');
    stage.world.ran({ sha: group, event: 'merge_group', branch: queue, conclusion: 'failure' });
    expect((await stage.ask(sha)).reason).toContain(': failure');
  });

  it('does not pass for other files, of another workflow, or for another event', async () => {
    const { group, sha } = sameFiles('4');
    stage.world.ran({ sha: stage.world.git('rev-parse', `${group}~1`), event: 'merge_group', branch: queue });
    stage.world.ran({ sha: group, event: 'merge_group', branch: queue, path: '.github/workflows/other.yml' });
    stage.world.ran({ sha: group, event: 'workflow_dispatch', branch: queue });
    expect((await stage.ask(sha)).result).toBe('fail');
  });

  it('is that of the released commit, where that was a group of its own', async () => {
    const { group, sha } = sameFiles('5');
    stage.world.ran({ sha: group, event: 'merge_group', branch: queue });
    stage.world.ran({ sha, event: 'merge_group', branch: queue, conclusion: 'failure' });
    expect((await stage.ask(sha)).result).toBe('fail');
  });
});

it('each place has the requests that it needs: two for the pull request, two for each workflow, however often that ran', async () => {
  stage.world.push({ [policyPath]: policyOf(', on: pull-request', ', on: merge-group') });
  const { name, head } = stage.branch();
  const number = await stage.open(name);
  stage.tested(head, name, 'failure');
  stage.tested(head, name);
  stage.world.ran({ sha: head, event: 'merge_group', branch: 'gh-readonly-queue/main/pr-9' });
  const sha = await stage.merge(number);
  const before = stage.world.server.control.requests().length;
  expect((await stage.ask(sha)).result).toBe('pass');
  const requests = stage.world.server.control
    .requests()
    .slice(before)
    .map(({ operation }) => operation);
  expect(requests.filter((operation) => operation === 'GatePullHead')).toHaveLength(1);
  expect(requests.length).toBeLessThanOrEqual(4 + 2 * 2);
});
