import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/notify/main.js';
import { commentText } from '../../../actions/notify/pull-comment.js';
import { notificationSchema } from '../../../shared/contracts/notification.js';
import { tellReport } from '../../../shared/notify/reports.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { allWrite, stage as gitHubStage, type Stage } from '../../rehearsal/github/support.js';
import { testRunner } from '../../support/runner/port.js';
import { planReport, smokeReport } from './reports.js';

let gitHub: Stage;
let folder: string;
beforeEach(async () => {
  gitHub = await gitHubStage();
  folder = mkdtempSync(join(tmpdir(), 'notify-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await gitHub.close();
});

async function told(report: object, more: Record<string, string> = {}, permissions = allWrite) {
  const { token } = gitHub.server.control.addToken({ actor: 'github-actions[bot]', permissions });
  writeFileSync(join(folder, 'report.json'), JSON.stringify(report));
  const runner = testRunner({
    GITHUB_API_URL: gitHub.server.url,
    GITHUB_WORKSPACE: folder,
    GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/ephemeral.yml@refs/heads/main',
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_REF: 'refs/pull/1/merge',
    'INPUT_GITHUB-TOKEN': token,
    INPUT_COMMENT: 'true',
    INPUT_REPORT: 'report.json',
    INPUT_ENVIRONMENT: 'ephemeral',
    ...more,
  });
  await runAction(action as unknown as ActionDefinition, 'main', runner);
  return runner;
}

describe('the comment of notify', () => {
  it('is missing in a run of no pull request, and that is said', async () => {
    const runner = await told(smokeReport('pass'), {
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REF: 'refs/heads/main',
    });
    expect(runner.annotations).toMatchObject([
      {
        level: 'warning',
        title: 'The pull request was not told',
        message: expect.stringContaining('no pull request'),
      },
    ]);
    const required = await told(smokeReport('pass'), { GITHUB_EVENT_NAME: 'push', INPUT_REQUIRED: 'true' });
    expect(required.failure).toBeDefined();
  });

  it('has the address as a link, and the text of others as text', () => {
    const setting = {
      repository: 'acme/shop',
      serverUrl: 'https://github.com',
      runUrl: 'https://github.com/acme/shop/actions/runs/1',
      actor: 'mona',
      environment: 'ephemeral',
      service: undefined,
      now: '2026-11-28T10:00:00.000Z',
    };
    const report = smokeReport('fail', {
      message: '<img src=x> @acme/all',
      target: 'https://pr-7.preview.test',
    });
    const text = commentText(
      notificationSchema.parse(tellReport(JSON.stringify(report), setting).notification),
    );
    expect(text).toContain('### ❌ Smoke test failed');
    expect(text).toMatch(/- Target: \[[^\]]+\]\(https:\/\/pr-7\.preview\.test\)/);
    expect(text).not.toMatch(/<img|@acme/);
    const plan = tellReport(JSON.stringify(planReport('drift')), setting);
    expect([plan.refused, plan.notification.title]).toEqual([
      undefined,
      'Infrastructure is not as its files say',
    ]);
    expect(plan.notification.body).toContain('replace aws_db_instance.main in infrastructure');
  });
});
