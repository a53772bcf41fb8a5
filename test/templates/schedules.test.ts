import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
        { report: 'dora-report.json', on: 'all', result: 'success' },
      ]);
    });

    it('tells people when there is no report', async () => {
      stage.fail('dora-report', 'production');
      expect((await stage.run(started)).conclusion).toBe('failure');
      expect(stage.given('notify')).toMatchObject([{ result: 'failure' }]);
    });
  });
});
