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
