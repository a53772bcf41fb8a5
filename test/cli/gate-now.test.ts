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
    expect(out).toMatch(/^HOLD|^FAIL/);
    expect(out).toMatch(/pass {2}monotonic: /);
    expect(out).toMatch(/(hold|fail) {2}window: /);
  });

  it('passes with 0 and its verdict is one that no run can use', async () => {
    const sha = world.push({ [policyPath]: policy('monotonic: true') });
    const { code, again, out, report } = await ask([...shop(sha), '--digest', digest]);
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
});
