import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callerText, errorsOf, realStage, resultsOf, summaryOf, type RealStage } from './stage.js';
import { login, main, many, password, policy, terraform, watched } from './team.js';

describe('infrastructure with Terraform, opa, openssl and checkov', () => {
  let stage: RealStage;
  let state: string;
  let before: string;
  const lines = (name: string) => {
    const file = join(stage.root, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const size = () => {
    const { resources } = JSON.parse(readFileSync(state, 'utf8')) as {
      resources: { name: string; instances: { attributes: { input: { value: { size: string } } } }[] }[];
    };
    return resources.find(({ name }) => name === 'shop')?.instances[0]?.attributes.input.value.size;
  };
  /** Somebody changes it without a pull request. */
  const elsewhere = (size: string) => {
    const folder = join(stage.root, 'elsewhere');
    rmSync(folder, { recursive: true, force: true });
    execFileSync('git', ['clone', '-q', stage.gitHub.gitDir, folder]);
    const run = (...args: string[]) =>
      execFileSync(terraform, [`-chdir=${folder}/infrastructure`, ...args], { stdio: 'pipe' });
    run('init', '-input=false', '-backend-config=production.backend.hcl');
    run('apply', '-input=false', '-auto-approve', `-var=size=${size}`);
  };
  /** The reviewers of production approve, after what happens meanwhile. */
  const approve = (meanwhile: () => void = () => undefined) => ({
    approve: async (_environment: string, run: number) => {
      meanwhile();
      const { rest } = stage.gitHub.octokit('hubot');
      const { data } = await rest.actions.getPendingDeploymentsForRun({ ...stage.gitHub.at, run_id: run });
      await rest.actions.reviewPendingDeploymentsForRun({
        ...stage.gitHub.at,
        run_id: run,
        environment_ids: data.map(({ environment }) => environment.id!),
        state: 'approved',
        comment: 'As planned',
      });
    },
  });
  /** Everything that somebody could read of the runs so far. */
  const readable = async (pull: number) =>
    [
      JSON.stringify(stage.progress),
      ...(await stage.comments(pull)),
      ...artifacts().map((file) => readFileSync(file, 'latin1')),
    ].join('\n');
  const artifacts = () =>
    readdirSync(join(stage.root, 'work'), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && entry.name.endsWith('.cms') && entry.parentPath.includes('artifacts'),
      )
      .map(({ parentPath, name }) => join(parentPath, name));

  beforeEach(async () => {
    const keys = mkdtempSync(join(tmpdir(), 'keys-'));
    const [key, certificate] = [join(keys, 'plan.key'), join(keys, 'plan.crt')];
    // As the page of the template says.
    const request = 'req -x509 -newkey rsa:3072 -noenc -days 3650 -subj /CN=plan -keyout';
    execFileSync('openssl', [...request.split(' '), key, '-out', certificate], { stdio: 'pipe' });
    const opened = readFileSync(certificate, 'utf8');
    stage = await realStage('infrastructure', {
      programs: { terraform: watched },
      environmentSecrets: { production: { PLAN_KEY: readFileSync(key, 'utf8') } },
    });
    rmSync(keys, { recursive: true });
    state = join(stage.root, 'production.tfstate');
    const { rest } = stage.gitHub.octokit('octocat');
    const hubot = stage.gitHub.server.control.addUser({ login: 'hubot', role: 'write' });
    await rest.repos.createOrUpdateEnvironment({
      ...stage.gitHub.at,
      environment_name: 'production',
      reviewers: [{ type: 'User', id: hubot.id }],
    });
    before = stage.change({
      '.github/workflows/infrastructure.yml': callerText('infrastructure', { scan: '' }),
      '.github/infrastructure.crt': opened,
      '.github/actions/deploy-setup/action.yml': login,
      'policies/plan.rego': policy,
    });
    stage.change({
      'infrastructure/main.tf': main,
      'infrastructure/production.backend.hcl': `path = "${state}"\n`,
      'infrastructure/production.tfvars': 'size = "1"\n',
    });
  });
  afterEach(() => stage.close());
  const push = (how = approve()) => stage.play(stage.push(before), how);

  it('shows a pull request its plan, in one comment, and nowhere what is sensitive', async () => {
    elsewhere('1');
    const first = await stage.pull({ 'infrastructure/production.tfvars': 'size = "2"\n' });
    const run = await stage.play(first);
    expect([resultsOf(run), errorsOf(run)]).toEqual([
      { check: 'success', scan: 'skipped', plan: 'success', apply: 'skipped', drift: 'skipped' },
      '',
    ]);
    const { number } = first.payload as { number: number };
    const again = await stage.pull({ 'infrastructure/production.tfvars': 'size = "3"\n' });
    await stage.play(again);
    const comments = await stage.comments(number);
    expect(comments).toEqual([expect.stringContaining('✏️ change `terraform_data.shop`')]);
    expect(comments[0]).toContain('"size":"3"');
    expect(summaryOf(run)).toContain('production: 1 to change');
    expect(await readable(number)).not.toContain(password);
    expect([size(), lines('logins')]).toEqual(['1', ['production-plan', 'production-plan']]);
  });

  it('applies the bytes that were planned, after the approval, and leaves no plan that can be read', async () => {
    let planned: string[] = [];
    let kept = password;
    const run = await push(
      approve(() => {
        planned = artifacts();
        kept = readFileSync(planned[0]!, 'latin1');
        expect([lines('applied'), existsSync(state)]).toEqual([[], false]);
      }),
    );
    expect([resultsOf(run), errorsOf(run)]).toEqual([
      { check: 'success', scan: 'skipped', plan: 'success', apply: 'success', drift: 'skipped' },
      '',
    ]);
    expect([size(), lines('applied'), lines('logins')]).toEqual([
      '1',
      ['same'],
      ['production-plan', 'production'],
    ]);
    expect(planned).toHaveLength(1);
    for (const text of [JSON.stringify(stage.progress), kept]) expect(text).not.toContain(password);
    const nothing = await push();
    expect([resultsOf(nothing)['apply'], errorsOf(nothing)]).toEqual(['skipped', '']);
  });

  it('refuses a plan whose state has changed since, and one that is not the approved one', async () => {
    const stale = await push(approve(() => elsewhere('5')));
    expect([resultsOf(stale)['apply'], size()]).toEqual(['failure', '5']);
    expect(errorsOf(stale)).toContain('the state changed after it was made');
    const forged = await push(
      approve(() => {
        for (const file of artifacts()) writeFileSync(file, 'another plan');
      }),
    );
    expect([resultsOf(forged)['apply'], size()]).toEqual(['failure', '5']);
    expect(errorsOf(forged)).toContain('The artifact is not the plan that was approved');
  });

  it('applies no plan whose files, or those of a module, changed while it waited; what changed beside them counts for nothing', async () => {
    stage.change({
      'infrastructure/main.tf': `${main}\nmodule "cart" {\n  source = "../modules/cart"\n}\n`,
      'modules/cart/main.tf': 'resource "terraform_data" "cart" {\n  input = "1"\n}\n',
    });
    const meanwhile: [path: string, text: string][] = [
      ['infrastructure/production.tfvars', 'size = "2"\n'],
      ['modules/cart/main.tf', 'resource "terraform_data" "cart" {\n  input = "2"\n}\n'],
    ];
    for (const [path, text] of meanwhile) {
      const run = await push(approve(() => stage.change({ [path]: text })));
      expect([resultsOf(run)['apply'], lines('applied'), existsSync(state)]).toEqual(['failure', [], false]);
      expect(errorsOf(run)).toMatch(new RegExp(`moved on since \\w+: ${path}\\. Nothing was applied`));
    }
    const beside = await push(approve(() => stage.change({ 'docs/modules/cart/main.tf': '' })));
    expect([resultsOf(beside)['apply'], errorsOf(beside), size()]).toEqual(['success', '', '2']);
  });

  it('plans no old commit again', async () => {
    const run = await push();
    stage.change({ 'infrastructure/production.tfvars': 'size = "2"\n' });
    const event = { ...stage.push(before), sha: stage.gitHub.git('rev-parse', 'HEAD~1') };
    const again = await stage.play(event, {
      ...approve(),
      rerun: { runId: run.runId, jobs: Object.keys(run.jobs) },
    });
    expect([resultsOf(again)['plan'], errorsOf(again)]).toEqual([
      'failure',
      expect.stringContaining('would bring back'),
    ]);
  });

  it('gives a fork its checks, and no login', async () => {
    const event = await stage.pull(
      { 'infrastructure/production.tfvars': 'size = "2"\n' },
      { fork: 'mallory/shop' },
    );
    const run = await stage.play(event);
    expect([resultsOf(run), lines('logins')]).toEqual([
      { check: 'success', scan: 'skipped', plan: 'skipped', apply: 'skipped', drift: 'skipped' },
      [],
    ]);
  });

  it('holds what would lose data until a person names it', async () => {
    stage.change({
      '.github/workflows/infrastructure.yml': callerText('infrastructure', {
        scan: '',
        stateful: 'terraform_data',
      }),
    });
    elsewhere('1');
    stage.change({ 'infrastructure/main.tf': main.slice(0, main.indexOf('resource')) });
    const held = await push();
    expect([resultsOf(held)['plan'], resultsOf(held)['apply'], size()]).toEqual(['failure', 'skipped', '1']);
    expect(errorsOf(held)).toContain('destroy: terraform_data.shop');
    const { payload, ...event } = await stage.pull({ 'docs.md': 'x' });
    const shown = await stage.play({ ...event, payload });
    expect([resultsOf(shown)['plan'], summaryOf(shown)]).toEqual([
      'success',
      expect.stringContaining('🛑 `terraform_data.shop` is destroyed'),
    ]);
    const named = await stage.play(stage.byHand({ destroy: 'terraform_data.shop' }), approve());
    expect([resultsOf(named)['apply'], size()]).toEqual(['success', undefined]);
  });

  it('asks the policies of the default branch, whatever the pull request makes of them', async () => {
    const event = await stage.pull({
      'infrastructure/production.tfvars': 'size = "999"\n',
      'policies/plan.rego': 'package plan\n\ndeny := []\n',
    });
    const run = await stage.play(event);
    expect([resultsOf(run)['plan'], errorsOf(run)]).toEqual([
      'failure',
      expect.stringContaining('plan.rego says no: infrastructure: terraform_data.shop is too large'),
    ]);
    stage.change({ 'policies/typo.rego': 'package plan\n\ndeny contains "x" if input.resource_changez\n' });
    const typo = await stage.play(await stage.pull({ 'docs.md': 'x' }, { branch: 'other' }));
    expect(errorsOf(typo)).toContain('typo.rego could not be asked');
  });

  it('cuts a plan that is larger than a comment, and says so', async () => {
    const event = await stage.pull({ 'infrastructure/main.tf': main + many });
    expect(errorsOf(await stage.play(event))).toBe('');
    const [comment, ...others] = await stage.comments((event.payload as { number: number }).number);
    expect(others).toEqual([]);
    expect(comment!.length).toBeLessThan(65_536);
    expect(comment!.length).toBeGreaterThan(40_000);
    expect(comment).toMatch(/✂️ Cut here: \d+ of 251 changes are shown/);
  });

  it('opens one issue while something differs, and closes it when nothing does', async () => {
    elsewhere('7');
    const first = await stage.play(stage.schedule('23 4 * * *'));
    expect([resultsOf(first)['drift'], first.conclusion]).toEqual(['failure', 'failure']);
    await stage.play(stage.schedule('23 4 * * *'));
    expect(await stage.issues()).toEqual(['open infrastructure.yml fails for production']);
    elsewhere('1');
    expect((await stage.play(stage.schedule('23 4 * * *'))).conclusion).toBe('success');
    expect(await stage.issues()).toEqual(['closed infrastructure.yml fails for production']);
    expect(size()).toBe('1');
  });

  it('is red for what the sketches were green for: a variable in a backend, a module that is declared nowhere', async () => {
    const backend = main.replace(
      'backend "local" {}',
      'backend "local" {\n    path = "${var.size}.tfstate"\n  }',
    );
    const variable = await stage.play(
      await stage.pull({
        'infrastructure/main.tf': backend,
        'infrastructure/production.backend.hcl': undefined,
      }),
    );
    expect([resultsOf(variable)['check'], resultsOf(variable)['plan']]).toEqual(['success', 'failure']);
    const module = `${main}\noutput "redis" {\n  value = module.redis.endpoint\n}\n`;
    const undeclared = await stage.play(await stage.pull({ 'infrastructure/main.tf': module }));
    expect([resultsOf(undeclared)['check'], resultsOf(undeclared)['plan']]).toEqual(['failure', 'skipped']);
  });

  it('plans nothing where checkov found something', async () => {
    const topic = (key: string) => `resource "aws_sns_topic" "orders" {\n  name = "orders"\n${key}}\n`;
    stage.change({
      '.github/workflows/infrastructure.yml': callerText('infrastructure', { scan: 'scanned' }),
    });
    const bad = await stage.play(await stage.pull({ 'scanned/main.tf': topic('') }));
    expect([resultsOf(bad)['scan'], resultsOf(bad)['plan'], errorsOf(bad)]).toEqual([
      'failure',
      'skipped',
      expect.stringContaining('CKV_AWS_26'),
    ]);
    const key = '  kms_master_key_id = "alias/aws/sns"\n';
    const good = await stage.play(await stage.pull({ 'scanned/main.tf': topic(key) }));
    expect([resultsOf(good)['scan'], resultsOf(good)['plan']]).toEqual(['success', 'success']);
  });
});
