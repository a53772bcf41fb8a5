import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobOf } from '../../rehearsal/story/jobs.js';
import { until } from '../support/until.js';
import { resultOf, shapes, stepOf, templateStage, type TemplateStage } from './stage.js';

describe.each(shapes)('cd.yml as %s', (shape) => {
  let stage: TemplateStage;
  beforeEach(async () => {
    stage = await templateStage(shape);
  });
  afterEach(() => stage.fixture.close());
  const versions = () =>
    stage
      .given('blue-green')
      .filter(({ mode }) => mode === 'switch')
      .map(({ environment }) => environment);

  it('takes main through staging to production, and develop to staging only', async () => {
    const develop = await stage.run({ branch: 'develop' });
    expect([develop.conclusion, versions()]).toEqual(['success', ['staging']]);
    const main = await stage.run();
    expect(stage.given('smoke-test')[0]).toMatchObject({ suite: '.github/smoke.yml' });
    expect([main.conclusion, versions()]).toEqual(['success', ['staging', 'staging', 'production']]);
    expect(resultOf(main, 'production-settle')).toBe('success');
    expect(resultOf(main, 'production-watch')).toBe('success');
  });

  it('takes the same digest everywhere, whatever else deploy/build prints', async () => {
    stage.fixture.commit({
      'deploy/build': `#!/bin/sh
echo "npm warn name<<EOF"
echo "colour=blue"
echo "  version=9.9.9"
printf 'version=1.4.0\\r\\n'
echo "::notice::built"
echo digest=sha256:d2
echo "EOF"
`,
    });
    const run = await stage.run();
    expect(run.conclusion).toBe('success');
    expect(stepOf(run, 'build', 'Build')?.outputs).toEqual({ version: '1.4.0', digest: 'sha256:d2' });
    expect([...new Set(stage.given('gate-check').map(({ digest }) => digest))]).toEqual(['sha256:d2']);
    expect(stepOf(run, 'production-release', 'Deploy to the idle colour')?.log).toContain(
      'deployed shop production green sha256:d2',
    );
  });

  it.each([
    ['bytes that are no text', "printf 'a\\0b\\n'\nprintf 'version=1.4.0\\n'\nprintf '\\351digest=x\\n'"],
    [
      'a line for the runner',
      "echo '::set-output name=version::9.9.9'\necho version=1.4.0\necho '::stop-commands::x'",
    ],
    [
      'outputs of its own',
      'if test -n "$GITHUB_OUTPUT"; then printf foo=bar >> "$GITHUB_OUTPUT"; fi\necho version=1.4.0',
    ],
    ['an empty value besides', 'echo version=1.4.0\necho version='],
    ['the same twice', 'echo version=1.4.0\necho version=1.4.0'],
  ])('keeps version and digest when deploy/build prints %s', async (_, lines) => {
    stage.fixture.commit({ 'deploy/build': `#!/bin/sh\n${lines}\necho digest=sha256:d2\nprintf 'no end'` });
    const run = await stage.run({ branch: 'develop' });
    expect(stepOf(run, 'build', 'Build')?.outputs).toEqual({ version: '1.4.0', digest: 'sha256:d2' });
    expect(run.conclusion).toBe('success');
  });

  it('does not choose between two versions of deploy/build', async () => {
    stage.fixture.commit({
      'deploy/build': '#!/bin/sh\necho digest=sha256:base\necho version=1.4.0\necho digest=sha256:d\n',
    });
    const run = await stage.run();
    expect(run.conclusion).toBe('failure');
    expect(stepOf(run, 'build', 'Build')?.annotations[0]?.message).toMatch(
      /several values of digest: .*sha256:base.*sha256:d.*Fix:/,
    );
    expect(versions()).toEqual([]);
  });

  it('tells people when deploy/build fails', async () => {
    stage.fixture.commit({ 'deploy/build': '#!/bin/sh\nexit 3\n' });
    expect((await stage.run()).conclusion).toBe('failure');
    expect(stage.given('notify')).toMatchObject([
      { result: 'failure', environment: 'staging', service: 'shop' },
    ]);
  });

  it('goes on as it would when nobody can be told', async () => {
    stage.fail('notify', 'shop');
    const run = await stage.run();
    expect([run.conclusion, versions()]).toEqual(['success', ['staging', 'production']]);
    expect(resultOf(run, 'production-watch')).toBe('success');
  });

  it('says what deploy/build has to print when it did not', async () => {
    stage.fixture.commit({ 'deploy/build': '#!/bin/sh\necho version=1.4.0\n' });
    const run = await stage.run();
    expect(run.conclusion).toBe('failure');
    expect(stepOf(run, 'build', 'Build')?.annotations[0]?.message).toMatch(/no line digest=….*Fix:/);
    expect(versions()).toEqual([]);
  });

  it('releases after an approval that comes when the first verdict has expired', async () => {
    stage.fixture.control.protectedEnvironments.add('production');
    const run = await stage.run({
      run: {
        approve: async (environment) => {
          stage.later(31);
          stage.fixture.control.approved.add(environment);
        },
      },
    });
    expect([run.conclusion, versions()]).toEqual(['success', ['staging', 'production']]);
    expect(stage.given('gate-check').map(({ environment }) => environment)).toEqual([
      'staging',
      'staging',
      'production',
      'production',
    ]);
  });

  it('lets a hotfix overtake a release that waits for its reviewer, whose second gate then refuses it', async () => {
    const { approved, protectedEnvironments } = stage.fixture.control;
    protectedEnvironments.add('production');
    let waiting: number | undefined;
    const release = stage.run({
      run: {
        approve: async (_environment, runId) => {
          waiting = runId;
        },
      },
    });
    await until(() => waiting !== undefined, 'the release waits for its reviewer');
    const hotfix = await stage.run({
      branch: 'hotfix/1.4.1',
      run: {
        event: { name: 'workflow_dispatch', inputs: { kind: 'hotfix' } },
        approve: async (environment, runId) => void approved.add(`${environment} in ${runId}`),
      },
    });
    expect(hotfix.conclusion).toBe('success');
    const reserved = () =>
      stage
        .given('blue-green')
        .filter(({ mode, environment }) => mode === 'reserve' && environment === 'production')
        .map(({ kind }) => kind);
    expect(reserved()).toEqual(['hotfix']);

    // The gate as it is when something newer is live.
    stage.fail('gate-check', 'release');
    approved.add(`production in ${waiting}`);
    expect((await release).conclusion).toBe('failure');
    expect(reserved()).toEqual(['hotfix']);
  });

  describe('on the merge of a hotfix', () => {
    const kinds = () => [...new Set(stage.given('gate-check').map(({ kind }) => kind))];
    beforeEach(() => stage.give('hotfix-check', 'kind', { kind: 'hotfix' }));

    it('releases it as one, shows its minutes beside the watch, and tells people', async () => {
      const run = await stage.run();
      expect([run.conclusion, versions(), kinds()]).toEqual([
        'success',
        ['staging', 'production'],
        ['hotfix'],
      ]);
      expect(resultOf(run, 'production-minutes')).toBe('success');
      expect(stage.given('hotfix-check')).toMatchObject([
        { mode: 'kind', environment: 'production' },
        { mode: 'delivered', environment: 'production', 'target-minutes': '35', 'also-into': 'develop' },
      ]);
      expect(stage.given('notify').map(({ report }) => report)).toContain('hotfix-check-delivered.json');
    });

    it('counts no minutes for a release, nor where nobody wants them', async () => {
      stage.give('hotfix-check', 'kind', { kind: 'release' });
      await stage.run();
      expect(kinds()).toEqual(['release']);
      stage.give('hotfix-check', 'kind', { kind: 'hotfix' });
      await stage.run({ with: { 'target-minutes': '' } });
      expect(stage.given('hotfix-check').map(({ mode }) => mode)).toEqual(['kind', 'kind']);
    });

    it('is released as a release where nobody can say that it is one', async () => {
      stage.fail('hotfix-check', 'kind');
      stage.give('hotfix-check', 'kind', { kind: '' });
      const run = await stage.run();
      expect([run.conclusion, kinds()]).toEqual(['success', ['release']]);
    });

    it('is live whatever becomes of its minutes', async () => {
      stage.fail('hotfix-check', 'delivered');
      const run = await stage.run();
      expect([run.conclusion, versions()]).toEqual(['success', ['staging', 'production']]);
    });
  });

  describe('with an environment for users to accept it', () => {
    const uat = { uat: 'uat' };

    it('goes to production once they approved', async () => {
      stage.fixture.control.protectedEnvironments.add('uat');
      const asked: string[] = [];
      const run = await stage.run({
        with: uat,
        run: {
          approve: async (environment) => {
            asked.push(environment);
            stage.fixture.control.approved.add(environment);
          },
        },
      });
      expect([run.conclusion, asked, versions()]).toEqual([
        'success',
        ['uat'],
        ['staging', 'uat', 'production'],
      ]);
    });

    it('ends there when they refuse it', async () => {
      stage.fixture.control.refused.set('uat', 'Refused by ana');
      const run = await stage.run({ with: uat });
      expect([run.conclusion, versions()]).toEqual(['failure', ['staging']]);
      expect(resultOf(run, 'production-gate') ?? 'skipped').toBe('skipped');
    });

    it('is left out on develop', async () => {
      const run = await stage.run({ with: uat, branch: 'develop' });
      expect([run.conclusion, versions()]).toEqual(['success', ['staging']]);
    });
  });

  it('goes to production at once when no stage comes before', async () => {
    const run = await stage.run({ with: { staging: '' } });
    expect([run.conclusion, versions()]).toEqual(['success', ['production']]);
  });

  it('does not go to production when staging failed', async () => {
    stage.fail('smoke-test', '1.4.0');
    const run = await stage.run();
    expect([run.conclusion, versions()]).toEqual(['failure', []]);
    expect(resultOf(run, 'staging-settle')).toBe('success');
    expect(resultOf(run, 'production-gate') ?? 'skipped').toBe('skipped');
  });

  it('hands the secrets of the environment to the smoke test of the service, and names the empty ones first', async () => {
    stage.fixture.commit({
      '.github/smoke-shop.yml': 'version: 1\n',
      '.github/smoke-cart.yml': 'version: 1\n',
    });
    const run = await stage.run({
      run: {
        environmentSecrets: {
          staging: { DATABASE_URL: 'postgresql://staging' },
          production: { DATABASE_URL: 'postgresql://production', SMOKE_PASSWORD: 'pw-production' },
        },
      },
    });
    expect(stage.given('smoke-test').map(({ suite }) => suite)).toEqual([
      '.github/smoke-shop.yml',
      '.github/smoke-shop.yml',
    ]);
    expect(stage.given('smoke-test').map(({ secrets }) => secrets?.trim())).toEqual([
      'DATABASE_URL=postgresql://staging',
      'DATABASE_URL=postgresql://production\nPASSWORD=pw-production',
    ]);
    const first = (job: string) => jobOf(run, job)?.steps.find(({ stage }) => stage === 'main');
    expect(first('staging-release')?.annotations[0]).toMatchObject({
      level: 'notice',
      title: 'Secrets that are empty in staging',
    });
    expect(first('staging-release')?.annotations[0]?.message).toMatch(/^Empty: SMOKE_PASSWORD SLACK_WEBHOOK/);
    expect(first('production-release')?.annotations[0]?.message).toMatch(/^Empty: SLACK_WEBHOOK/);
  });

  it('backs up production before it deploys there, and nothing else', async () => {
    stage.fixture.commit({ 'deploy/backup': '#!/bin/sh\necho "backed up $*"\n' });
    stage.fixture.git('update-index', '--chmod=+x', 'deploy/backup');
    stage.fixture.git('commit', '-q', '-m', 'Backup');
    stage.fixture.git('checkout', '-q', '--', '.');
    const run = await stage.run();
    expect(stepOf(run, 'production-release', 'Back up')?.log).toContain('backed up shop production');
    expect(stepOf(run, 'staging-release', 'Back up')?.conclusion ?? 'skipped').toBe('skipped');
  });

  it('logs in by the action of the team, in every job that touches an environment', async () => {
    stage.fixture.commit({
      '.github/actions/deploy-setup/action.yml':
        'name: Login\ndescription: d\ninputs: { environment: { description: e, required: true } }\nruns: { using: node24, main: index.cjs }\n',
      '.github/actions/deploy-setup/index.cjs':
        "console.log('login for <' + process.env.INPUT_ENVIRONMENT + '>')\n",
    });
    const run = await stage.run();
    const login = (job: string) => stepOf(run, job, 'Log in as the team does')?.log ?? '';
    expect(login('build')).toContain('login for <>');
    expect(login('staging-release')).toContain('login for <staging>');
    for (const job of ['release', 'watch', 'settle'])
      expect(login(`production-${job}`)).toContain('login for <production>');
  });

  describe('tells people', () => {
    const told = () =>
      stage
        .given('notify')
        .map(({ environment, report, result }) => [environment, report ?? '', result].join(' '));

    it('of every verdict and switch', async () => {
      await stage.run();
      expect(told()).toEqual([
        'staging gate-check.json success',
        'staging blue-green-switch.json success',
        'staging blue-green-reconcile.json success',
        'production gate-check.json success',
        'production blue-green-switch.json success',
        'production auto-rollback-watch.json success',
        'production blue-green-reconcile.json success',
      ]);
    });

    it('of the gate that refused it', async () => {
      stage.fail('gate-check', 'staging');
      await stage.run();
      expect(told()).toEqual(['staging gate-check.json failure']);
    });

    it('of the smoke test that failed, not of the reservation before', async () => {
      stage.fail('smoke-test', '1.4.0');
      await stage.run();
      expect(told()[1]).toBe('staging smoke-test.json failure');
    });

    it('that there is no report when the deployment failed', async () => {
      stage.fixture.commit({ 'deploy/deploy': '#!/bin/sh\nexit 3\n' });
      await stage.run();
      expect(told()[1]).toBe('staging  failure');
    });

    it('that the confirmation failed, and not that all is well', async () => {
      stage.fail('blue-green', 'confirm');
      await stage.run();
      expect(stage.given('notify').map(({ report }) => report)).toContain('blue-green-confirm.json');
      expect(stage.given('notify').map(({ report }) => report)).not.toContain('auto-rollback-watch.json');
    });

    it('of the rollback', async () => {
      stage.fail('auto-rollback', 'watch');
      await stage.run();
      expect(told()).toContain('production auto-rollback-watch.json failure');
      expect(told().at(-1)).toBe('production blue-green-reconcile.json success');
    });

    it('that nobody watches, from another runner, where the watch ended and could not say so', async () => {
      stage.fail('auto-rollback', 'watch');
      stage.fail('notify', 'failure');
      await stage.run();
      expect(told().slice(-2)).toEqual([
        'production blue-green-reconcile.json success',
        'production  failure',
      ]);
      expect(stage.given('notify').at(-1)).toMatchObject({ lost: 'watch' });
    });
  });
});

describe('the caller of cd.yml', () => {
  it('is refused before any job, with the line, when it grants less than is asked for', async () => {
    const stage = await templateStage('caller');
    const less = stage.run({ change: (text) => text.replace('deployments: write', 'deployments: read') });
    await expect(less).rejects.toThrow(
      /cd\.yml:\d+: Error calling workflow .*is requesting 'deployments: write', but is only allowed 'deployments: read'/,
    );
    expect(stage.given('gate-check')).toEqual([]);
    await stage.fixture.close();
  });
});
