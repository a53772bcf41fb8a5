import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cdPath, gateStage, policyPath, type GateStage } from '../stage.js';

/* A pull request is approved as it ends. What it had in between was never approved by itself. */

let world: GateStage;
const git = (...args: string[]) => world.git(...args);

beforeAll(async () => {
  world = await gateStage();
  const sha = world.push({
    'src/cart.ts': 'broken',
    [policyPath]:
      "version: 1\nenvironments: { production: { gates: { branch: [main, 'hotfix/*'], approvals: {}, hotfix: { tests: ['test/**'] } } } }\n",
  });
  const runId = world.ran({ sha, path: cdPath });
  await world.deployed({ service: 'shop', environment: 'production', sha, runId });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

describe.each(['merge', 'rebase'] as const)(
  'Begin a hotfix in the middle of an approved one (%s)',
  (method) => {
    it('what that one took out again by its last commit is in it, approved by nobody: refused by both gates', async () => {
      const branch = `hotfix/first-${method}`;
      git('checkout', '-q', '-b', branch, 'main');
      world.push(
        { [`src/${method}-door.ts`]: 'open', [`test/${method}.test.ts`]: 'shows the fault' },
        'Fix, with a door',
      );
      git('rm', '-q', `src/${method}-door.ts`);
      git('commit', '-q', '-m', 'No door');
      git('checkout', '-q', 'main');
      const octocat = await world.as('octocat');
      const { number } = await octocat.rest('POST /repos/{owner}/{repo}/pulls', {
        title: 'Fix',
        head: branch,
        base: 'main',
      });
      await world.review(number, 'hubot');
      const { sha: merged } = await octocat.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
        pull_number: number,
        merge_method: method,
      });
      git('reset', '-q', '--hard', 'main');
      const whole = await world.check({ service: 'shop', sha: merged, runId: 1, kind: 'hotfix' });
      expect(whole.gates).toMatchObject({ approvals: { result: 'pass' }, hotfix: { result: 'pass' } });

      const middle = method === 'merge' ? `${merged}^2~1` : `${merged}~1`;
      const second = await world.pull({
        branch: `hotfix/second-${method}`,
        from: middle,
        files: { [`src/${method}.ts`]: 'fixed', [`test/${method}-2.test.ts`]: 'shows it' },
        method: false,
      });
      expect(git('show', `${second.sha}:src/${method}-door.ts`)).toBe('open');
      const { result, gates } = await world.check({
        service: 'shop',
        sha: second.sha,
        runId: 1,
        kind: 'hotfix',
      });
      expect(result).toBe('fail');
      for (const gate of ['approvals', 'hotfix'])
        expect(gates[gate]).toMatchObject({
          result: 'fail',
          reason: expect.stringContaining('has later commits that this release lacks'),
        });
    });
  },
);
