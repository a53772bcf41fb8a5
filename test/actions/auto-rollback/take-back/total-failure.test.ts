import { afterEach, describe, expect, it } from '@jest/globals';
import { tellReport } from '../../../../shared/notify/reports.js';
import type { TestRunner } from '../../../support/runner/port.js';
import { digests, releaseStage, type ReleaseStage } from '../stage.js';

let stage: ReleaseStage;
afterEach(() => stage.close());

const press = (strategy: string) => stage.run({ mode: 'now', reason: 'orders are lost', strategy });
const setting = {
  repository: 'acme/shop',
  serverUrl: 'https://github.com',
  runUrl: 'https://github.com/acme/shop/actions/runs/1',
  actor: 'octocat',
  environment: 'production',
  service: 'shop',
  now: '2026-01-01T00:00:00.000Z',
};
const messageOf = (runner: TestRunner) =>
  tellReport(runner.files.get(runner.outputs.get('report') ?? '') ?? '', setting).notification;
const incidentText = async () => {
  const { data } = await stage.gitHub
    .octokit('octocat')
    .rest.issues.listForRepo({ owner: 'acme', repo: 'shop' });
  expect(data).toHaveLength(1);
  return data[0]!.body!;
};
const times = (text: string, part: string) => text.split(part).length - 1;

describe('when no way leads back', () => {
  it('summary, incident and message say who has traffic, what was tried, and what to do, each once', async () => {
    stage = await releaseStage();
    await stage.shops.blue.close();
    stage.executable('deploy/deploy', 'echo "no quota left" >&2; exit 3');
    stage.executable('deploy/rollback', 'echo "::set-output name=x::y" >&2; exit 1');
    const runner = await press('traffic, redeploy, command, tag, git-revert');
    expect([runner.outputs.get('result'), stage.router.stats().live]).toEqual(['held', 'green']);
    for (const text of [
      runner.summary.split('<details>')[0]!,
      (await incidentText()).split('### Timeline')[0]!,
    ]) {
      expect(text).toContain('**Users still get 1.1.0. Nothing was moved.**');
      expect(times(text, 'orders are lost')).toBe(1);
      expect(times(text, 'no quota left')).toBe(1);
      expect([...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, way]) => way)).toEqual([
        'traffic',
        'redeploy',
        'command',
        'tag',
        'git-revert',
      ]);
      // What is to be copied is whole.
      expect(text).toContain(digests['1.0.0']);
      expect(text).toMatch(
        /1\. Run blue-green-switch in mode status.*\n2\. .*\n3\. Then start the workflow Rollback again/,
      );
    }
    const { title, body, next, page } = messageOf(runner);
    expect(title).toBe('shop 1.1.0 could not be rolled back in production: a person is needed');
    expect(times(body, 'no quota left')).toBe(1);
    expect(body).toMatch(/^orders are lost\ntraffic: .*\nredeploy: .*\ncommand: /);
    expect(next).toMatch(/^1\. Run blue-green-switch in mode status.* 2\. .* 3\. /);
    expect(page).toMatchObject({ action: 'trigger', severity: 'critical' });
    // What an executable writes is no command to the runner.
    expect(runner.printed.filter((line) => /^\s*::/.test(line))).toEqual([]);
  });

  it('a schema that is too new sends nobody to deploy the older app', async () => {
    stage = await releaseStage(undefined, {
      '1.0.0': { version: '42', oldestCompatibleApp: '0.9.0' },
      '1.1.0': { version: '43', oldestCompatibleApp: '1.1.0' },
    });
    const runner = await press('traffic, redeploy');
    expect(runner.summary).toContain('schema 43 needs an app of at least 1.1.0');
    expect(runner.summary).toContain('1. Do not deploy 1.0.0');
    expect(runner.summary).toContain('reverse-schema: 43');
    expect(runner.summary).not.toContain('bring 1.0.0');
    expect(messageOf(runner).next).toContain('Do not deploy 1.0.0');
    expect(stage.router.stats().live).toBe('green');
  });

  it('a command that left traffic somewhere else: nothing claims to know where it is', async () => {
    stage = await releaseStage();
    await stage.shops.green.close();
    stage.executable('deploy/rollback', 'exit 1');
    const runner = await press('command, traffic');
    expect(runner.outputs.get('result')).toBe('held');
    expect(runner.summary).toContain('**Who has traffic is not confirmed.**');
    expect(runner.summary).toMatch(
      /2\. If 1\.1\.0 has traffic, start the workflow Rollback again\. If 1\.0\.0 has all of it/,
    );
    expect(messageOf(runner).body).not.toContain('has all traffic.');
  });
});
