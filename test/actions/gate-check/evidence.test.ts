import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, Unknowable } from '../../../actions/gate-check/evidence/evidence.js';
import { liveSpans } from '../../../actions/gate-check/gates/promotion/live-spans.js';
import { explainRefusal, GitHubError } from '../../../shared/github/problem.js';
import { record } from './facts.js';
import { gateStage, policyPath, type GateStage } from './stage.js';

describe('a look-up that GitHub refuses', () => {
  it('is unknown, with the permission where that is missing', async () => {
    const refused = (error: Error) => ask({ checks: 'read' }, () => Promise.reject(error));
    expect(
      await refused(new GitHubError('GitHub answered 502 to GraphQL GateEvidence: bad gateway', 502)),
    ).toEqual({
      is: 'unknown',
      reason: 'GitHub answered 502 to GraphQL GateEvidence: bad gateway',
    });
    expect(await refused(new GitHubError('refused', 403, undefined, 'permission'))).toMatchObject({
      permission: 'checks: read',
    });
    expect(await refused(new GitHubError('refused', 404, 'actions: read'))).toMatchObject({
      permission: 'actions: read',
    });
    expect(await refused(new Unknowable('there is too much'))).toEqual({
      is: 'unknown',
      reason: 'there is too much',
    });
  });

  it.each([
    ['API rate limit exceeded for installation ID 7.', { retryAt: 1_800_000_000_000 }],
    ['You have exceeded a secondary rate limit. You must have patience.', {}],
  ])('names a rate limit as such, and no permission: %s', async (message, limit: { retryAt?: number }) => {
    const error = explainRefusal(
      { route: 'GET /repos/{owner}/{repo}/issues' },
      { status: 403, message, limit },
    );
    const piece = await ask({ issues: 'read' }, () => Promise.reject(error));
    expect(piece).toEqual({ is: 'unknown', reason: expect.stringContaining("GitHub's rate limit refused") });
    expect(piece).toMatchObject({ reason: expect.stringContaining('Fix: no permission is missing. Wait ') });
    if (limit.retryAt)
      expect(piece).toMatchObject({ reason: expect.stringContaining('2027-01-15T08:00:00') });
  });

  it.each([
    'Repository was archived so is read-only.',
    'Resource protected by organization SAML enforcement.',
    'Although you appear to have the correct authorization credentials, the organization has an IP allow list enabled.',
  ])('blames no permission for a 403 of another kind: %s', async (message) => {
    const error = explainRefusal({ route: 'GET /repos/{owner}/{repo}/issues' }, { status: 403, message });
    expect(await ask({ issues: 'read' }, () => Promise.reject(error))).toEqual({
      is: 'unknown',
      reason: expect.stringContaining(message.replace(/\.$/, '')),
    });
  });

  it('is not a place to hide a bug', async () => {
    await expect(ask({}, () => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
  });
});

describe('times of a release', () => {
  it('join where they touch and stay apart where something else was live', () => {
    const spans = liveSpans(
      [
        record({
          changes: [
            ['success', 60],
            ['inactive', 50],
          ],
        }),
        record({
          changes: [
            ['success', 50],
            ['inactive', 40],
          ],
        }),
        record({
          changes: [
            ['success', 20],
            ['inactive', 10],
          ],
        }),
        record({
          changes: [
            ['success', 30],
            ['failure', 5],
          ],
        }),
      ],
      [],
      0,
    );
    expect(spans.map(({ from, to, ended }) => [(to - from) / 60_000, ended])).toEqual([
      [20, true],
      [10, true],
    ]);
  });
});

describe('other sources of checks, and branches by pattern', () => {
  let world: GateStage;
  beforeAll(async () => {
    world = await gateStage();
    world.push({
      [policyPath]: `
version: 1
environments:
  production:
    gates:
      branch: [main, 'hotfix/*']
      checks: { required: [{ status: ci/legacy, creator: hubot }] }
`,
    });
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  const post = async (actor: string, sha: string, state: 'success' | 'pending') =>
    (await world.as(actor)).rest('POST /repos/{owner}/{repo}/statuses/{sha}', {
      sha,
      state,
      context: 'ci/legacy',
    });

  it('a status counts from its named creator, and no longer when somebody else speaks over it', async () => {
    const sha = world.push({ 'app.txt': '1' });
    const asked = { service: 'shop', sha, runId: 1 };
    await post('hubot', sha, 'pending');
    expect((await world.check(asked)).result).toBe('hold');
    await post('hubot', sha, 'success');
    expect((await world.check(asked)).result).toBe('pass');
    await post('octocat', sha, 'success');
    expect((await world.check(asked)).gates['checks']!.reason).toContain('is by octocat, not by hubot');
  });

  it('a commit on a hotfix branch may go out, one on a branch that only looks like it may not', async () => {
    world.git('checkout', '-q', '-b', 'hotfix/42');
    const good = world.push({ 'app.txt': '2' });
    world.git('checkout', '-q', 'main');
    world.git('checkout', '-q', '-b', 'my-hotfix/42');
    const bad = world.push({ 'app.txt': '3' });
    world.git('checkout', '-q', 'main');
    expect((await world.check({ service: 'shop', sha: good, runId: 1 })).gates['branch']!.reason).toContain(
      'is on hotfix/42',
    );
    expect((await world.check({ service: 'shop', sha: bad, runId: 1 })).gates['branch']!.result).toBe('fail');
  });

  it('an environment that the policy does not list is an error that lists the others', async () => {
    const asked = { service: 'shop', sha: world.git('rev-parse', 'main'), runId: 1, environment: 'staging' };
    await expect(world.check(asked)).rejects.toThrow('allowed: production');
  });
});
