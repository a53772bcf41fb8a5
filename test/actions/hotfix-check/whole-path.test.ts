import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/hotfix-check/main.js';
import { openIncident } from '../../../shared/ledger/incidents.js';
import { testHost } from '../../support/runner/host.js';
import { cdPath, gateStage, policyPath, type GateStage } from '../gate-check/stage.js';

/** A freeze of each day stands for Friday, on whatever day this runs. */
const policy = `version: 1
environments:
  production:
    gates:
      branch: [main, 'hotfix/*']
      approvals: { count: 1 }
      hotfix: { tests: ['test/**'], max-files: 3, severity: high }
      version: {}
      release-candidate: { let-hotfix: true }
      monotonic: true
      incidents: { block-at: high, let-hotfix: true }
      window:
        timezone: Europe/Madrid
        freeze:
          - { days: mon-sun, reason: No deploys on Fridays, let-hotfix: high }
`;

describe('an urgent fix on a Friday, while an ordinary release waits', () => {
  let world: GateStage;
  let feature: string;
  let fix: { number: number; sha: string };
  const permissions = {
    pull_requests: 'read',
    issues: 'read',
    actions: 'read',
    contents: 'read',
    deployments: 'read',
  } as const;
  const gate = (sha: string, kind: 'release' | 'hotfix', pull?: number) =>
    world.check({ service: 'shop', sha, runId: 1, kind, ...(pull === undefined ? {} : { pull }) });
  const goLive = async (sha: string, version: string, branch = 'main') => {
    const runId = world.ran({ sha, path: cdPath, branch, job: 'CD / Production / Release' });
    const payload = { version };
    await world.deployed({ service: 'shop', environment: 'production', sha, runId, payload });
    return runId;
  };
  const ask = async (mode: 'kind' | 'delivered', sha: string, runId = 1) => {
    const { token } = world.server.control.addToken({ actor: 'github-actions[bot]', permissions });
    const input = { mode, service: 'shop', environment: 'production', 'github-token': token };
    const { url } = world.server;
    return action.run(
      action.inputs.parse(input),
      testHost({ context: { apiUrl: url, serverUrl: url, sha, runId } }),
    );
  };

  beforeAll(async () => {
    world = await gateStage();
    const live = world.push({ [policyPath]: policy, 'src/cart.ts': 'broken' });
    world.git('tag', 'v1.4.1', live);
    await goLive(live, '1.4.1');
    world.git('branch', 'develop');
    ({ sha: feature } = await world.pull({ branch: 'feature/app', files: { 'src/app.ts': 'new' } }));
    world.git('tag', 'v1.5.0', feature);
    world.git('tag', 'v1.5.0-rc.1', feature);
    const suite = await world.as('github-actions[bot]', { issues: 'write' });
    await openIncident(suite, {
      title: 'Cart is broken',
      body: 'It is.',
      marker: {
        schema: 'devops-actions/incident@1',
        openedAt: '2026-11-28T10:00:00Z',
        fingerprint: 'cart',
        service: 'shop',
        environment: 'production',
        severity: 'high',
      },
    });
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  it('the release does not go out: incident and Friday hold it', async () => {
    const { ok, gates } = await gate(feature, 'release');
    expect([ok, gates['incidents']!.result, gates['window']!.reason]).toEqual([
      false,
      'fail',
      expect.stringContaining('No deploys on Fridays'),
    ]);
  });

  it('the fix from the production tag may go out from its branch, as its pull request reads before any review', async () => {
    const files = { 'src/cart.ts': 'fixed', 'test/cart.ts': 'shows it' };
    fix = await world.pull({
      branch: 'hotfix/cart',
      from: 'v1.4.1',
      files,
      approvedBy: false,
      method: false,
    });
    const { ok, verdict, gates, message } = await gate(fix.sha, 'hotfix', fix.number);
    expect([ok, verdict]).toEqual([true, '']);
    expect(message).toContain('run the workflow that releases on hotfix/cart with kind: hotfix');
    for (const name of ['incidents', 'window', 'release-candidate'])
      expect([name, gates[name]!.result]).toEqual([name, 'pass']);
  });

  it('without an approval it does not go out, whatever its pull request reads', async () => {
    world.git('tag', 'v1.4.2', fix.sha);
    const { ok, gates } = await gate(fix.sha, 'hotfix');
    expect([ok, gates['hotfix']!.reason]).toEqual([false, expect.stringContaining('approved by nobody')]);
  });

  it('approved, it goes out past Friday, and who let it is in the verdict', async () => {
    await world.review(fix.number, 'hubot');
    expect((await ask('kind', fix.sha)).outputs.kind).toBe('hotfix');
    const { ok, verdict } = await gate(fix.sha, 'hotfix');
    expect(ok).toBe(true);
    const { waivers } = JSON.parse(verdict) as { waivers: { gate: string; by: string }[] };
    expect(waivers.map(({ gate: name, by }) => `${name} by ${by}`).sort()).toEqual([
      'incidents by hubot',
      'release-candidate by hubot',
      'window by hubot',
    ]);
  });

  it('a commit pushed after the approval does not', async () => {
    world.git('checkout', '-q', 'hotfix/cart');
    const second = world.push({ 'src/cart.ts': 'fixed, and more' });
    world.git('checkout', '-q', 'main');
    const { ok, gates } = await gate(second, 'hotfix');
    expect([ok, gates['hotfix']!.result]).toEqual([false, 'fail']);
    world.git('branch', '-f', 'hotfix/cart', fix.sha);
  });

  it('once it is live, people read its minutes, and that main and develop lack it', async () => {
    const runId = await goLive(fix.sha, '1.4.2', 'hotfix/cart');
    const { report } = await ask('delivered', fix.sha, runId);
    expect(report.delivered).toMatchObject({ environment: 'production', target: 35 });
    expect(report.missing.map(({ branch }) => branch)).toEqual(['main', 'develop']);
  });

  it('the release that waited is refused now: it would take the fix out again', async () => {
    const { gates } = await gate(feature, 'release');
    expect(gates['monotonic']).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('lacks commits'),
    });
  });

  it('merged, the fix goes on with the feature as a release, and develop gets it by main', async () => {
    const read = await gate(fix.sha, 'hotfix', fix.number);
    expect([read.ok, read.message]).toEqual([true, expect.stringContaining('is live in production already')]);
    const octocat = await world.as('octocat');
    const { sha } = await octocat.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
      pull_number: fix.number,
    });
    expect((await ask('kind', sha)).outputs.kind).toBe('release');
    expect((await gate(sha, 'release')).gates['monotonic']!.result).toBe('pass');
    world.git('branch', '-f', 'develop', sha);
    const runId = world.ran({ sha: fix.sha, path: cdPath, branch: 'hotfix/cart' });
    await world.deployed({ service: 'shop', environment: 'production', sha: fix.sha, runId });
    expect((await ask('delivered', fix.sha, runId)).report.missing).toEqual([]);
  });
});
