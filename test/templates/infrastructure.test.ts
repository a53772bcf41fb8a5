import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../rehearsal/runner/run-workflow.js';
import { login, openssl, pipx, tool } from '../support/infrastructure-tools.js';
import { until } from '../support/until.js';
import { shapes, templateStage, type TemplateStage } from './stage.js';

describe.each(shapes)('infrastructure.yml as %s', (shape) => {
  let stage: TemplateStage;
  let bin: string;
  let before: string;
  const put = (name: string, text: string) => writeFileSync(join(stage.fixture.root, name), text);
  const lines = (name: string) => {
    try {
      return readFileSync(join(stage.fixture.root, name), 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };
  const called = (word: string) => lines('tool.log').filter((line) => line.split(' ').includes(word));

  beforeEach(async () => {
    stage = await templateStage(shape, 'infrastructure');
    const { fixture } = stage;
    bin = join(fixture.root, 'bin');
    mkdirSync(bin);
    for (const [name, text] of Object.entries({ terraform: tool, tofu: tool, opa: tool, openssl, pipx })) {
      writeFileSync(join(bin, name), text);
      chmodSync(join(bin, name), 0o755);
    }
    put('plan-ends', '2');
    put('apply-ends', '0');
    put('plan-says', '');
    put('unformed', '');
    before = fixture.git('rev-parse', 'HEAD');
    fixture.commit({
      'infrastructure/main.tf': '# nothing\n',
      'infrastructure/production.backend.hcl': 'key = "production"\n',
      'infrastructure/production.tfvars': 'size = 1\n',
      '.github/infrastructure.crt': 'certificate\n',
      '.github/actions/deploy-setup/action.yml': login,
    });
    fixture.control.approved.add('production');
  });
  afterEach(() => stage.fixture.close());

  const repository = { default_branch: 'main' };
  const pull = (head: string) => ({
    name: 'pull_request',
    ref: 'refs/pull/7/merge',
    payload: {
      action: 'opened',
      repository,
      pull_request: { head: { ref: 'x', repo: { full_name: head } } },
    },
  });
  const push = () => ({ name: 'push', payload: { repository, before } });
  const schedule = { name: 'schedule', payload: { repository, schedule: '23 4 * * *' } };
  const play = (event: object, more: Parameters<TemplateStage['run']>[0] = {}) =>
    stage.run({
      ...more,
      run: {
        secrets: { SLACK_WEBHOOK: 'https://hooks.test/slack' },
        environmentSecrets: { production: { PLAN_KEY: 'the key' } },
        path: `${bin}:${process.env['PATH']}`,
        ...more.run,
        event,
      },
    });
  const results = (run: RunReport) =>
    Object.fromEntries(
      ['check', 'scan', 'plan', 'apply', 'drift'].map((job) => [
        job,
        (run.jobs[`production.${job}`] ?? run.jobs[job])?.result,
      ]),
    );
  const errors = (run: RunReport) =>
    Object.values(run.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ annotations }) => annotations.map(({ title, message }) => `${title}: ${message}`)),
    );

  it('checks, scans and plans a pull request, and applies nothing', async () => {
    const run = await play(pull('org/shop'));
    expect(results(run)).toEqual({
      check: 'success',
      scan: 'success',
      plan: 'success',
      apply: 'skipped',
      drift: 'skipped',
    });
    expect(lines('logins')).toEqual(['production-plan']);
    expect(stage.given('plan-report')).toMatchObject([
      { environment: 'production', folders: 'infrastructure', mode: 'review', policies: 'policies' },
    ]);
    expect(called('plan')).toEqual([
      expect.stringMatching(
        /^-chdir=infrastructure plan -input=false -no-color -lock-timeout=5m -detailed-exitcode -out=\S+\/0\.tfplan -var-file=production\.tfvars$/,
      ),
    ]);
    expect(called('init').map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'init -backend=false -input=false -no-color -lockfile=readonly',
      'init -input=false -no-color -lockfile=readonly -backend-config=production.backend.hcl',
    ]);
    expect(stage.fixture.progress.filter((event) => JSON.stringify(event).includes('a password'))).toEqual(
      [],
    );
  });

  it('gives the pull request of a fork its checks and no login', async () => {
    const run = await play(pull('mallory/shop'));
    expect(results(run)).toMatchObject({
      check: 'success',
      scan: 'success',
      plan: 'skipped',
      apply: 'skipped',
    });
    expect([run.conclusion, lines('logins'), called('plan')]).toEqual(['success', [], []]);
  });

  it('applies after the approval what was planned before it, and only with the key of the environment', async () => {
    const { control } = stage.fixture;
    control.protectedEnvironments.add('production');
    control.approved.clear();
    const run = await play(push(), {
      run: {
        approve: async (environment) => {
          expect([environment, called('apply')]).toEqual(['production', []]);
          control.approved.add(environment);
        },
      },
    });
    expect(results(run)).toMatchObject({ plan: 'success', apply: 'success' });
    expect(lines('logins')).toEqual(['production-plan', 'production']);
    expect(called('apply')).toEqual([
      expect.stringMatching(
        /^-chdir=infrastructure apply -input=false -no-color -lock-timeout=5m \S+0\.tfplan$/,
      ),
    ]);
    expect(lines('tool.log').filter((line) => line.includes('-lock=false'))).toEqual([]);
    const without = await play(push(), { run: { environmentSecrets: {} } });
    expect([results(without)['apply'], errors(without).join()]).toEqual([
      'failure',
      expect.stringContaining('The secret PLAN_KEY is empty'),
    ]);
    const other = await play(push(), {
      run: { environmentSecrets: { production: { PLAN_KEY: 'another' } } },
    });
    expect(errors(other).join()).toContain('PLAN_KEY does not open the plan');
    expect(called('apply')).toHaveLength(1);
  });

  // One file is made of the same steps: one of them shows that.
  const moves = [
    ['a file of a folder', 'ahead', [{ filename: 'infrastructure/main.tf' }], false],
    ['a module that it names', 'ahead', [{ filename: 'modules/shop/main.tf' }], false],
    ['a file moved away', 'ahead', [{ filename: 'x', previous_filename: 'infrastructure/x' }], false],
    ['more than GitHub lists', 'ahead', Array.from({ length: 300 }, () => ({ filename: 'x' })), false],
    ['the history', 'diverged', [], false],
    ['something else', 'ahead', [{ filename: 'infrastructure-docs/a' }, { filename: 'app/main.py' }], true],
  ] as const;
  it.each(shape === 'caller' ? moves : moves.slice(0, 1))(
    'applies no plan after a merge that changed %s, unless that is not its own',
    async (_, status, files, applied) => {
      stage.fixture.commit({
        'infrastructure/.terraform/modules/modules.json':
          '{"Modules":[{"Key":"","Dir":"."},{"Dir":"../modules/shop"}]}',
      });
      stage.fixture.control.compared = { status, files: [...files] };
      const run = await play(push());
      expect([results(run)['apply'], called('apply').length]).toEqual(
        applied ? ['success', 1] : ['failure', 0],
      );
      if (!applied) expect(errors(run).join()).toContain('main has moved on since');
    },
  );

  it('ends the tool by itself when it is cancelled, once, and says that the state may be locked', async () => {
    const slow = `#!/bin/sh
case " $* " in *" apply "*) ;; *) exec "$STAGE/bin/quick" "$@" ;; esac
trap 'echo told >> "$STAGE/told"; sleep 0.1; exit 1' TERM
trap 'echo "told again" >> "$STAGE/told"' INT
echo started >> "$STAGE/started"
while true; do sleep 0.05; done
`;
    for (const [name, text] of Object.entries({ quick: tool, terraform: slow })) {
      writeFileSync(join(bin, name), text);
      chmodSync(join(bin, name), 0o755);
    }
    const stop = new AbortController();
    const run = play(push(), { run: { signal: stop.signal } });
    await until(() => lines('started').length > 0, 'apply to start');
    stop.abort();
    const ended = await run;
    expect([results(ended)['apply'], lines('told')]).toEqual(['cancelled', ['told']]);
    expect(errors(ended).join()).toContain('its state may be locked');
  });

  it('names a lock that another run left, and takes nothing that the tool prints for a command', async () => {
    put('plan-ends', '1');
    put('plan-says', 'Error acquiring the state lock\n::error::forged\n::set-output name=changes::false\n');
    const run = await play(push());
    expect(errors(run)).toEqual([
      expect.stringMatching(/infrastructure is locked: .*terraform force-unlock/),
      expect.stringContaining('terraform plan ended with 1'),
      expect.stringContaining('exit code 1'),
    ]);
  });

  it('asks nobody and applies nothing where nothing changes, on another branch, and after a verdict that is red', async () => {
    put('plan-ends', '0');
    expect(results(await play(push()))).toMatchObject({ plan: 'success', apply: 'skipped' });
    put('plan-ends', '2');
    const byHand = { name: 'workflow_dispatch', payload: { repository } };
    const elsewhere = await play(byHand, { branch: 'feature' });
    expect(results(elsewhere)).toMatchObject({ plan: 'skipped', apply: 'skipped' });
    stage.fail('plan-report', 'apply');
    expect(results(await play(push()))).toMatchObject({ plan: 'failure', apply: 'skipped' });
    expect(called('apply')).toEqual([]);
  });

  it('is red where a file is not formed, a scan found something, a plan fails, no certificate is there', async () => {
    put('unformed', 'main.tf');
    const unformed = await play(push());
    expect([results(unformed)['check'], results(unformed)['plan'], errors(unformed).join()]).toEqual([
      'failure',
      'skipped',
      expect.stringContaining('Fix: terraform fmt -recursive infrastructure'),
    ]);
    put('unformed', '');
    put('plan-ends', '1');
    const failed = await play(push());
    expect([results(failed)['plan'], errors(failed).join()]).toEqual([
      'failure',
      expect.stringContaining('terraform plan ended with 1'),
    ]);
    // The report says of which folder nothing is known.
    expect(stage.given('plan-report')).toHaveLength(1);
    put('plan-ends', '2');
    const open = await play(push(), { with: { certificate: 'none.crt' } });
    expect([results(open)['plan'], errors(open).join()]).toEqual([
      'failure',
      expect.stringContaining('a plan is never kept open'),
    ]);
    stage.fail('scan-report', 'checkov');
    expect(results(await play(push()))).toMatchObject({ scan: 'failure', plan: 'skipped' });
  });

  it('looks for drift on a schedule with the login for plans, and tells people', async () => {
    const run = await play(schedule);
    expect(results(run)).toEqual({
      check: 'skipped',
      scan: 'skipped',
      plan: 'skipped',
      apply: 'skipped',
      drift: 'success',
    });
    expect(lines('logins')).toEqual(['production-plan']);
    expect(stage.given('plan-report')).toMatchObject([{ mode: 'drift', stateless: '' }]);
    stage.fail('plan-report', 'drift');
    expect((await play(schedule)).conclusion).toBe('failure');
    expect(stage.given('notify')).toMatchObject([
      { result: 'success', issue: 'true' },
      { result: 'failure', issue: 'true', 'slack-webhook': 'https://hooks.test/slack' },
    ]);
  });

  it('plans folders in their order with OpenTofu, and applies those that change', async () => {
    stage.fixture.commit({ 'network/main.tf': '' });
    const run = await play(push(), { with: { tool: 'tofu', folders: 'network infrastructure' } });
    expect(results(run)).toMatchObject({ apply: 'success' });
    expect(called('apply').map((line) => line.split(' ')[0])).toEqual([
      '-chdir=network',
      '-chdir=infrastructure',
    ]);
    const wrong = await play(push(), { with: { tool: 'sh' } });
    expect(errors(wrong).join()).toContain('It is neither terraform nor tofu');
  });

  it('hands over what a person lets it destroy', async () => {
    await play({
      name: 'workflow_dispatch',
      payload: { repository },
      inputs: { destroy: 'aws_db_instance.main' },
    });
    expect(stage.given('plan-report')).toMatchObject([{ 'may-destroy': 'aws_db_instance.main' }]);
  });
});
