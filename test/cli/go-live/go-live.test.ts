import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../cli/steps/go-live.js';
import { cdPath, digest, gateStage, type GateStage } from '../../actions/gate-check/stage.js';
import { testHost } from '../../support/runner/host.js';

const own = '.github/workflows/go-live.yml';
const file = `version: 1
services:
  - { name: auth, rank: 1 }
  - { name: orders, rank: 2 }
`;

describe('the action, with the ledger of a repository', () => {
  let world: GateStage;
  let sha: string;
  let cd: number;
  beforeEach(async () => {
    world = await gateStage();
    sha = world.push({ '.github/go-live.yml': file });
    cd = world.ran({ sha, path: cdPath });
  });
  afterEach(() => world.close());

  const proved = (service: string, more: object = {}) =>
    world.deployed({ service, environment: 'staging', sha, runId: cd, ...more });
  const run = async (given: object, permissions: object = {}) => {
    const { token } = world.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { contents: 'read', deployments: 'read', actions: 'read', ...permissions },
    });
    const host = testHost({
      context: { apiUrl: world.server.url, sha, workflowRef: `acme/shop/${own}@refs/heads/main` },
    });
    return action.run(action.inputs.parse({ 'github-token': token, ...given }), host);
  };

  it('says what goes out in which rank, with what staging proved', async () => {
    await proved('auth');
    await proved('orders');
    const { outputs } = await run({ mode: 'plan' });
    expect(outputs).toMatchObject({
      result: 'planned',
      'release-id': `go-live-${sha.slice(0, 12)}`,
      database: '[]',
    });
    expect(JSON.parse(outputs['rank-1']!)).toMatchObject([
      { service: 'auth', version: '1.0.0', digest, backup: 'true' },
    ]);
    expect(JSON.parse(outputs['rank-2']!)).toMatchObject([{ service: 'orders' }]);
    expect(outputs['release-workflows']).toBe(`${cdPath}\n${own}`);
  });

  it('leaves out what is live already', async () => {
    await proved('auth');
    await proved('orders');
    await world.deployed({ service: 'auth', environment: 'production', sha, runId: cd });
    const { outputs } = await run({ mode: 'plan' });
    expect([outputs['rank-1'], JSON.parse(outputs['rank-2']!)]).toMatchObject([
      '[]',
      [{ service: 'orders' }],
    ]);
  });

  it('reads the plan of the default branch, whatever the released commit says', async () => {
    await proved('auth');
    await proved('orders');
    world.git('checkout', '-q', '-b', 'side');
    sha = world.push({ '.github/go-live.yml': file.replace(/.*orders.*\n/, '') });
    await expect(run({ mode: 'plan' })).rejects.toThrow(/orders: 1\.0\.0 of commit/);
  });

  it.each([
    ['a workflow that may not release', { path: '.github/workflows/mine.yml' }],
    ['somebody who does not write the ledger', { by: 'octocat' }],
  ])('does not believe a record of %s', async (_, { path, by }: { path?: string; by?: string }) => {
    await proved('auth');
    const runId = path === undefined ? cd : world.ran({ sha, path });
    await proved('orders', { runId, ...(by === undefined ? {} : { by }) });
    await expect(run({ mode: 'plan' })).rejects.toThrow(/go-live\.yml:4.*services\.1\.name[\s\S]*orders/);
  });

  it('names the permission that is missing', async () => {
    await expect(run({ mode: 'plan' }, { deployments: undefined })).rejects.toThrow(/deployments: read/);
  });

  it('takes no plan of somebody else for the one of this run', () => {
    expect(() => action.inputs.parse({ mode: 'decide', plan: '{"services":[]}' })).toThrow(
      /of mode plan in this run/,
    );
    expect(() => action.inputs.parse({ mode: 'decide' })).toThrow(/for mode decide/);
  });

  it.each([
    ['this run', true],
    ['an earlier run on the same commit, which a re-run of this one must not touch', false],
  ])('takes back what was released by %s: %s', async (_, mine) => {
    await proved('auth');
    await proved('orders');
    const { outputs } = await run({ mode: 'plan' });
    const start = () => world.ran({ sha, path: own, event: 'workflow_dispatch', job: 'Go live / Plan' });
    const [runId, other] = [start(), start()];
    const id = await world.deployed({
      service: 'auth',
      environment: 'production',
      sha,
      runId: mine ? runId : other,
      payload: { releaseId: outputs['release-id']! },
    });
    const { token } = world.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { contents: 'read', deployments: 'read', actions: 'read' },
    });
    const host = testHost({ context: { apiUrl: world.server.url, sha, runId, attempt: 2 } });
    const given = { mode: 'decide', plan: outputs.plan!, 'github-token': token };
    const decided = await action.run(action.inputs.parse(given), host);
    const back = JSON.parse(decided.outputs['back-1']!) as { deployment: string }[];
    expect(back.map(({ deployment }) => deployment)).toEqual(mine ? [String(id)] : []);
    expect(decided.report.notes.join()).toMatch(
      /attempt 2, and the plan is of attempt 1.*releases nothing.*Re-run all jobs/,
    );
  });

  it('says before anything moves that the commit lacks what comes last: the verification and the way to the CDN', async () => {
    const more = file
      .replace('rank: 2 }', "rank: 2, cdn: true, url: 'https://shop.test' }")
      .concat("verify: { url: 'https://shop.test' }\n");
    sha = world.push({ '.github/go-live.yml': more });
    cd = world.ran({ sha, path: cdPath });
    await proved('auth');
    await proved('orders');
    const error: unknown = await run({ mode: 'plan' }).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/go-live\.yml:5.*verify[\s\S]*smoke-go-live\.yml, which commit/);
    expect(String(error)).toMatch(/go-live\.yml:4.*services\.1\.cdn[\s\S]*deploy\/invalidate/);
    sha = world.push({ '.github/smoke-go-live.yml': 'version: 1\n', 'deploy/invalidate': '#!/bin/sh\n' });
    cd = world.ran({ sha, path: cdPath });
    await proved('auth');
    await proved('orders');
    expect((await run({ mode: 'plan' })).outputs.result).toBe('planned');
  });

  it('with no job of this run and nothing live: nothing has to go back, and the report is red', async () => {
    await proved('auth');
    await proved('orders');
    const { outputs } = await run({ mode: 'plan' });
    const plan = outputs.plan!;
    const runId = world.ran({ sha, path: own, event: 'workflow_dispatch', job: 'Go live / Plan' });
    const host = testHost({ context: { apiUrl: world.server.url, sha, runId } });
    const { token } = world.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { contents: 'read', deployments: 'read', actions: 'read' },
    });
    const decided = await action.run(
      action.inputs.parse({ mode: 'decide', plan, 'github-token': token }),
      host,
    );
    expect([decided.ok, decided.outputs['back-1'], decided.outputs['back-2']]).toEqual([true, '[]', '[]']);
    const report = await action.run(
      action.inputs.parse({ mode: 'report', plan, 'github-token': token }),
      host,
    );
    expect([report.ok, report.outputs.result]).toEqual([false, 'stopped']);
  });
});
