import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { shapes, templateStage, type TemplateStage } from './stage.js';

describe.each(shapes)('incident-response.yml as %s', (shape) => {
  let stage: TemplateStage;
  beforeEach(async () => {
    stage = await templateStage(shape, 'incident-response');
    stage.give('incident', 'open', { hooks: '[]', number: '7' });
    for (const mode of ['triage', 'follow', 'sweep', 'note']) stage.give('incident', mode, { hooks: '[]' });
  });
  afterEach(() => stage.fixture.close());

  const fired = (client_payload: unknown, action = 'alert_fired') => ({
    run: { event: { name: 'repository_dispatch', payload: { action, client_payload } } },
  });
  const pressed = (inputs: Record<string, string>) => ({
    run: { event: { name: 'workflow_dispatch', inputs } },
  });
  const byHand = (action: string, labels: string[]) => ({
    run: {
      event: {
        name: 'issues',
        payload: {
          action,
          issue: { number: 7, labels: labels.map((name) => ({ name })) },
          sender: { login: 'eve' },
        },
      },
    },
  });

  it('opens from an alert, with its body as it came, and tells people', async () => {
    const alert = { title: 'x', labels: { service: 'shop', severity: 'critical' } };
    expect((await stage.run(fired({ alert }))).conclusion).toBe('success');
    const [given] = stage.given('incident');
    expect(given).toMatchObject({ mode: 'open', 'alert-status': 'firing' });
    expect(JSON.parse(given!['alert']!)).toEqual({ alert });
    expect(stage.given('notify')).toMatchObject([
      { report: 'incident-open.json', result: 'success', issue: 'false' },
    ]);
  });

  it.each([
    '"; echo pwned; "',
    '$(touch pwned)',
    "'; exit 0 #",
    '`id`',
    '::set-output name=x::y',
    '${{ secrets.SLACK_WEBHOOK }}',
    '</script><img src=x>',
    '@acme/all closes #1',
  ])('hands the hostile text %j over as text, and runs nothing of it', async (title) => {
    const run = await stage.run(fired({ title, labels: { service: title } }));
    expect(run.conclusion).toBe('success');
    expect(JSON.parse(stage.given('incident')[0]!['alert']!)).toEqual({ title, labels: { service: title } });
  });

  it('takes a generic alert of the event alert_resolved for one that is over', async () => {
    await stage.run(fired({ title: 'x' }, 'alert_resolved'));
    expect(stage.given('incident')).toMatchObject([{ mode: 'open', 'alert-status': 'resolved' }]);
  });

  it('contains by the hooks that the file names for the alerts, each with the login of its environment', async () => {
    stage.give('incident', 'open', {
      hooks: JSON.stringify([
        { hook: 'scale-up', issue: 7, environment: 'production' },
        { hook: 'read-only', issue: 8, environment: 'staging' },
      ]),
    });
    expect((await stage.run(fired({ title: 'HighLoad' }))).conclusion).toBe('success');
    const contained = stage.given('incident').filter(({ mode }) => mode === 'contain');
    expect(contained.map(({ hook, issue, environment }) => [hook, issue, environment]).sort()).toEqual([
      ['read-only', '8', 'staging'],
      ['scale-up', '7', 'production'],
    ]);
  });

  it('runs no hook where the file names none, and none when the incident could not be opened', async () => {
    await stage.run(fired({ title: 'x' }));
    stage.give('incident', 'open', { hooks: '[{"hook":"a","issue":7,"environment":"production"}]' });
    stage.fail('incident', 'open');
    expect((await stage.run(fired({ title: 'x' }))).conclusion).toBe('failure');
    expect(stage.given('incident').map(({ mode }) => mode)).toEqual(['open', 'open']);
    expect(stage.given('notify').map(({ result }) => result)).toEqual(['success', 'failure']);
  });

  it('follows what a person does to an incident, and leaves other issues alone', async () => {
    for (const action of ['labeled', 'closed', 'reopened']) await stage.run(byHand(action, ['incident']));
    expect(stage.given('incident').map(({ mode }) => mode)).toEqual(['follow', 'follow', 'follow']);
    await stage.run(byHand('closed', ['bug']));
    expect(stage.given('incident')).toHaveLength(3);
  });

  it('sweeps on its schedule, with one issue while that fails', async () => {
    const schedule = { run: { event: { name: 'schedule', payload: { schedule: '7,37 * * * *' } } } };
    await stage.run(schedule);
    stage.fail('incident', 'sweep');
    expect((await stage.run(schedule)).conclusion).toBe('failure');
    expect(stage.given('notify').map(({ result, issue }) => [result, issue])).toEqual([
      ['success', 'true'],
      ['failure', 'true'],
    ]);
  });

  it('does by hand what the form says', async () => {
    await stage.run(
      pressed({ mode: 'triage', issue: '7', severity: 'high', service: 'shop', tenants: 'acme, globex' }),
    );
    expect(stage.given('incident')).toMatchObject([
      { mode: 'triage', issue: '7', severity: 'high', service: 'shop', tenants: 'acme, globex', alert: '' },
    ]);
  });

  it('contains by hand in the environment of the form, and opens nothing', async () => {
    const run = await stage.run(
      pressed({ mode: 'contain', issue: '7', hook: 'maintenance', environment: 'staging', tenants: 'acme' }),
    );
    expect(run.conclusion).toBe('success');
    expect(stage.given('incident')).toMatchObject([
      { mode: 'contain', issue: '7', hook: 'maintenance', environment: 'staging', tenants: 'acme' },
    ]);
    expect(stage.given('notify')).toHaveLength(1);
  });

  it('has no expression inside a script, and waits in no group and for no reviewer', () => {
    const file = shape === 'caller' ? '.github/workflows' : 'workflows-templates/inline';
    const workflow = parse(readFileSync(`${file}/incident-response.yml`, 'utf8')) as {
      concurrency?: unknown;
      jobs: Record<
        string,
        { concurrency?: unknown; environment: { name: string }; steps: { run?: string }[] }
      >;
    };
    for (const job of [workflow, ...Object.values(workflow.jobs)]) expect(job.concurrency).toBeUndefined();
    for (const { environment, steps } of Object.values(workflow.jobs)) {
      expect(environment.name).toMatch(/-recovery/);
      expect(steps.filter(({ run }) => run !== undefined)).toEqual([]);
    }
  });
});
