import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../rehearsal/runner/run-workflow.js';
import { shapes, templateStage, type TemplateStage } from './stage.js';

const leg = (service: string) => ({
  service,
  environment: `${service}-production`,
  version: '2.1.0',
  digest: `sha256:${service}`,
  url: `https://${service}.test`,
});
const all = ['auth', 'orders', 'search', 'frontend'];
const json = (...services: string[]) => JSON.stringify(services.map(leg));

/** What mode plan says of four services in three ranks, with a database and a CDN. */
const planned = {
  plan: '{"releaseId":"go-live-1"}',
  attempt: '1',
  'release-id': 'go-live-1',
  services: json(...all),
  database: json('auth'),
  'rank-1': json('auth'),
  'rank-2': json('orders', 'search'),
  'rank-3': '[]',
  'rank-4': json('frontend'),
  'rank-5': '[]',
  cdn: json('frontend'),
  migrations: 'judge',
  'release-workflows': '.github/workflows/cd.yml',
  'verify-suite': '.github/smoke-go-live.yml',
  'verify-url': 'https://shop.test',
};
/** The same when the others are live already. */
const onlyFrontend = {
  ...planned,
  services: json('frontend'),
  database: '[]',
  migrations: '',
  'rank-1': '[]',
  'rank-2': '[]',
};
const nothing = { 'back-1': '[]', 'back-2': '[]', 'back-3': '[]', 'back-4': '[]', 'back-5': '[]', cdn: '[]' };
const back = (service: string, more: object = {}) =>
  JSON.stringify([
    {
      service,
      environment: `${service}-production`,
      deployment: '7',
      strategy: 'traffic, redeploy',
      'reverse-schema': '',
      ...more,
    },
  ]);

describe.each(shapes)('go-live.yml as %s', (shape) => {
  let stage: TemplateStage;
  beforeEach(async () => {
    stage = await templateStage(shape, 'go-live');
    stage.fixture.commit({ 'deploy/invalidate': '#!/bin/sh\necho "cleared $*"\n' });
    stage.fixture.git('update-index', '--chmod=+x', 'deploy/invalidate');
    stage.fixture.git('commit', '-q', '-m', 'CDN');
    stage.fixture.git('checkout', '-q', '--', '.');
    stage.give('go-live', 'plan', planned);
    stage.give('go-live', 'decide', nothing);
  });
  afterEach(() => stage.fixture.close());

  const start = (run: object = {}) => stage.run({ run: { event: { name: 'workflow_dispatch' }, ...run } });
  const switched = () =>
    stage
      .given('blue-green')
      .filter(({ mode }) => mode === 'switch')
      .map(({ service }) => service);
  const tookBack = () =>
    stage
      .given('auto-rollback')
      .filter(({ mode }) => mode === 'now')
      .map(({ service, strategy }) => `${service} by ${strategy}`);
  const resultsOf = (run: RunReport, name: string) =>
    Object.values(run.jobs)
      .filter((job) => job.name.split(' / ').includes(name))
      .map(({ result }) => result);

  it('asks all gates, migrates, then releases rank after rank, clears the CDN, verifies and reports', async () => {
    const run = await start();
    expect(run.conclusion).toBe('success');
    expect(switched().slice(0, 1)).toEqual(['auth']);
    expect(switched().slice(1, 3).sort()).toEqual(['orders', 'search']);
    expect(switched().slice(3)).toEqual(['frontend']);
    const gates = stage.given('gate-check');
    expect(
      gates
        .filter(({ wait }) => wait === '5h')
        .map(({ service }) => service)
        .sort(),
    ).toEqual([...all].sort());
    expect(gates[0]).toMatchObject({ 'release-workflows': '.github/workflows/cd.yml' });
    expect(stage.given('migration-check').filter(({ mode }) => mode === 'run')).toMatchObject([
      { service: 'auth', environment: 'auth-production' },
    ]);
    const reserved = stage.given('blue-green').filter(({ mode }) => mode === 'reserve');
    expect([...new Set(reserved.map((one) => one['release-id']))]).toEqual(['go-live-1']);
    const smoke = stage.given('smoke-test').slice(-2);
    expect(smoke).toMatchObject([
      { 'base-url': 'https://frontend.test', 'expect-version': '2.1.0' },
      { 'base-url': 'https://shop.test', suite: '.github/smoke-go-live.yml' },
    ]);
    expect(tookBack()).toEqual([]);
    expect(stage.given('go-live').map(({ mode }) => mode)).toEqual(['plan', 'decide', 'report']);
    expect(stage.given('notify').at(-1)).toMatchObject({ report: 'go-live-report.json', result: 'success' });
  });

  it('stops at the service that fails: its rank is brought to its end, later ones never start', async () => {
    stage.fixture.commit({ '.github/smoke-orders.yml': 'version: 1\n' });
    stage.fail('smoke-test', '.github/smoke-orders.yml');
    const run = await start();
    expect(run.conclusion).toBe('failure');
    expect(switched().sort()).toEqual(['auth', 'search']);
    const watched = stage.given('auto-rollback').filter(({ mode }) => mode === 'watch');
    expect(watched.map(({ service }) => service)).toContain('search');
    expect(resultsOf(run, 'Rank 4: frontend')).not.toContain('success');
    expect(stage.given('smoke-test').map((one) => one['base-url'])).not.toContain('https://shop.test');
    expect(stage.given('go-live').map(({ mode }) => mode)).toEqual(['plan', 'decide', 'report']);
  });

  it('takes back what decide names, the last first, and clears the CDN of what went back', async () => {
    stage.give('go-live', 'plan', onlyFrontend);
    stage.fail('smoke-test', 'https://shop.test');
    stage.give('go-live', 'decide', {
      ...nothing,
      'back-4': back('frontend'),
      'back-1': back('auth', { strategy: 'migrations-down', 'reverse-schema': '43' }),
      cdn: JSON.stringify([{ service: 'frontend', environment: 'frontend-production' }]),
    });
    const run = await start();
    expect(run.conclusion).toBe('failure');
    expect(tookBack()).toEqual(['frontend by traffic, redeploy', 'auth by migrations-down']);
    expect(stage.given('auto-rollback').at(-1)).toMatchObject({
      'deployment-id': '7',
      'reverse-schema': '43',
      reason: 'go-live-1 stopped',
    });
    expect(resultsOf(run, 'CDN back: frontend')).toEqual(['success']);
  });

  it('leaves the earlier ranks alone where a later one could not go back', async () => {
    stage.give('go-live', 'plan', onlyFrontend);
    stage.fail('smoke-test', 'https://shop.test');
    stage.fail('auto-rollback', 'frontend-production');
    stage.give('go-live', 'decide', { ...nothing, 'back-4': back('frontend'), 'back-2': back('orders') });
    const run = await start();
    expect(run.conclusion).toBe('failure');
    expect(tookBack()).toEqual(['frontend by traffic, redeploy']);
  });

  it.each([
    ['the plan is not right', 'go-live', 'plan'],
    ['one of the gates says no', 'gate-check', 'orders-production'],
    ['the migrations would hurt a live service', 'migration-check', 'orders'],
  ])('moves nothing where %s', async (_, action, input) => {
    stage.fail(action, input);
    const run = await start();
    expect([run.conclusion, switched()]).toEqual(['failure', []]);
    expect(stage.given('migration-check').filter(({ mode }) => mode === 'run')).toEqual([]);
    expect(stage.given('notify').at(-1)).toMatchObject({ environment: 'production' });
  });

  it('releases nothing by the plan of another attempt: "Re-run failed jobs" keeps it, however old', async () => {
    stage.give('go-live', 'plan', { ...planned, attempt: '2' });
    await start();
    expect(switched()).toEqual([]);
    expect(stage.given('migration-check').filter(({ mode }) => mode === 'run')).toEqual([]);
    expect(stage.given('gate-check')).toEqual([]);
    expect(stage.given('go-live').map(({ mode }) => mode)).toEqual(['plan', 'decide', 'report']);
  });

  it('releases no service where the migration did not hold', async () => {
    stage.fail('migration-check', 'run');
    const run = await start();
    expect([run.conclusion, switched()]).toEqual(['failure', []]);
  });

  it('goes on where an earlier one stopped: ranks that are live are left out', async () => {
    stage.give('go-live', 'plan', onlyFrontend);
    const run = await start();
    expect([run.conclusion, switched()]).toEqual(['success', ['frontend']]);
  });

  it('asks the reviewers once for each service, and stops at the one that they refuse', async () => {
    stage.fixture.control.refused.set('orders-production', 'Refused by ana');
    const run = await start();
    expect([run.conclusion, switched().sort()]).toEqual(['failure', ['auth', 'search']]);
  });
});
