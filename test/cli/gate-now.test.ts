import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispatch } from '../../cli/dispatch.js';
import {
  cdPath,
  digest,
  gatePermissions,
  gateStage,
  policyPath,
  type GateStage,
} from '../actions/gate-check/stage.js';
import { inFolder, testShell } from './terminal.js';

const policy = (gates: string) => `version: 1\nenvironments: { production: { gates: { ${gates} } } }\n`;

describe('devops-actions gate --environment', () => {
  let world: GateStage;
  let token: string;
  beforeAll(async () => {
    world = await gateStage();
    token = world.server.control.addToken({ actor: 'octocat', permissions: gatePermissions }).token;
    const live = world.push({
      [policyPath]: policy('monotonic: true, window: { timezone: UTC, freeze: [{ days: mon-sun }] }'),
    });
    await world.deployed({
      service: 'shop',
      environment: 'production',
      sha: live,
      runId: world.ran({ sha: live, path: cdPath }),
    });
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  const ask = (options: string[], env: Record<string, string | undefined> = {}) =>
    inFolder({}, async (folder) => {
      const shell = testShell(folder, {
        env: {
          GITHUB_TOKEN: token,
          GITHUB_API_URL: world.server.url,
          GITHUB_REPOSITORY: `${world.at.owner}/${world.at.repo}`,
          ...env,
        },
      });
      const code = await dispatch(['gate', ...options, '--report', 'report.json'], shell);
      const replayed = testShell(folder);
      const again = code === 2 ? 2 : await dispatch(['gate', '--replay', 'report.json'], replayed);
      const report = code === 2 ? '' : readFileSync(join(folder, 'report.json'), 'utf8');
      return { code, again, report, out: shell.written.join('\n'), err: shell.errors.join('\n'), replayed };
    });
  const shop = (sha: string) => ['--environment', 'production', '--service', 'shop', '--sha', sha];

  it('says what would block now, gate by gate, and its report can be replayed', async () => {
    const sha = world.push({ 'app.txt': 'two' });
    const { code, again, out, replayed } = await ask(shop(sha));
    expect([code, again, replayed.errors]).toEqual([1, 1, []]);
    expect(out.split('\n')[0]).toMatch(
      /^(HOLD {2}shop \w{12} may not go to production yet: 1 of 2 gates on hold|FAIL {2}shop \w{12} may not go to production: 1 of 2 gates failed)$/,
    );
    expect(out).toMatch(/pass {2}monotonic: /);
    expect(out).toMatch(/(hold|fail) {2}window: /);
    // Each reason stands once.
    expect(out.match(/frozen/g)).toHaveLength(1);
  });

  it('passes with 0 and its verdict is one that no run can use', async () => {
    const sha = world.push({ [policyPath]: policy('monotonic: true') });
    const { code, again, out, report } = await ask([...shop(sha), '--digest', digest]);
    expect(out.split('\n')[0]).toMatch(/ may go to production until [^:]+:\d\d:\S+: 1 of 1 gate passed$/);
    expect([code, again, out.slice(0, 4)]).toEqual([0, 0, 'PASS']);
    expect(JSON.parse(report).verdict).toMatchObject({ runId: 1, attempt: 1 });
    expect(out).not.toContain('expiresAt');
  });

  it('names what is missing, and never shows the token', async () => {
    expect(await ask(shop('a'.repeat(40)), { GITHUB_TOKEN: '' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('GITHUB_TOKEN=$(gh auth token)'),
    });
    expect(await ask(['--environment', 'production', '--sha', 'a'.repeat(40)])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--service'),
    });
    expect(await ask(shop('a'.repeat(40)), { GITHUB_REPOSITORY: 'shop' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('--repository OWNER/NAME'),
    });
    const refused = await ask([...shop('a'.repeat(40)), '--environment', 'uat'].filter((_, at) => at > 1));
    expect(refused.code).toBe(2);
    expect(refused.err + refused.out).not.toContain(token);
  });

  it.each(['GITHUB_TOKEN', 'GH_TOKEN'])('a wrong token is named by where it came from: %s', async (name) => {
    const { code, err } = await ask(shop('a'.repeat(40)), { GITHUB_TOKEN: '', [name]: 'ghp_wrong' });
    expect([code, err.split('\n').filter((line) => !line.startsWith('Without --digest'))]).toEqual([
      2,
      [
        expect.stringMatching(new RegExp(`^GitHub does not know the token of ${name} \\(401 to GET /repos/`)),
        `Fix: set ${name} to a valid one, for example ${name}=$(gh auth token).`,
      ],
    ]);
  });

  it('what the token may not do is told of the token, not of a job', async () => {
    const poor = world.server.control.addToken({ actor: 'octocat', permissions: { metadata: 'read' } }).token;
    const { code, err } = await ask(shop('a'.repeat(40)), { GITHUB_TOKEN: poor });
    expect(code).toBe(2);
    expect(err).toMatch(/^The token of GITHUB_TOKEN may not read contents /m);
    expect(err).toMatch(/^Fix: give the token of GITHUB_TOKEN {2}contents: read/m);
    expect(err).not.toMatch(/job|GitHubError|\n +at /);
  });

  it('a gate that the token cannot read says what the token lacks and how to give it, in a replay too', async () => {
    const { deployments: _, ...others } = gatePermissions;
    const poor = world.server.control.addToken({ actor: 'octocat', permissions: others }).token;
    const sha = world.push({ 'poor.txt': 'token' });
    const { code, again, out, replayed } = await ask(shop(sha), { GITHUB_TOKEN: poor });
    expect([code, again]).toEqual([1, 1]);
    for (const text of [out, replayed.written.join('\n')]) {
      expect(text).toContain('Fix: give the token of GITHUB_TOKEN  deployments: read');
      expect(text).toContain('gh auth refresh --scopes repo');
      expect(text).toContain('under its repository permissions, Deployments: Read-only');
      expect(text).not.toMatch(/job/);
    }
  });

  it('the token of GH_TOKEN goes before that of GITHUB_TOKEN, as with gh', async () => {
    const sha = world.push({ 'both.txt': 'tokens' });
    const { code, err } = await ask(shop(sha), { GH_TOKEN: 'ghp_wrong' });
    expect([code, err]).toEqual([2, expect.stringContaining('the token of GH_TOKEN (401')]);
    expect((await ask(shop(sha), { GH_TOKEN: token, GITHUB_TOKEN: 'ghp_wrong' })).code).not.toBe(2);
  });

  it('a commit that GitHub does not have is asked for once and told once', async () => {
    const before = world.server.control.requests().length;
    const { code, out, err } = await ask([...shop('a'.repeat(40)), '--digest', digest]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      `GitHub does not have commit ${'a'.repeat(40)} in ${world.at.owner}/${world.at.repo} (404).\n` +
        'Fix: push it, or name with --sha the full sha of one that was pushed.',
    );
    expect(world.server.control.requests().length - before).toBe(2);
  });

  it('a repository that is not there is told as that, without names of our code', async () => {
    const { code, err } = await ask([...shop('a'.repeat(40)), '--digest', digest], {
      GITHUB_REPOSITORY: `${world.at.owner}/gone`,
    });
    expect(code).toBe(2);
    expect(err).toMatch(/^GitHub has no repository \S+\/gone/);
    expect(err).toMatch(/the token of GITHUB_TOKEN may not see it/);
    expect(err).not.toMatch(/GitHubError|\n +at /);
  });
});
