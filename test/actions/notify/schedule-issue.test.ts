import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allWrite, stage as gitHubStage, type Stage } from '../../rehearsal/github/support.js';
import { runAction } from '../../../shared/runner/run-action.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { action } from '../../../actions/notify/main.js';
import { testRunner } from '../../support/runner/port.js';

let gitHub: Stage;
beforeEach(async () => {
  gitHub = await gitHubStage();
});
afterEach(() => gitHub.close());

async function told(result: string, more: Record<string, string> = {}, permissions = allWrite) {
  const { token } = gitHub.server.control.addToken({ actor: 'github-actions[bot]', permissions });
  const runner = testRunner({
    GITHUB_API_URL: gitHub.server.url,
    GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/watch.yml@refs/heads/main',
    'INPUT_GITHUB-TOKEN': token,
    INPUT_ISSUE: 'true',
    INPUT_RESULT: result,
    INPUT_ENVIRONMENT: 'production',
    INPUT_SERVICE: 'shop',
    ...more,
  });
  await runAction(action as unknown as ActionDefinition, 'main', runner);
  return runner;
}
const octokit = () => gitHub.octokit('octocat').rest;
const issues = async () =>
  (await octokit().issues.listForRepo({ ...gitHub.at, state: 'all' })).data.map(({ title, state, body }) => ({
    title,
    state,
    body: body ?? '',
  }));

describe('the issue of a workflow on a schedule', () => {
  it('is opened once however often it fails, and closed by the first success', async () => {
    const first = await told('failure');
    expect(first.outputs.get('issue')).toContain('/issues/');
    await told('failure');
    await told('cancelled');
    const [only, ...others] = await issues();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ title: 'watch.yml fails for shop in production', state: 'open' });
    expect(only!.body).toContain('failed 3 times since');
    await told('success');
    expect(await issues()).toMatchObject([{ state: 'closed' }]);
    await told('success');
    await told('failure');
    expect((await issues()).map(({ state }) => state).sort()).toEqual(['closed', 'open']);
  });

  it('is another one for another environment', async () => {
    await told('failure');
    await told('failure', { INPUT_ENVIRONMENT: 'staging' });
    await told('success', { INPUT_ENVIRONMENT: 'staging' });
    expect((await issues()).filter(({ state }) => state === 'open')).toMatchObject([
      { title: 'watch.yml fails for shop in production' },
    ]);
  });

  it('is not the one that a person wrote to look like it', async () => {
    await told('failure');
    const [ours] = await issues();
    await told('success');
    await octokit().issues.create({
      ...gitHub.at,
      title: 'x',
      body: ours!.body,
      labels: ['schedule-failed'],
    });
    await told('success');
    expect((await issues()).find(({ title }) => title === 'x')!.state).toBe('open');
  });

  it('that may not be written is a warning, and changes no verdict', async () => {
    const runner = await told('failure', {}, { ...allWrite, issues: 'read' });
    expect(runner.failure).toBeUndefined();
    expect(JSON.stringify(runner.annotations)).toContain('issues: write');
  });
});
