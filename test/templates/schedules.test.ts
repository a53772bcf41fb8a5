import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BuiltinAction } from '../../rehearsal/runner/third-party/action.js';
import { shapes, templateStage, type TemplateStage } from './stage.js';

describe.each(shapes)('a schedule as %s', (shape) => {
  let stage: TemplateStage;
  afterEach(() => stage.fixture.close());
  const due = (cron: string) => ({ event: { name: 'schedule', payload: { schedule: cron } } });
  const secrets = { secrets: { SLACK_WEBHOOK: 'https://hooks.test/slack' } };

  describe('reconcile.yml', () => {
    const started = { run: due('7,37 * * * *') };
    beforeEach(async () => {
      stage = await templateStage(shape, 'reconcile');
    });

    it('reconciles staging and production, and says what is live in each', async () => {
      expect((await stage.run(started)).conclusion).toBe('success');
      const calls = stage.given('blue-green').map(({ mode, environment }) => `${mode} ${environment}`);
      expect(calls.sort()).toEqual([
        'reconcile production',
        'reconcile staging',
        'status production',
        'status staging',
      ]);
    });

    it('is red where one environment disagrees, looks at the other all the same, and tells people', async () => {
      stage.fail('blue-green', 'staging');
      const run = await stage.run({ run: { ...started.run, ...secrets } });
      expect(run.conclusion).toBe('failure');
      const told = stage.given('notify');
      expect(told.map(({ environment, result }) => `${environment}: ${result}`).sort()).toEqual([
        'production: success',
        'staging: failure',
      ]);
      expect(told[0]).toMatchObject({
        report: 'blue-green-reconcile.json',
        'slack-webhook': 'https://hooks.test/slack',
      });
    });

    it('that ends without a word, as a dead runner does, is told by another one', async () => {
      stage.fail('blue-green', 'staging');
      stage.fail('notify', 'blue-green-reconcile.json');
      await stage.run(started);
      const lost = stage
        .given('notify')
        .filter((given) => given['lost'] !== undefined && given['lost'] !== '');
      expect(lost).toMatchObject([
        { lost: 'reconcile', result: 'failure', environment: 'staging', issue: 'true' },
      ]);
    });
  });

  describe('retire.yml', () => {
    const started = { run: due('17 * * * *') };
    beforeEach(async () => {
      stage = await templateStage(shape, 'retire');
    });

    it('hands over how long the old colour stays', async () => {
      expect((await stage.run({ ...started, with: { bake: '48h' } })).conclusion).toBe('success');
      expect(stage.given('blue-green')).toMatchObject([
        {
          mode: 'retire',
          environment: 'production',
          service: 'shop',
          traffic: '.github/traffic/production.yml',
          bake: '48h',
        },
      ]);
    });

    it('tells people when the old colour could not be removed', async () => {
      stage.fail('blue-green', 'retire');
      expect((await stage.run(started)).conclusion).toBe('failure');
      expect(stage.given('notify')).toMatchObject([{ result: 'failure', report: 'blue-green-retire.json' }]);
    });
  });

  describe('dora-report.yml', () => {
    const started = { run: due('23 6 * * 1') };
    beforeEach(async () => {
      stage = await templateStage(shape, 'dora-report');
    });

    it('measures what the caller asks for, keeps the page and tells people', async () => {
      const run = await stage.run({ ...started, with: { window: '4w', timezone: 'Europe/Madrid' } });
      expect(run.conclusion).toBe('success');
      expect(stage.given('dora-report')).toMatchObject([
        { environment: 'production', window: '4w', timezone: 'Europe/Madrid', tiers: 'seed' },
      ]);
      expect(stage.given('notify')).toMatchObject([
        { report: 'dora-report.json', on: 'all', result: 'success', issue: 'true' },
      ]);
      expect(
        Object.values(run.jobs)
          .map(({ result }) => result)
          .sort(),
      ).toEqual(['skipped', 'success']);
    });

    it('publishes the page where a variable asks for it, and not without a report', async () => {
      const run = { ...started.run, vars: { DORA_PAGES: 'true' } };
      const resultOf = async () => Object.values((await stage.run({ run })).jobs).map(({ result }) => result);
      expect(await resultOf()).toEqual(['success', 'success']);
      stage.fail('dora-report', 'production');
      expect(await resultOf()).toEqual(['failure', 'skipped']);
    });

    it('tells people when there is no report', async () => {
      stage.fail('dora-report', 'production');
      expect((await stage.run(started)).conclusion).toBe('failure');
      expect(stage.given('notify')).toMatchObject([{ result: 'failure' }]);
    });
  });

  describe('fleet-update.yml', () => {
    /** A token that says for what it was asked. */
    const asked = ['client-id', 'private-key', 'permission-contents', 'permission-workflows'];
    const appToken: BuiltinAction = {
      inputs: Object.fromEntries([...asked, 'permission-pull-requests'].map((name) => [name, ''])),
      run: async ({ inputs, setOutput }) => setOutput('token', asked.map((name) => inputs[name]).join(' ')),
    };
    const proposed = '{"base":"as the newest version wrote it"}';
    /** A newest version that writes down how it was called. */
    const suite = `
const { writeFileSync } = require('node:fs');
const [, , ...args] = process.argv;
if (args[0] === 'init') writeFileSync(args[args.indexOf('--proposal') + 1], '${proposed}');
writeFileSync(process.env.STAGE + '/called.json', JSON.stringify({ args, env: Object.keys(process.env) }));
`;
    let started: Parameters<TemplateStage['run']>[0];
    beforeEach(async () => {
      stage = await templateStage(shape, 'fleet-update');
      const { fixture } = stage;
      const released = join(fixture.root, 'suite');
      mkdirSync(join(released, 'dist/cli'), { recursive: true });
      writeFileSync(join(released, 'dist/cli/index.js'), suite);
      writeFileSync(join(released, 'package.json'), '{"version":"1.5.0"}');
      const git = (...args: string[]) =>
        execFileSync('git', [
          '-C',
          released,
          '-c',
          'user.name=ana',
          '-c',
          'user.email=ana@example.test',
          ...args,
        ]);
      git('init', '-q');
      git('add', '.');
      git('commit', '-q', '-m', 'v1.5.0');
      git('tag', 'v1');
      fixture.commit({
        '.github/devops-actions.json': '{"answers":{"suite":{"repository":"acme/devops-actions"}}}',
      });
      const config = join(fixture.root, 'gitconfig');
      writeFileSync(
        config,
        `[url "file://${released}"]\n  insteadOf = ${fixture.control.url}/acme/devops-actions\n`,
      );
      started = {
        run: {
          event: {
            name: 'schedule',
            payload: { schedule: '37 5 * * 1', repository: { default_branch: 'main' } },
          },
          vars: { FLEET_APP_ID: '7' },
          thirdParty: { 'actions/create-github-app-token': appToken },
          secrets: { FLEET_APP_KEY: 'key', SLACK_WEBHOOK: 'https://hooks.test/slack' },
          machineEnvironment: { STAGE: fixture.root, GIT_CONFIG_GLOBAL: config },
        },
      };
    });

    it('lets the newest version look at the default branch, and the pinned one propose what it wrote', async () => {
      const run = await stage.run(started);
      expect([run.conclusion, JSON.stringify(run.jobs)]).toEqual(['success', expect.any(String)]);
      const called = JSON.parse(readFileSync(join(stage.fixture.root, 'called.json'), 'utf8')) as {
        args: string[];
        env: string[];
      };
      expect(called.args).toEqual([
        ...['init', '--check', '--proposal', 'proposal.json', 'team'],
        ...['--ref', expect.stringMatching(/^[0-9a-f]{40}$/), '--version', 'v1.5.0'],
      ]);
      expect(called.env.filter((name) => /TOKEN|KEY/.test(name) && !name.startsWith('ACTIONS_'))).toEqual([]);
      expect(stage.given('fleet-update')).toMatchObject([
        { proposal: 'proposal.json', 'write-token': '7 key write write' },
      ]);
      expect(stage.given('notify')).toMatchObject([{ result: 'success', issue: 'true' }]);
    });

    it('is red, and opens its issue, where a proposal is refused or none was made', async () => {
      stage.fail('fleet-update', 'proposal.json');
      expect((await stage.run(started)).conclusion).toBe('failure');
      const run = await stage.run({ ...started, with: { channel: 'v7' } });
      expect(run.conclusion).toBe('failure');
      expect(stage.given('notify')).toMatchObject([
        { result: 'failure', issue: 'true' },
        { result: 'failure', issue: 'true' },
      ]);
      expect(stage.given('fleet-update')).toHaveLength(1);
    });
  });
});
