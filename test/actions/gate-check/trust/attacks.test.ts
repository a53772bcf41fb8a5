import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkVerdict } from '../../../../shared/contracts/verdict.js';
import { setDeploymentStatus } from '../../../../shared/ledger/deployments.js';
import { ciPath, digest, gateStage, policyPath, workspaceWith, type GateStage } from '../stage.js';

const policy = `
version: 1
environments:
  production:
    gates:
      branch: [main]
      checks: { required: [{ name: test, workflow: ${ciPath}, events: [push] }] }
      promotion: { from: staging }
      monotonic: true
      incidents: { block-at: high }
`;
const openPolicy = "version: 1\nenvironments: { production: { gates: { branch: ['**'] } } }\n";

let world: GateStage;
let releases = 0;

beforeAll(async () => {
  world = await gateStage();
  world.push({ [policyPath]: policy });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

/**
 * A new commit on main, green in CI, live in staging, and the run that asks for production; parts can be left to the
 * test.
 */
async function release(parts: { ci?: string | false; staging?: boolean } = {}) {
  const service = `shop-${++releases}`;
  const sha = world.push({ 'app.txt': service });
  if (parts.ci !== false) world.ran({ sha, conclusion: parts.ci ?? 'success' });
  const runId = world.ran({ sha, path: '.github/workflows/cd.yml', job: 'gate' });
  if (parts.staging !== false) await world.deployed({ service, environment: 'staging', sha, runId });
  return { service, sha, runId };
}

describe('an honest release', () => {
  it('passes, and its verdict is what the switch accepts', async () => {
    const asked = await release();
    const before = world.server.control.requests().length;
    const checked = await world.check(asked);
    expect(checked.message).toContain('may go to production');
    expect(checked.ok).toBe(true);
    const { service, sha, runId } = asked;
    const claim = { environment: 'production', service, sha, digest, runId, attempt: 1, now: Date.now() };
    expect(checkVerdict(checked.verdict, claim).accepted).toBe(true);
    expect(world.server.control.requests().length - before).toBeLessThanOrEqual(10);
  });

  it('passes again over the live release before it', async () => {
    const first = await release();
    await world.deployed({ ...first, environment: 'production' });
    const second = await release({ staging: false });
    await world.deployed({ ...second, service: first.service, environment: 'staging' });
    const { ok, gates } = await world.check({ ...second, service: first.service });
    expect(gates['monotonic']!.reason).toContain('is ahead of');
    expect(ok).toBe(true);
  });
});

describe('Post a green check of the same name from another workflow or App', () => {
  it('posted green by another workflow under the same name does not cover a red one', async () => {
    const asked = await release({ ci: 'failure' });
    const evil = await world.as('github-actions[bot]', { checks: 'write' });
    await evil.rest('POST /repos/{owner}/{repo}/check-runs', {
      name: 'test',
      head_sha: asked.sha,
      status: 'completed',
      conclusion: 'success',
    });
    const { ok, gates } = await world.check(asked);
    expect(ok).toBe(false);
    expect(gates['checks']!.reason).toContain('failure');
    expect(gates['checks']!.notes[0]).toContain(
      'ignored: a check named test (success) posted by github-actions',
    );
  });

  it('that another App posted does not either', async () => {
    const asked = await release({ ci: 'failure' });
    const evil = await world.as('evil[bot]', { checks: 'write' });
    await evil.rest('POST /repos/{owner}/{repo}/check-runs', {
      name: 'test',
      head_sha: asked.sha,
      status: 'completed',
      conclusion: 'success',
    });
    const { result, notes } = (await world.check(asked)).gates['checks']!;
    expect(result).toBe('fail');
    expect(notes[0]).toContain('posted by evil');
  });

  it('does not stand in for a workflow that never ran', async () => {
    const asked = await release({ ci: false });
    const evil = await world.as('github-actions[bot]', { checks: 'write' });
    await evil.rest('POST /repos/{owner}/{repo}/check-runs', {
      name: 'test',
      head_sha: asked.sha,
      status: 'completed',
      conclusion: 'success',
    });
    expect((await world.check(asked)).gates['checks']).toMatchObject({ result: 'fail' });
  });

  it('made by a job of the same name in another workflow, or for another event, is ignored and mentioned', async () => {
    const asked = await release({ ci: false });
    world.ran({ sha: asked.sha, path: '.github/workflows/evil.yml' });
    world.ran({ sha: asked.sha, event: 'workflow_dispatch' });
    const { result, notes } = (await world.check(asked)).gates['checks']!;
    expect(result).toBe('fail');
    expect(notes).toEqual([
      expect.stringContaining('.github/workflows/evil.yml (push)'),
      expect.stringContaining(`${ciPath} (workflow_dispatch)`),
    ]);
  });

  it("is no better as a job of the asking run: that run's checks are left out", async () => {
    const asked = await release({ ci: false });
    const runId = world.ran({ sha: asked.sha });
    const { result, notes } = (await world.check({ ...asked, runId })).gates['checks']!;
    expect(result).toBe('fail');
    expect(notes).toEqual(['left out: test of this very run']);
  });

  it('does not turn a commit without any check green', async () => {
    const service = `shop-${++releases}`;
    const sha = world.push({ 'app.txt': service });
    expect((await world.check({ service, sha, runId: 999_999 })).gates['checks']!.reason).toContain(
      'no run of',
    );
  });
});

const promotion = async (asked: Awaited<ReturnType<typeof release>>) => {
  const { ok, gates } = await world.check(asked);
  expect(ok).toBe(false);
  expect(gates['promotion']!.result).toBe('fail');
  return gates['promotion']!;
};

it('Post it with a token into the very suite of the workflow', async () => {
  const asked = await release({ ci: 'failure' });
  const job = await world.as('github-actions[bot]', { checks: 'write' });
  await job.rest('POST /repos/{owner}/{repo}/check-runs', {
    name: 'test',
    head_sha: asked.sha,
    status: 'completed',
    conclusion: 'success',
  });
  const { result, reason, notes } = (await world.check(asked)).gates['checks']!;
  expect([result, reason]).toEqual(['fail', expect.stringContaining(': failure')]);
  expect(notes).toEqual([expect.stringContaining(`under ${ciPath} (push), which is no job of`)]);
});

describe("Write a Deployment, or a `success` onto one, with a token of one's own", () => {
  it('a Deployment made by a person is shown and not counted', async () => {
    const asked = await release({ staging: false });
    await world.deployed({ ...asked, environment: 'staging', by: 'hubot' });
    expect((await promotion(asked)).notes[0]).toContain('created by hubot, who does not write the ledger');
  });

  it('a success written by a person onto the Deployment of the suite is not counted', async () => {
    const asked = await release({ staging: false });
    const id = await world.deployed({ ...asked, environment: 'staging', states: ['in_progress'] });
    await setDeploymentStatus(await world.as('hubot'), id, 'success', 'trust me');
    expect((await promotion(asked)).reason).toContain('has not succeeded in staging');
  });

  it('a record whose run does not exist is not counted', async () => {
    const asked = await release({ staging: false });
    await world.deployed({ ...asked, environment: 'staging', runId: 987_654 });
    expect((await promotion(asked)).notes[0]).toContain('run 987654 does not exist');
  });
});

describe('Claim the tree or the digest of another commit', () => {
  it('a record with the right digest and another tree is not counted', async () => {
    const asked = await release({ staging: false });
    const other = world.git('rev-parse', 'HEAD~1');
    const runId = world.ran({ sha: other, path: '.github/workflows/cd.yml' });
    await world.deployed({ ...asked, environment: 'staging', sha: other, runId });
    expect((await promotion(asked)).notes[0]).toContain('that of the released commit is');
  });

  it('a record that claims the right tree for a commit of another is not counted', async () => {
    const asked = await release({ staging: false });
    const other = world.git('rev-parse', 'HEAD~1');
    const runId = world.ran({ sha: other, path: '.github/workflows/cd.yml' });
    const tree = world.git('rev-parse', `${asked.sha}^{tree}`);
    await world.deployed({ ...asked, environment: 'staging', sha: other, runId, payload: { tree } });
    expect((await promotion(asked)).notes[0]).toContain('not the one it claims');
  });

  it('a digest that was taken back in production does not go there again', async () => {
    const asked = await release();
    await world.deployed({ ...asked, environment: 'production', states: ['success', 'failure'] });
    expect((await promotion(asked)).reason).toContain('was taken back in production');
  });
});

describe('Soften the policy on the release branch or in the workspace', () => {
  it('counts nothing in the workspace', async () => {
    const workspace = workspaceWith({ [policyPath]: openPolicy });
    try {
      const asked = await release({ ci: 'failure' });
      expect((await world.check({ ...asked, workspace })).gates['checks']!.result).toBe('fail');
    } finally {
      rmSync(workspace, { recursive: true });
    }
  });

  it('counts nothing in the released commit, and that commit is on no allowed branch', async () => {
    world.git('checkout', '-q', '-b', 'sneaky');
    const sha = world.push({ [policyPath]: openPolicy });
    world.git('checkout', '-q', 'main');
    const runId = world.ran({ sha, path: '.github/workflows/cd.yml' });
    const { gates } = await world.check({ service: 'shop', sha, runId });
    expect(gates['branch']!.reason).toContain('is on none of the branches allowed for production');
    expect(gates['checks']!.result).toBe('fail');
  });
});

describe('old code and open incidents', () => {
  it('a commit behind the live one does not go out', async () => {
    const old = await release();
    const live = await release({ staging: false });
    await world.deployed({ ...live, service: old.service, environment: 'production' });
    expect((await world.check(old)).gates['monotonic']!.reason).toContain('is behind');
  });

  it('an open incident at the severity blocks its service only', async () => {
    const asked = await release();
    const other = await release();
    const octocat = await world.as('octocat');
    const labels = ['incident', 'severity:high', `service:${asked.service}`];
    await octocat.rest('POST /repos/{owner}/{repo}/issues', { title: 'Down', labels });
    expect((await world.check(asked)).gates['incidents']!.reason).toContain('open incident #1 (high): Down');
    expect((await world.check(other)).ok).toBe(true);
  });
});

describe('Take a permission from the job, so that something cannot be seen', () => {
  const all = ['contents', 'checks', 'statuses', 'actions', 'deployments', 'issues'];
  it.each([
    // Whether a first deployment is one is told by the runs too.
    ['actions', ['checks', 'promotion', 'monotonic']],
    ['checks', ['checks']],
    ['deployments', ['promotion', 'monotonic']],
    ['issues', ['incidents']],
  ])('without the permission %s the gates %j fail and no others', async (missing, failing) => {
    const asked = await release();
    const permissions = Object.fromEntries(
      all.filter((name) => name !== missing).map((name) => [name, 'read' as const]),
    );
    const { gates } = await world.check({ ...asked, permissions });
    const failed = Object.entries(gates).filter(([, { result }]) => result !== 'pass');
    expect(failed.map(([name]) => name)).toEqual(failing);
    for (const [, { reason }] of failed) expect(reason).toContain(`${missing}: read`);
  });

  it('a commit that does not exist passes nothing', async () => {
    const { ok, gates } = await world.check({ service: 'shop', sha: 'f'.repeat(40), runId: 1 });
    expect(ok).toBe(false);
    expect(gates['checks']!.reason).toContain('has no commit');
  });
});
