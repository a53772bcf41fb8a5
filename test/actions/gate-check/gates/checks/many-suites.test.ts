import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { cdPath, ciPath, gateStage, policyPath, type GateStage } from '../../stage.js';

let world: GateStage;
beforeAll(async () => {
  world = await gateStage();
});
afterAll(() => world.close());

/* A schedule makes a suite on the same commit each hour: after five quiet days there are more than GitHub lists at once. */
it('checks behind the first hundred suites of a commit are read, what failed there too', async () => {
  const sha = world.push({
    [policyPath]: `version: 1\nenvironments: { production: { gates: { checks: { required: [{ name: test, workflow: ${ciPath} }] } } } }\n`,
  });
  const nightly = '.github/workflows/nightly.yml';
  for (let hour = 0; hour < 130; hour++)
    world.server.control.addRun({
      ...{ owner: world.at.owner, name: world.at.repo, workflowPath: nightly, workflowName: nightly },
      ...{ event: 'schedule', headSha: sha, headBranch: 'main', actor: 'octocat' },
    });
  const ask = async () => {
    const runId = world.ran({ sha, path: cdPath, job: 'gate' });
    return (await world.check({ service: 'shop', sha, runId })).gates['checks']!;
  };
  expect((await ask()).reason).toContain(`no run of ${ciPath}`);
  world.ran({ sha });
  expect((await ask()).result).toBe('pass');
  world.ran({ sha, conclusion: 'failure' });
  expect((await ask()).result).toBe('fail');
});
