import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { shapes, templateStage, type TemplateStage } from './stage.js';

describe.each(shapes)('a rescue as %s', (shape) => {
  let stage: TemplateStage;
  afterEach(() => stage.fixture.close());
  const schedule = (cron: string) => ({ run: { event: { name: 'schedule', payload: { schedule: cron } } } });

  describe('watch.yml', () => {
    const started = schedule('11,41 * * * *');
    beforeEach(async () => {
      stage = await templateStage(shape, 'watch');
    });

    it('checks production with the token of the metrics, and tells people', async () => {
      const run = {
        ...started.run,
        secrets: { METRICS_TOKEN: 'm3trics', SLACK_WEBHOOK: 'https://hooks.test/s' },
      };
      expect((await stage.run({ run })).conclusion).toBe('success');
      expect(stage.given('auto-rollback')).toMatchObject([
        {
          mode: 'check',
          environment: 'production',
          service: 'shop',
          traffic: '.github/traffic/production.yml',
          strategy: 'traffic, redeploy',
        },
      ]);
      expect(stage.given('notify')).toMatchObject([
        {
          report: 'auto-rollback-check.json',
          result: 'success',
          issue: 'true',
          'slack-webhook': 'https://hooks.test/s',
        },
      ]);
    });

    it('is red when a release was rolled back or could not be judged, and has one issue for it', async () => {
      stage.fail('auto-rollback', 'check');
      expect((await stage.run(started)).conclusion).toBe('failure');
      expect(stage.given('notify')).toMatchObject([{ result: 'failure', issue: 'true' }]);
      // The verdict was told: another runner has nothing to add.
      expect(stage.given('blue-green')).toEqual([]);
    });

    it('that ends without a word, as a dead runner does, is settled and told by another one, by every channel', async () => {
      stage.fail('auto-rollback', 'check');
      stage.fail('notify', 'auto-rollback-check.json');
      const secrets = { SLACK_WEBHOOK: 'https://hooks.test/s', PAGERDUTY_KEY: 'p4ger' };
      const run = await stage.run({ run: { ...started.run, secrets } });
      expect(run.conclusion).toBe('failure');
      expect(stage.given('blue-green')).toMatchObject([{ mode: 'reconcile', environment: 'production' }]);
      expect(stage.given('notify').slice(1)).toMatchObject([
        { report: 'blue-green-reconcile.json', result: 'success' },
        {
          lost: 'check',
          result: 'failure',
          issue: 'true',
          environment: 'production',
          service: 'shop',
          'slack-webhook': 'https://hooks.test/s',
          'pagerduty-key': 'p4ger',
        },
      ]);
    });
  });

  describe('rollback.yml', () => {
    const pressed = (inputs: Record<string, string> = {}) => ({
      run: {
        event: {
          name: 'workflow_dispatch',
          inputs: { reason: 'orders are lost', severity: 'critical', ...inputs },
        },
      },
    });
    beforeEach(async () => {
      stage = await templateStage(shape, 'rollback');
    });

    it('takes back what is live, with the reason of the person, then settles on another runner', async () => {
      const run = await stage.run(pressed());
      expect(run.conclusion).toBe('success');
      expect(stage.given('auto-rollback')).toMatchObject([
        {
          mode: 'now',
          environment: 'production',
          service: 'shop',
          reason: 'orders are lost',
          severity: 'critical',
          strategy: 'traffic, redeploy',
        },
      ]);
      expect(stage.given('blue-green')).toMatchObject([{ mode: 'reconcile', environment: 'production' }]);
    });

    it('tells people of the rollback before it looks after what was restored, and of that afterwards', async () => {
      stage.say('auto-rollback', 'now', 'rolled-back');
      stage.give('auto-rollback', 'look-after', { restored: 'well' });
      expect((await stage.run(pressed())).conclusion).toBe('success');
      expect(stage.given('auto-rollback').map(({ mode, settle }) => [mode, settle])).toEqual([
        ['now', 'later'],
        ['look-after', 'here'],
      ]);
      expect(stage.given('notify').map(({ report }) => report)).toEqual([
        'auto-rollback-now.json',
        'auto-rollback-look-after.json',
        'blue-green-reconcile.json',
      ]);
    });

    it('tells nobody a second time where nothing was judged', async () => {
      stage.say('auto-rollback', 'now', 'rolled-back');
      await stage.run(pressed());
      expect(stage.given('notify').map(({ report }) => report)).toEqual([
        'auto-rollback-now.json',
        'blue-green-reconcile.json',
      ]);
    });

    it('goes to the environment and the version that the person chose', async () => {
      await stage.run(pressed({ environment: 'staging', version: '1.3.0' }));
      expect(stage.given('auto-rollback')).toMatchObject([
        { environment: 'staging', traffic: '.github/traffic/staging.yml', 'to-version': '1.3.0' },
      ]);
    });

    it('settles and tells people where it failed too', async () => {
      stage.fail('auto-rollback', 'now');
      const run = await stage.run(pressed());
      expect(run.conclusion).toBe('failure');
      expect(stage.given('blue-green')).toHaveLength(1);
      expect(stage.given('notify').map(({ report, result }) => [report, result])).toEqual([
        ['auto-rollback-now.json', 'failure'],
        ['blue-green-reconcile.json', 'success'],
      ]);
    });

    it('that ends without a word, as a dead runner does, is told by the one that settles', async () => {
      stage.fail('auto-rollback', 'now');
      stage.fail('notify', 'auto-rollback-now.json');
      await stage.run({ run: { ...pressed().run, secrets: { PAGERDUTY_KEY: 'p4ger' } } });
      expect(stage.given('notify').at(-1)).toMatchObject({
        lost: 'rollback',
        result: 'failure',
        environment: 'production',
        'pagerduty-key': 'p4ger',
      });
    });

    it('is in no concurrency group and waits for no reviewer', () => {
      const text = readFileSync(
        shape === 'caller' ? '.github/workflows/rollback.yml' : 'workflows-templates/inline/rollback.yml',
        'utf8',
      );
      const workflow = parse(text) as {
        concurrency?: unknown;
        jobs: Record<string, { concurrency?: unknown; environment: { name: string } }>;
      };
      for (const job of [workflow, ...Object.values(workflow.jobs)]) expect(job.concurrency).toBeUndefined();
      for (const { environment } of Object.values(workflow.jobs))
        expect(environment.name).toMatch(/-recovery$/);
    });
  });

  describe('drift.yml', () => {
    const started = schedule('53 5 * * *');
    beforeEach(async () => {
      stage = await templateStage(shape, 'drift');
    });

    it('is green while router, colours and ledger agree, and closes its issue', async () => {
      stage.say('blue-green', 'status', 'ok');
      expect((await stage.run(started)).conclusion).toBe('success');
      expect(stage.given('blue-green')).toMatchObject([{ mode: 'status', environment: 'production' }]);
      expect(stage.given('notify')).toMatchObject([{ result: 'success', issue: 'true' }]);
    });

    it.each(['drift', 'held'])('is red when status says %s, and opens its issue', async (result) => {
      stage.say('blue-green', 'status', result);
      const run = await stage.run(started);
      expect(run.conclusion).toBe('failure');
      expect(stage.given('notify')).toMatchObject([{ result: 'failure', issue: 'true' }]);
    });

    it('is red when status itself cannot say', async () => {
      stage.fail('blue-green', 'status');
      expect((await stage.run(started)).conclusion).toBe('failure');
    });
  });

  describe('doctor.yml', () => {
    const started = schedule('23 6 * * 1-5');
    beforeEach(async () => {
      stage = await templateStage(shape, 'doctor');
    });

    it('asks about the environment of the release, and closes its issue where all is right', async () => {
      expect((await stage.run(started)).conclusion).toBe('success');
      expect(stage.given('doctor')).toMatchObject([{ environment: 'production', service: 'shop' }]);
      expect(stage.given('notify')).toMatchObject([
        { result: 'success', issue: 'true', report: 'doctor.json' },
      ]);
    });

    it('is red where a line is not right, and opens its issue with the report', async () => {
      stage.fail('doctor', 'production');
      expect((await stage.run(started)).conclusion).toBe('failure');
      expect(stage.given('notify')).toMatchObject([
        { result: 'failure', issue: 'true', report: 'doctor.json' },
      ]);
    });
  });
});
