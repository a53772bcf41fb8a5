import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findLive } from '../../../../actions/gate-check/evidence/ledger/live.js';
import { githubRefStore } from '../../../../shared/ledger/refs/refs.js';
import { stateRef } from '../../../../shared/ledger/names.js';
import type { DeploymentRecord } from '../../../../shared/ledger/record.js';
import { record } from '../facts.js';
import { cdPath, ciPath, gateStage, policyPath, type GateStage } from '../stage.js';

const live = (...records: DeploymentRecord[]) =>
  findLive((some) => Promise.resolve([...some] as never), records);

const older = record({
  id: 1,
  changes: [
    ['success', 120],
    ['inactive', 60],
  ],
});
const newest = record({ id: 2, changes: [['success', 60]] });

it('Delete the Deployment of what is live, so that older code looks newer: it is not known what is live', async () => {
  expect((await live(older, newest))?.id).toBe(2);
  await expect(live(older)).rejects.toThrow('no Deployment says what is live since');
});

describe('Delete all Deployments of a service, so that old code looks like a first release', () => {
  let world: GateStage;
  let sha: string;
  beforeAll(async () => {
    world = await gateStage();
    policy();
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  const gates = 'gates: { monotonic: true, promotion: { from: staging } }';
  const policy = (first = '') => {
    const place = (name: string) => `${name}: { ${gates}${first} }`;
    sha = world.push({
      [policyPath]: `version: 1\nenvironments: { ${place('production')}, ${place('Staging')}, QA: { gates: { monotonic: true } } }\n`,
    });
  };
  const ask = async (service: string, environment = 'production', runId = 1) =>
    (await world.check({ service, sha, runId, environment })).gates['monotonic']!;
  const released = (service: string, fields: { job?: string; environment?: string; path?: string } = {}) => {
    const { environment = 'production', ...run } = fields;
    const runId = world.ran({ sha, path: cdPath, ...run });
    return world.deployed({ service, environment, sha, runId });
  };
  const remove = (id: number) => world.server.control.removeDeployment(id);
  const fails = (why: string) => ({
    result: 'fail',
    reason: expect.stringContaining(why) as unknown,
  });

  it('a service of which nothing is known passes as the first deployment', async () => {
    expect(await ask('fresh')).toMatchObject({
      result: 'pass',
      reason: 'first deployment: the ledger has nothing live in production',
    });
  });

  it('a release to another environment, and one of another service, do not contradict it', async () => {
    await released('elsewhere', { job: 'CD / Staging / Release', environment: 'staging' });
    await released('other', { job: 'CD / Production / Release' });
    expect(await ask('elsewhere')).toMatchObject({ result: 'pass' });
  });

  it('hundreds of runs by a schedule, which watch and release nothing, do not contradict it', async () => {
    const job = 'Watch / production';
    for (let made = 0; made < 101; made++) world.ran({ sha, path: cdPath, job, event: 'schedule' });
    expect(await ask('fresh')).toMatchObject({ result: 'pass' });
  });

  it('a run that failed, of another workflow, or for a pull request does not contradict it', async () => {
    const job = 'CD / Production / Release';
    world.ran({ sha, path: cdPath, job, conclusion: 'failure' });
    world.ran({ sha, path: ciPath, job });
    world.ran({ sha, path: cdPath, job, event: 'pull_request' });
    world.ran({ sha, path: cdPath, job: 'CD / Preproduction / Release' });
    expect(await ask('fresh')).toMatchObject({ result: 'pass' });
  });

  it('a run that went well with a job for the environment contradicts it, and the fix is named', async () => {
    const id = await released('shop', { job: 'CD / Production / Release' });
    expect(await ask('shop')).toMatchObject({ result: 'pass' });
    remove(id);
    const { result, reason } = await ask('shop');
    expect(result).toBe('fail');
    expect(reason).toContain('the job "CD / Production / Release" of run #');
    expect(reason).toContain('mode: adopt');
    expect(reason).toContain(`name shop under first-release of the environment production in ${policyPath}`);
    // Every other gate that compares with what is live fails with it.
    const other = await world.check({ service: 'shop', sha, runId: 1 });
    expect(other.result).toBe('fail');
  });

  it('a run that went well by the very job that asks contradicts it, where no Deployment says what it released', async () => {
    const environment = 'Staging';
    const job = 'Ship it';
    const id = await released('named', { job, environment });
    const asking = () => {
      const { control } = world.server;
      const runId = world.ran({ sha, path: cdPath, job: 'build' });
      control.progressRun(runId, { status: 'in_progress', conclusion: null });
      const { id: jobId } = control.addJob(runId, { name: job, key: 'ship' });
      control.progressJob(jobId, { status: 'in_progress' });
      return runId;
    };
    expect(await ask('another', environment, asking())).toMatchObject({ result: 'pass' });
    remove(id);
    expect(await ask('another', environment, asking())).toMatchObject(fails('the job "Ship it" of run #'));
  });

  it('newer runs that released elsewhere do not hide it; where they are too many to look at, it is unknown', async () => {
    const environment = 'QA';
    const id = await released('buried', { job: 'QA / Release', environment });
    expect(await ask('fresh', environment)).toMatchObject({ result: 'pass' });
    const more = (count: number) => {
      for (let made = 0; made < count; made++) world.ran({ sha, path: cdPath, job: 'CD / Elsewhere' });
    };
    more(20);
    remove(id);
    expect(await ask('buried', environment)).toMatchObject(fails('the job "QA / Release" of run #'));
    more(25);
    expect(await ask('buried', environment)).toMatchObject(
      fails('went well than are looked into (40), and one of the others may have released it'),
    );
    expect(await ask('fresh', environment)).toMatchObject({ result: 'fail' });
    policy(', first-release: [buried]');
    expect(await ask('buried')).toMatchObject({ result: 'pass' });
    policy();
  });

  it('Deployments under another spelling of the environment contradict it', async () => {
    await released('spelled', { environment: 'qa' });
    expect(await ask('spelled', 'QA')).toMatchObject(
      fails('is of the environment "qa": write that name in the policy'),
    );
  });

  it.each([
    ['a watch', 'watch', '{}', 'says that a release is watched'],
    ['a lock that cannot be understood', 'lock', '{}', 'cannot be understood'],
  ] as const)('%s contradicts it', async (_, kind, text, why) => {
    const service = `held-${kind}`;
    const store = githubRefStore(await world.as('octocat'));
    await store.write(stateRef('production', service, kind), undefined, text, 'A state');
    expect(await ask(service)).toMatchObject(fails(why));
  });

  it('what contradicts it cannot be read: that is unknown, and does not pass', async () => {
    const { control } = world.server;
    control.addFault({ method: 'GET', path: '/actions/workflows/cd.yml/runs', status: 502, times: 9 });
    try {
      expect((await ask('fresh')).result).toBe('fail');
    } finally {
      control.clearFaults();
    }
  });

  it('the policy says which services are new: those pass, no other one does, and what is live is to be taken out', async () => {
    policy(', first-release: [shop]');
    const first = await world.check({ service: 'SHOP', sha, runId: 1 });
    expect(first.gates['monotonic']).toMatchObject({
      result: 'pass',
      reason: expect.stringContaining('the policy names the service under first-release'),
    });
    expect(first.summary).toContain('is the first: the policy says so under first-release');
    expect(await ask('fresh')).toMatchObject(fails('the policy names shop under first-release'));
    await released('shop');
    expect(await ask('shop')).toMatchObject({
      result: 'pass',
      notes: [expect.stringContaining('still names it under first-release')],
    });
    policy(', first-release: []');
    expect(await ask('shop')).toMatchObject({ result: 'pass', notes: [] });
    expect(await ask('fresh')).toMatchObject(fails('the policy names no service under first-release'));
  });
});
