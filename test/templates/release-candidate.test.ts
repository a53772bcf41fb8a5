import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resultOf, shapes, templateStage, type TemplateStage } from './stage.js';

describe.each(shapes)('release-candidate.yml as %s', (shape) => {
  let stage: TemplateStage;
  beforeEach(async () => {
    stage = await templateStage(shape, 'release-candidate');
    stage.give('release-candidate', 'check', { 'live-version': '1.4.0-build.7' });
  });
  afterEach(() => stage.fixture.close());
  const started = { run: { event: { name: 'workflow_dispatch', inputs: { version: '1.4.0' } } } };
  const modes = () => stage.given('release-candidate').map(({ mode, version }) => `${mode} ${version}`);

  it('looks, tries it once more where it is live, and tags it last', async () => {
    const run = await stage.run(started);
    expect([run.conclusion, modes()]).toEqual(['success', ['check 1.4.0', 'tag 1.4.0']]);
    expect(stage.given('smoke-test')).toMatchObject([
      { 'base-url': 'https://staging.shop.example', 'expect-version': '1.4.0-build.7' },
    ]);
    expect(stage.given('notify')).toMatchObject([
      { result: 'success', report: 'release-candidate-tag.json' },
    ]);
  });

  it('tags nothing whose final smoke test failed, and tells people', async () => {
    stage.fail('smoke-test', 'https://staging.shop.example');
    const run = await stage.run(started);
    expect([run.conclusion, modes()]).toEqual(['failure', ['check 1.4.0']]);
    expect(stage.given('notify')).toMatchObject([{ result: 'failure' }]);
  });

  it('tries nothing that is not green, and tells people', async () => {
    stage.fail('release-candidate', 'check');
    const run = await stage.run(started);
    expect([run.conclusion, stage.given('smoke-test')]).toEqual(['failure', []]);
    expect(resultOf(run, 'smoke') ?? 'skipped').toBe('skipped');
    expect(stage.given('notify')).toMatchObject([{ result: 'failure' }]);
  });
});
