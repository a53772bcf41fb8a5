import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allWrite } from '../../../rehearsal/github/support.js';
import { cdPath, gatePermissions, gateStage, policyPath, type GateStage } from '../stage.js';

const gates = `
  approvals: {}
  hotfix: { tests: ['test/**'] }
  documented: [{ changes: ['src/**'], docs: ['docs/**'] }]
  version: {}
  release-candidate: {}
  environment: {}
`;
const policy = `version: 1\nenvironments:\n  production:\n    gates:${gates.replaceAll('\n', '\n    ')}`;

let world: GateStage;
let live: string;
let release: string;

beforeAll(async () => {
  world = await gateStage();
  live = world.push({ [policyPath]: policy });
  const runId = world.ran({ sha: live, path: cdPath });
  await world.deployed({
    service: 'shop',
    environment: 'production',
    sha: live,
    runId,
    payload: { version: '1.4.1' },
  });
  const { id } = world.server.control.addUser({ login: 'mona', role: 'maintain' });
  const admin = world.octokit('octocat', allWrite);
  const at = { ...world.at, environment_name: 'production' };
  await admin.request('PUT /repos/{owner}/{repo}/environments/{environment_name}', {
    ...at,
    reviewers: [{ type: 'User', id }],
    prevent_self_review: true,
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  });
  await admin.request(
    'POST /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies',
    {
      ...at,
      name: 'main',
    },
  );
  world.server.control.setAdminBypass({
    owner: at.owner,
    name: at.repo,
    environment: 'production',
    allowed: false,
  });
  const files = { 'src/app.ts': 'app', 'docs/app.md': 'app' };
  ({ sha: release } = await world.pull({ branch: 'feature/app', files, method: 'squash' }));
  world.git('tag', 'v1.5.0-rc.1', release);
  world.git('tag', '-a', 'v1.5.0', '-m', 'Release', release);
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

const check = (sha: string, permissions = gatePermissions) =>
  world.check({ service: 'shop', sha, runId: 1, permissions });

describe('the gates about the code, against GitHub', () => {
  it('pass an approved, documented, tagged release to a protected environment', async () => {
    const { ok, message } = await check(release);
    expect(message).toContain(
      'approvals, hotfix, documented, version, release-candidate, environment passed',
    );
    expect(ok).toBe(true);
  });

  it.each([
    ['pull_requests', ['approvals', 'hotfix', 'documented']],
    ['deployments', ['approvals', 'hotfix', 'documented', 'version']],
    ['issues', ['hotfix']],
    ['actions', ['approvals', 'hotfix', 'documented', 'version', 'environment']],
  ])('fail without the permission %s where they need it: %j', async (lacking, failing) => {
    const { [lacking]: _, ...permissions } = gatePermissions;
    const { gates: found } = await check(release, permissions);
    const failed = Object.entries(found).filter(([, { result }]) => result === 'fail');
    expect(failed.map(([name]) => name)).toEqual(failing);
    for (const [, { reason }] of failed) expect(reason).toContain(`${lacking.replace('_', '-')}: read`);
  });

  it('fail on a commit that was pushed directly, says nothing in the docs and has no tag', async () => {
    const pushed = world.push({ 'src/app.ts': 'sneaked in' });
    const { gates: found } = await check(pushed);
    expect(found['approvals']!.reason).toContain('pushed without a pull request');
    expect(found['documented']).toMatchObject({ result: 'pass' });
    expect(found['version']!.reason).toContain('no tag of a version');
    expect(found['release-candidate']!.result).toBe('fail');
    world.git('reset', '-q', '--hard', release);
  });

  it('fail once administrators may bypass the rules of the environment', async () => {
    const bypass = { ...world.at, owner: world.at.owner, name: world.at.repo, environment: 'production' };
    world.server.control.setAdminBypass({ ...bypass, allowed: true });
    expect((await check(release)).gates['environment']!.reason).toContain('administrators may bypass');
    world.server.control.setAdminBypass({ ...bypass, allowed: false });
  });

  it('a second push by the approver, under the name of the author or his own, does not count as approved', async () => {
    const { number, sha } = await world.pull({
      branch: 'feature/two',
      files: { 'docs/two.md': '2' },
      method: false,
    });
    world.git('checkout', '-q', 'feature/two');
    const second = world.push({ 'docs/two.md': 'other' });
    world.git('checkout', '-q', 'main');
    expect((await check(sha)).gates['approvals']!.result).toBe('fail');
    const { gates: stale } = await check(second);
    expect(stale['approvals']!.reason).toContain(`#${number} has 0 of 1 approvals that count`);
    expect(stale['approvals']!.notes[0]).toContain('not on its last commit');
  });
});
