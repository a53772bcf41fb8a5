import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { strategies } from '../../../actions/auto-rollback/strategies/registry.js';
import { strategyNames } from '../../../actions/auto-rollback/strategies/strategy-names.js';
import { startShop, type RunningShop } from '../../../rehearsal/shop/shop.js';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../shared/contracts/reports/analysis-report.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { outcomeOf } from '../../../shared/ledger/record.js';
import type { TestRunner } from '../../support/runner/port.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { until } from '../../support/until.js';
import { digests, releaseStage, type ReleaseStage } from './stage.js';

let stage: ReleaseStage;
/** What the team's executables ask to deploy something: a colour, and its version. */
let platform: TestServer;
let deployed: string[];
let started: RunningShop[];

beforeEach(async () => {
  stage = await releaseStage();
  [deployed, started] = [[], []];
  platform = await serve(async (request, response) => {
    const [colour, version] = request.url!.slice(1).split('/') as ['blue' | 'green', '1.0.0' | '1.1.0'];
    deployed.push(`${version} to ${colour}`);
    const { port } = stage.shops[colour];
    await stage.shops[colour].close();
    started.push(await startShop({ port, version, colour, digest: digests[version] }));
    response.end();
  });
});
afterEach(async () => {
  await Promise.all([platform.close(), ...started.map((shop) => shop.close())]);
  await stage.close();
});

const ask = (path: string) =>
  `node -e 'fetch(process.argv[1]).then((r) => r.text())' "${platform.url}/${path}"`;
const rollBack = (inputs: Record<string, string>, env = {}) =>
  stage.run({ mode: 'now', reason: 'orders are lost', ...inputs }, { env });
const reportOf = (runner: TestRunner): AnalysisReport =>
  analysisReportSchema.parse(JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? '{}'));
const resultOf = (runner: TestRunner) => runner.outputs.get('result');
const ledger = async () =>
  (await listDeployments(stage.github, { environments: ['production'] })).records.map(
    ({ payload, ...record }) => [payload.kind, payload.version, payload.colour, outcomeOf(record).is],
  );
const noLock = () => expect(stage.gitHub.git('for-each-ref', 'refs/devops-actions/*/*/lock')).toBe('');

describe('the strategy redeploy', () => {
  const gone = () => stage.shops.blue.close();

  it('brings the last good release to the colour that is gone, and gives it all traffic', async () => {
    await gone();
    stage.executable('deploy/deploy', `echo "$@" > called; test "$TOKEN" = t0p; ${ask('blue/1.0.0')}`);
    const runner = await rollBack({ strategy: 'traffic, redeploy', 'pass-env': 'TOKEN' }, { TOKEN: 't0p' });
    expect([resultOf(runner), runner.failure]).toEqual(['rolled-back', undefined]);
    expect(stage.router.stats().live).toBe('blue');
    expect(deployed).toEqual(['1.0.0 to blue']);
    expect(await ledger()).toEqual([
      ['rollback', '1.0.0', 'blue', 'succeeded'],
      ['release', '1.1.0', 'green', 'taken-back'],
      ['release', '1.0.0', 'blue', 'succeeded'],
    ]);
    noLock();
  });

  it('is not tried where the one before it moved traffic', async () => {
    stage.executable('deploy/deploy', ask('blue/1.0.0'));
    expect(resultOf(await rollBack({ strategy: 'traffic, redeploy' }))).toBe('rolled-back');
    expect(deployed).toEqual([]);
  });

  it('dispatches a workflow of the team and waits for the colour to say what it runs', async () => {
    await gone();
    stage.gitHub.commit('.github/workflows/redeploy.yml', 'on: workflow_dispatch');
    const { control } = stage.gitHub.server;
    const running = rollBack({ strategy: 'redeploy', redeploy: 'redeploy.yml' });
    await until(async () => control.dispatches().length > 0, 'the workflow is dispatched');
    expect(control.dispatches()[0]).toMatchObject({
      kind: 'workflow_dispatch',
      payload: {
        service: 'shop',
        environment: 'production',
        colour: 'blue',
        version: '1.0.0',
        digest: digests['1.0.0'],
      },
    });
    await fetch(`${platform.url}/blue/1.0.0`);
    expect(resultOf(await running)).toBe('rolled-back');
    expect(stage.router.stats().live).toBe('blue');
  });

  it.each([
    ['fails', 'echo "no quota" >&2; exit 3', /deploy\/deploy ended with 3: no quota/],
    ['succeeds and deploys nothing', 'true', /blue does not run 1\.0\.0 after/],
  ])('moves nothing where the executable %s, and says what a person must do', async (_, script, why) => {
    await gone();
    stage.executable('deploy/deploy', script);
    const runner = await rollBack({ strategy: 'traffic,redeploy', 'strategy-timeout': '20s' });
    expect(resultOf(runner)).toBe('held');
    expect(runner.failure).toMatch(/traffic: .*blue/);
    expect(runner.failure).toMatch(why);
    expect(runner.failure).toContain('a person is needed, since 1.1.0 still has all traffic');
    expect(stage.router.stats().live).toBe('green');
    expect(runner.outputs.get('incident')).not.toBe('');
    noLock();
  });
});

describe('the strategy command', () => {
  it('believes the router and the colours, not the exit code: in place, on the colour that was bad', async () => {
    stage.executable(
      'deploy/rollback',
      `test "$*" = "shop production 1.0.0 ${digests['1.0.0']}"; ${ask('green/1.0.0')}`,
    );
    const runner = await rollBack({ strategy: 'command' });
    expect([resultOf(runner), runner.failure]).toEqual(['rolled-back', undefined]);
    expect(runner.outputs.get('restored-at')).not.toBe('');
    expect((await ledger()).slice(0, 2)).toEqual([
      ['rollback', '1.0.0', 'green', 'succeeded'],
      ['release', '1.1.0', 'green', 'taken-back'],
    ]);
    noLock();
  });

  it('that did nothing is no rollback, and the next one is tried', async () => {
    stage.executable('deploy/rollback', 'true');
    const runner = await rollBack({ strategy: 'command, traffic' });
    expect(resultOf(runner)).toBe('rolled-back');
    expect(
      reportOf(runner)
        .timeline.map(({ message }) => message)
        .join('\n'),
    ).toMatch(/command did not roll back: deploy\/rollback succeeded, and 1\.0\.0 has not all traffic/);
  });

  it('that did its work and failed after it is a rollback: what is seen counts', async () => {
    stage.executable('deploy/rollback', `${ask('green/1.0.0')}; exit 1`);
    expect(resultOf(await rollBack({ strategy: 'command' }))).toBe('rolled-back');
    noLock();
  });

  it('that left something else in place is held, and nothing further is tried', async () => {
    stage.executable('deploy/rollback', ask('green/1.0.0'));
    stage.shops.blue.setFault({ errorRate: 1 });
    // The digest of another build: neither the good release nor the bad one.
    await stage.shops.green.close();
    started.push(
      await startShop({
        port: stage.shops.green.port,
        version: '1.0.5',
        colour: 'green',
        digest: `sha256:${'e'.repeat(64)}`,
      }),
    );
    stage.executable('deploy/rollback', 'exit 1');
    const runner = await rollBack({ strategy: 'command, traffic' });
    expect(resultOf(runner)).toBe('held');
    expect(runner.failure).toContain('is not as before');
    expect(stage.router.stats().live).toBe('green');
    noLock();
  });
});

describe('the choice of strategies', () => {
  it('knows every strategy by the name that the input takes', () => {
    expect(strategies.map(({ name }) => name)).toEqual([...strategyNames]);
  });

  it('refuses names it does not know, and says which was meant', async () => {
    const runner = await rollBack({ strategy: 'traffic, redeply' });
    expect(runner.failure).toContain('did you mean "redeploy"');
    expect(stage.router.stats().live).toBe('green');
  });

  it('asks all of them when the watch begins, and warns of each that could not', async () => {
    stage.criteria(`version: 1
environments:
  production:
    watch: 2s
    interval: 1s
    sources: { home: { type: probe, path: /health } }
    criteria: [{ name: home, source: home, fail-when: error-rate > 50 %, for: 1s, min-requests: 1 }]
`);
    const runner = await stage.run({ strategy: 'traffic, redeploy, tag, git-revert' });
    const { preflight } = reportOf(runner);
    expect(preflight.map(({ what, ok }) => [what.split(' by ')[1], ok])).toEqual([
      ['traffic?', true],
      ['redeploy?', false],
      ['tag?', false],
      ['git-revert?', false],
    ]);
    expect(preflight[1]!.message).toContain('git update-index --chmod=+x deploy/deploy');
    expect(preflight[2]!.message).toContain('the input tag is missing');
    expect(preflight[3]!.message).toContain('the input code-token is missing');
  });

  it('goes back to the version that a person names, and knows which there are', async () => {
    const unknown = await rollBack({ 'to-version': '0.9.0' });
    expect(unknown.failure).toContain(
      'no release 0.9.0 of shop was live in production and stayed good; known are 1.0.0',
    );
    expect(stage.router.stats().live).toBe('green');
    expect(resultOf(await rollBack({ 'to-version': '1.0.0' }))).toBe('rolled-back');
    expect(stage.router.stats().live).toBe('blue');
  });
});
