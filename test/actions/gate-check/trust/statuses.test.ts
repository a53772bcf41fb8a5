import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setDeploymentStatus } from '../../../../shared/ledger/deployments.js';
import { judge, ledger, record } from '../facts.js';
import { ciPath, gateStage, policyPath, type GateStage } from '../stage.js';

const policy = `
version: 1
environments:
  production: { gates: { promotion: { from: staging }, monotonic: true } }
`;

let world: GateStage;
let services = 0;

beforeAll(async () => {
  world = await gateStage();
  world.push({ [policyPath]: policy });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

const cd = '.github/workflows/cd.yml';
const commit = () => {
  const sha = world.push({ 'app.txt': String(Math.random()) });
  return { sha, runId: world.ran({ sha, path: cd, job: 'release' }) };
};
const service = () => `shop-${++services}`;
const logOf = (runId: number) =>
  `${world.server.url}/${world.at.owner}/${world.at.repo}/actions/runs/${runId}`;
const bot = () => world.as('github-actions[bot]', { deployments: 'write' });
const say = async (id: number, state: 'success' | 'inactive' | 'failure', log?: string) =>
  setDeploymentStatus(await bot(), id, state, 'said', log === undefined ? {} : { log });
const gatesOf = async (name: string, asked: { sha: string; runId: number }) =>
  (await world.check({ service: name, ...asked })).gates;

describe('Write `inactive` onto what is live, so that older code looks newer', () => {
  it.each(['GitHub itself, or a bot that names no run', 'a run of another workflow'])(
    'an inactive by %s ends nothing, and old code is still behind what is live',
    async (by) => {
      const name = service();
      const old = commit();
      const live = commit();
      const id = await world.deployed({ service: name, environment: 'production', ...live });
      await say(
        id,
        'inactive',
        by.startsWith('GitHub') ? undefined : logOf(world.ran({ sha: live.sha, path: ciPath })),
      );
      expect((await gatesOf(name, old))['monotonic']).toMatchObject({
        result: 'fail',
        reason: expect.stringContaining('is behind'),
      });
      expect((await gatesOf(name, commit()))['monotonic']!.result).toBe('pass');
    },
  );

  it('an inactive before the success ends nothing', async () => {
    const name = service();
    const old = commit();
    const live = commit();
    const id = await world.deployed({ service: name, environment: 'production', ...live, states: [] });
    await say(id, 'inactive');
    await say(id, 'success');
    expect((await gatesOf(name, old))['monotonic']!.reason).toContain('is behind');
  });

  it('a success of an older record by a run of another workflow makes nothing live', async () => {
    const name = service();
    const [older, old, live] = [commit(), commit(), commit()];
    const abandoned = await world.deployed({
      service: name,
      environment: 'production',
      ...older,
      states: [],
    });
    await world.deployed({ service: name, environment: 'production', ...live });
    await say(abandoned, 'success', logOf(world.ran({ sha: old.sha, path: ciPath })));
    expect((await gatesOf(name, old))['monotonic']!.reason).toContain('is behind');
  });

  it.each(['rolled back', 'superseded'] as const)(
    'a release that succeeded last and was %s, with nothing after it, is unknown and does not pass as a first deployment',
    async (how) => {
      const name = service();
      const old = commit();
      const live = commit();
      const id = await world.deployed({ service: name, environment: 'production', ...live });
      await say(id, how === 'superseded' ? 'inactive' : 'failure', logOf(commit().runId));
      const gate = (await gatesOf(name, old))['monotonic']!;
      expect(gate.result).toBe('fail');
      expect(gate.reason).toContain(`succeeded last and was ${how}`);
    },
  );

  it('a switch supersedes the release before it by naming its run, and the newer one is live', async () => {
    const name = service();
    const [first, second] = [commit(), commit()];
    const id = await world.deployed({ service: name, environment: 'production', ...first });
    await world.deployed({ service: name, environment: 'production', ...second });
    await say(id, 'inactive', logOf(second.runId));
    expect((await gatesOf(name, first))['monotonic']!.reason).toContain('is behind');
    expect((await gatesOf(name, commit()))['monotonic']!.result).toBe('pass');
  });
});

describe("Write a `success` onto a Deployment of staging with a token of one's own", () => {
  const staged = async (states: ('in_progress' | 'success' | 'failure')[]) => {
    const name = service();
    const asked = commit();
    const id = await world.deployed({ service: name, environment: 'staging', ...asked, states });
    return { id, promotion: async () => (await gatesOf(name, asked))['promotion']! };
  };

  it('a success onto a failed record of staging does not pass', async () => {
    const { id, promotion } = await staged(['failure']);
    await say(id, 'success');
    const gate = await promotion();
    expect(gate.result).toBe('fail');
    expect(gate.notes.join()).toContain('the deployment had failed before');
  });

  it('a success that names a run of another workflow, or no run, does not pass', async () => {
    for (const log of [logOf(world.ran({ sha: commit().sha, path: ciPath })), 'https://ci.example/42']) {
      const { id, promotion } = await staged(['in_progress']);
      await say(id, 'success', log);
      expect((await promotion()).result).toBe('fail');
    }
  });

  it('a success that names the run of the release passes', async () => {
    const { id, promotion } = await staged(['in_progress']);
    await say(id, 'success', logOf(commit().runId));
    expect((await promotion()).result).toBe('pass');
  });
});

describe('a soak', () => {
  const soaking = (...records: ReturnType<typeof record>[]) =>
    judge('promotion: { from: staging, soak: 10m }', ledger(...records));
  const other = (changes: [state: 'success', minutesAgo: number][], doubts: string[] = []) =>
    record({ id: 42, payload: { digest: `sha256:${'e'.repeat(64)}` }, changes, doubts });

  it('that the next success cut short fails, though its inactive was never written', () => {
    const { result, gates } = soaking(other([['success', 55]]), record());
    expect(result).toBe('fail');
    expect(gates[0]!.reason).toContain('for only 5 min of 10 min');
  });

  it('is not cut short by a success that does not count', () =>
    expect(soaking(other([['success', 55]], ['its run does not exist']), record()).result).toBe('pass'));

  it('that ended before the next success passes for the time it had', () =>
    expect(soaking(other([['success', 45]]), record()).result).toBe('pass'));
});
