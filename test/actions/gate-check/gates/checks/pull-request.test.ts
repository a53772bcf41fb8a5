import { beforeAll, describe, expect, it } from '@jest/globals';
import { ciPath, policyPath } from '../../stage.js';
import { policyOf, pullStage } from './pull-stage.js';

const stage = pullStage();

describe("a check asked of the pull request's head", () => {
  beforeAll(() => void stage.world.push({ [policyPath]: policyOf(', on: pull-request') }));

  it.each(['squash', 'rebase', 'merge'] as const)(
    'passes after a %s, where the head has the files of the released commit',
    async (method) => {
      const { name, head } = stage.branch();
      const number = await stage.open(name);
      stage.tested(head, name);
      const sha = await stage.merge(number, method);
      expect(await stage.ask(sha)).toMatchObject({ result: 'pass' });
    },
  );

  it.each([
    ['failed', 'failure', 'test of run #'],
    ['was skipped', 'skipped', 'counts only with accept-skipped'],
  ])('fails where it %s there, whatever ran on the commit itself', async (_, conclusion, why) => {
    const { name, head } = stage.branch();
    const number = await stage.open(name);
    stage.tested(head, name, conclusion);
    const sha = await stage.merge(number);
    stage.world.ran({ sha });
    const { result, reason } = await stage.ask(sha);
    expect([result, reason]).toEqual(['fail', expect.stringContaining(why)]);
  });

  it('holds while it runs there', async () => {
    const { name, head } = stage.branch();
    const number = await stage.open(name);
    const { control } = stage.world.server;
    const { id } = control.addRun({
      owner: 'acme',
      name: 'shop',
      workflowPath: ciPath,
      workflowName: ciPath,
      event: 'pull_request',
      headSha: head,
      headBranch: name,
      actor: 'octocat',
    });
    control.addJob(id, { name: 'test', key: 'test' });
    const sha = await stage.merge(number);
    expect((await stage.ask(sha)).result).toBe('hold');
  });

  it('fails on a commit that was pushed directly', async () => {
    const sha = stage.world.push({ 'direct.txt': 'pushed' });
    stage.world.ran({ sha });
    expect(await stage.ask(sha)).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('came by no pull request'),
    });
  });

  it('fails on a commit inside of a pull request, which was neither merged nor tested as such', async () => {
    const { name, head: inner } = stage.branch();
    const head = stage.push(name, 'second.txt');
    const number = await stage.open(name);
    stage.tested(inner, name);
    stage.tested(head, name);
    await stage.merge(number, 'merge');
    expect((await stage.ask(inner)).reason).toContain(
      `is in #${number}, and neither its merge nor its last commit`,
    );
  });

  it('takes an open pull request by its last commit', async () => {
    const { name, head } = stage.branch();
    await stage.open(name);
    stage.tested(head, name);
    expect((await stage.ask(head)).result).toBe('pass');
  });

  it('counts pull requests into the default branch, or the one that the policy names', async () => {
    stage.world.git('branch', 'develop', 'main');
    const { name, head } = stage.branch();
    const number = await stage.open(name, 'develop');
    stage.tested(head, name);
    const sha = await stage.merge(number);
    expect((await stage.ask(sha)).reason).toContain('add  into: develop');
    stage.world.push({ [policyPath]: policyOf(', on: pull-request, into: develop') });
    try {
      expect((await stage.ask(sha)).result).toBe('pass');
    } finally {
      stage.world.git('reset', '-q', '--hard', 'HEAD~1');
    }
  });

  it('fails without the permission to read pull requests, and names it', async () => {
    const { name, head } = stage.branch();
    const number = await stage.open(name);
    stage.tested(head, name);
    const sha = await stage.merge(number);
    const permissions = { contents: 'read', checks: 'read', statuses: 'read', actions: 'read' } as const;
    expect((await stage.ask(sha, permissions)).reason).toContain('pull-requests: read');
  });

  describe('Push to the head after its checks, or merge it while it is behind', () => {
    it('fails where main had moved on, since other files were tested than are released', async () => {
      const { name, head } = stage.branch();
      const number = await stage.open(name);
      stage.tested(head, name);
      stage.world.push({ 'moved-on.txt': name });
      const sha = await stage.merge(number);
      const { result, reason } = await stage.ask(sha);
      expect(result).toBe('fail');
      expect(reason).toContain('has other files than the released commit');
      expect(reason).toContain('on: merge-group');
    });

    it('does not take the checks of a commit that was pushed over', async () => {
      const { name, head } = stage.branch();
      const number = await stage.open(name);
      stage.tested(head, name);
      stage.push(name, 'pushed-after.txt');
      const sha = await stage.merge(number);
      expect((await stage.ask(sha)).reason).toContain(`on the head of #${number} was found`);
    });

    it('keeps its head when somebody pushes onto the branch after the merge', async () => {
      const { name, head } = stage.branch();
      const number = await stage.open(name);
      stage.tested(head, name, 'failure');
      const sha = await stage.merge(number);
      stage.tested(stage.push(name, 'too-late.txt'), name);
      expect((await stage.ask(sha)).reason).toContain(': failure');
    });
  });
});
