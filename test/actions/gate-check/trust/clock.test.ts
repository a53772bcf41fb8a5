import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { action } from '../../../../actions/gate-check/main.js';
import { testHost } from '../../../support/runner/host.js';
import { digest, gateStage, policyPath, type GateStage } from '../stage.js';

let world: GateStage;
beforeAll(async () => {
  world = await gateStage();
  world.push({
    [policyPath]:
      'version: 1\nenvironments: { production: { gates: { promotion: { from: staging, soak: 30m } } } }\n',
  });
});
afterAll(() => world.close());

describe("Turn back or forward the runner's clock", () => {
  it.each([
    ['a clock that is 30 minutes fast does not end a soak of 30 minutes early', 30, 'ahead of'],
    ['one that is 5 minutes slow does not soak for less than nothing', -5, 'behind'],
  ])('%s, and the runner is told so', async (_, minutes, where) => {
    const sha = world.push({ 'app.txt': String(minutes) });
    const runId = world.ran({ sha, path: '.github/workflows/cd.yml' });
    await world.deployed({ service: `shop${minutes}`, environment: 'staging', sha, runId });
    const { token } = world.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { contents: 'read', deployments: 'read', actions: 'read' },
      runId,
    });
    const host = testHost({ context: { apiUrl: world.server.url, serverUrl: world.server.url, runId, sha } });
    const clock = { ...host.clock, now: () => Date.now() + minutes * 60_000 };
    const input = action.inputs.parse({
      environment: 'production',
      service: `shop${minutes}`,
      sha,
      digest,
      'github-token': token,
    });
    const outcome = await action.run(input, { ...host, clock });
    expect(outcome.outputs.result).toBe('hold');
    expect(outcome.message).toMatch(/soaking in staging for \d/);
    expect(outcome.annotations?.map(({ message }) => message).join()).toContain(`${where} GitHub's`);
  });
});
