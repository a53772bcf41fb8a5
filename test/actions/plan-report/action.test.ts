import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/plan-report/main.js';
import { planReportSchema } from '../../../shared/contracts/reports/plan-report.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { inputVariable } from '../../../shared/runner/read-inputs.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { allWrite, stage as gitHubStage, type Stage } from '../../rehearsal/github/support.js';
import { testRunner } from '../../support/runner/port.js';
import { created, destroyed, planText } from './plans.js';

let gitHub: Stage;
let folder: string;
beforeEach(async () => {
  gitHub = await gitHubStage();
  folder = mkdtempSync(join(tmpdir(), 'plan-report-'));
  mkdirSync(join(folder, '.plans'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await gitHub.close();
});
const planned = (at: number, text: string) => writeFileSync(join(folder, '.plans', `${at}.json`), text);

async function run(inputs: Record<string, string> = {}, more: Record<string, string> = {}) {
  const { token } = gitHub.server.control.addToken({ actor: 'github-actions[bot]', permissions: allWrite });
  const runner = testRunner({
    GITHUB_API_URL: gitHub.server.url,
    GITHUB_WORKSPACE: folder,
    'INPUT_GITHUB-TOKEN': token,
    ...Object.fromEntries(
      Object.entries({ environment: 'production', folders: 'infra', ...inputs }).map(([name, value]) => [
        inputVariable(name),
        value,
      ]),
    ),
    ...more,
  });
  await runAction(action as unknown as ActionDefinition, 'main', runner);
  const text = [...runner.files].find(([path]) => path.endsWith('/report.json'))?.[1] ?? '{}';
  return { runner, report: planReportSchema.safeParse(JSON.parse(text)).data };
}

describe('plan-report', () => {
  it('is green where there is something to do, and says how much is destroyed', async () => {
    planned(0, planText([created('null_resource.a'), destroyed('null_resource.b')]));
    const { runner } = await run();
    expect([runner.failure, runner.outputs.get('result'), runner.outputs.get('destroys')]).toEqual([
      undefined,
      'changes',
      '1',
    ]);
    expect(runner.outputs.get('changes')).toBe('true');
    planned(0, planText([]));
    expect((await run()).runner.outputs.get('changes')).toBe('false');
  });

  it('is red for a folder without a plan, also when the other has one', async () => {
    planned(0, planText([]));
    const { runner, report } = await run({ folders: 'infra network' });
    expect([runner.failure, report?.result]).toEqual([
      expect.stringContaining('network: there is no plan'),
      'blind',
    ]);
    expect(runner.annotations).toMatchObject([{ level: 'error', title: 'network was not read' }]);
  });

  it('warns of lost data on a pull request, and is red before it is applied', async () => {
    planned(0, planText([destroyed('aws_db_instance.main')]));
    const review = (await run({ mode: 'review' })).runner;
    expect([review.failure, review.annotations[0]?.level]).toEqual([undefined, 'warning']);
    const apply = (await run()).runner;
    expect([apply.failure, apply.annotations[0]?.message]).toEqual([
      expect.stringContaining('on hold, needs a person'),
      expect.stringContaining('destroy: aws_db_instance.main'),
    ]);
    const named = await run({ 'may-destroy': 'a.b["x y"] aws_db_instance.main' });
    expect([named.runner.failure, named.report?.notes]).toEqual([
      undefined,
      [expect.stringContaining('a.b["x y"]')],
    ]);
  });

  it('names the type that nobody knows, and takes it as one without data where the team says so', async () => {
    planned(0, planText([destroyed('acme_rule.a')]));
    const { runner } = await run();
    expect(runner.annotations[0]).toMatchObject({
      level: 'error',
      title: 'acme_rule.a may hold data and would be destroyed',
      message: expect.stringContaining('stateless: acme_rule)'),
    });
    expect((await run({ stateless: 'acme_*' })).runner.failure).toBeUndefined();
    expect((await run({ stateless: '*' })).runner.failure).toContain('stateless');
  });

  it('asks no policy where the default branch has none, and is red where opa is not there to ask', async () => {
    planned(0, planText([created('null_resource.a')]));
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = folder;
      expect((await run({ policies: 'policies' })).report).toMatchObject({
        result: 'changes',
        policies: [],
        notes: ['No policy was asked: the default branch has no *.rego in policies.'],
      });
      expect((await run()).report?.notes).toEqual([]);
    } finally {
      process.env['PATH'] = path;
    }
    mkdirSync(join(gitHub.gitDir, 'policies'));
    gitHub.commit('policies/plan.rego', 'package plan\n');
    gitHub.commit('policies/README.md', 'No policy\n');
    try {
      process.env['PATH'] = folder;
      const { runner, report } = await run({ policies: './policies/' });
      expect([report?.result, report?.policies]).toMatchObject([
        'blind',
        [{ file: 'plan.rego', is: 'error' }],
      ]);
      expect(runner.annotations[0]?.title).toBe('plan.rego could not be asked');
    } finally {
      process.env['PATH'] = path;
    }
    const file = await run({ policies: 'policies/plan.rego' });
    expect(file.runner.failure).toContain('name a folder, not a file');
  });

  it('keeps a comment on the pull request that started it', async () => {
    gitHub.git('checkout', '-q', '-b', 'feature');
    gitHub.commit('app', '1');
    gitHub.git('checkout', '-q', 'main');
    const { rest } = gitHub.octokit('octocat');
    const { data } = await rest.pulls.create({ ...gitHub.at, title: 'x', head: 'feature', base: 'main' });
    const event = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: `refs/pull/${data.number}/merge` };
    const texts = async () =>
      (await rest.issues.listComments({ ...gitHub.at, issue_number: data.number })).data.map(
        ({ body }) => body,
      );
    planned(0, planText([created('null_resource.a')]));
    await run({ mode: 'review', comment: 'false' }, event);
    expect(await texts()).toEqual([]);
    await run({ mode: 'review' }, event);
    planned(0, planText([destroyed('null_resource.b')]));
    await run({ mode: 'review' }, event);
    expect(await texts()).toEqual([expect.stringContaining('`null_resource.b` is destroyed')]);
  });

  it.each(['', '../elsewhere', '/etc', 'infra infra', '-chdir=x'])(
    'refuses the folders "%s"',
    async (folders) => {
      expect((await run({ folders })).runner.failure).toContain('folders');
    },
  );
});
