import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resultOf, shapes, templateStage, type TemplateStage } from './stage.js';

describe.each(shapes)('migrations.yml as %s', (shape) => {
  let stage: TemplateStage;
  beforeEach(async () => {
    stage = await templateStage(shape, 'migrations');
  });
  afterEach(() => stage.fixture.close());

  const started = {
    run: {
      event: { name: 'workflow_dispatch', inputs: { version: '2.0.0' } },
      secrets: { MIGRATION_DATABASE_URL: 'postgresql://migrator@db/shop' },
    },
  };
  const modes = () => stage.given('migration-check').map(({ mode, version }) => `${mode} ${version}`);

  it('judges the migrations, then runs them', async () => {
    const run = await stage.run(started);
    expect([run.conclusion, modes()]).toEqual(['success', ['plan 2.0.0', 'run 2.0.0']]);
  });

  it('runs nothing where the check stops the release', async () => {
    stage.fail('migration-check', 'plan');
    const run = await stage.run(started);
    expect([run.conclusion, modes()]).toEqual(['failure', ['plan 2.0.0']]);
  });

  it('is red where the migration did not hold', async () => {
    stage.fail('migration-check', 'run');
    const run = await stage.run(started);
    expect(run.conclusion).toBe('failure');
    expect(resultOf(run, 'run') ?? resultOf(run, 'production / run')).not.toBe('success');
  });
});
