import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, rmSync } from 'node:fs';
import { startShop } from '../../../rehearsal/shop/shop.js';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../shared/contracts/reports/analysis-report.js';
import type { TestRunner } from '../../support/runner/port.js';
import { until } from '../../support/until.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { outcomeOf } from '../../../shared/ledger/record.js';
import { neededBy } from '../../../actions/auto-rollback/strategies/migrations-down.js';
import { record } from './facts.js';
import { digests, releaseStage, type ReleaseStage } from './stage.js';

/** 1.1.0 runs on schema 43, which 1.0.0 must not run on. One stage for all: only the last test moves traffic. */
let stage: ReleaseStage;
beforeAll(async () => {
  stage = await releaseStage(undefined, {
    '1.0.0': { version: '42', oldestCompatibleApp: '0.9.0' },
    '1.1.0': { version: '43', oldestCompatibleApp: '1.1.0' },
  });
});
afterAll(() => stage.close());

const reportOf = (runner: TestRunner): AnalysisReport | undefined => {
  const text = runner.files.get(runner.outputs.get('report') ?? '');
  // Inputs that are wrong end the step before there is a report of it.
  return runner.outputs.get('result') === 'error' || text === undefined
    ? undefined
    : analysisReportSchema.parse(JSON.parse(text));
};
const rollBack = async (inputs: Record<string, string>) => {
  const runner = await stage.run({ mode: 'now', reason: 'orders are lost', ...inputs });
  return {
    result: runner.outputs.get('result'),
    reason: runner.outputs.get('reason') ?? '',
    failure: runner.failure ?? '',
    takeBack: reportOf(runner)?.takeBack,
  };
};
const down = (inputs: Record<string, string> = {}) =>
  rollBack({ strategy: 'migrations-down', 'reverse-schema': '43', ...inputs });
const live = () => stage.router.stats().live;

describe('the strategy migrations-down', () => {
  it('is what a schema that is too new takes: no other strategy gets past it', async () => {
    const refused = await rollBack({ strategy: 'traffic, redeploy, command' });
    expect(refused.result).toBe('held');
    expect(refused.reason).toContain('schema 43 needs an app of at least 1.1.0');
    expect(live()).toBe('green');
  });

  it('stands alone, and needs a person: nothing falls through to it', async () => {
    expect((await rollBack({ strategy: 'traffic, migrations-down' })).failure).toContain(
      'a schema is never reversed because something else failed',
    );
    const watch = await stage.run({ mode: 'watch', strategy: 'migrations-down' });
    expect(watch.failure).toContain('migrations-down is for mode now');
  });

  it('is refused without the schema that a person names, and without the executable', async () => {
    for (const named of ['', '42'])
      expect((await down({ 'reverse-schema': named })).reason).toContain('writes  reverse-schema: 43');
    expect((await down()).reason).toContain('deploy/migrations-down is no executable of the workspace');
    expect(live()).toBe('green');
  });

  it('that fails or leaves another schema holds: what the database has is not known, so no traffic moves', async () => {
    stage.executable('deploy/migrations-down', 'echo "lock timeout" >&2; exit 3');
    const failed = await down();
    expect([failed.result, live()]).toEqual(['held', 'green']);
    expect(failed.reason).toMatch(/ended with 3: lock timeout\. Which schema the database has is not known/);
    stage.executable('deploy/migrations-down', 'echo 41');
    expect((await down()).reason).toContain('its last line is "41" instead of 42');
    expect([live(), stage.gitHub.git('for-each-ref', 'refs/devops-actions/*/*/lock')]).toEqual(['green', '']);
  });

  it('that hangs is ended at its time, and holds', async () => {
    stage.executable('deploy/migrations-down', 'sleep 600');
    const hung = await down({ 'strategy-timeout': '2s' });
    expect([hung.result, live()]).toEqual(['held', 'green']);
    expect(hung.reason).toMatch(/ended with .*Which schema the database has is not known/);
  });

  it('that reverses the schema and then cannot give traffic back says which schema there is, and what to do', async () => {
    // The colour to go back to breaks while the schema is reversed: its health is asked for by then.
    stage.executable(
      'deploy/migrations-down',
      'touch reversing; while [ -e reversing ]; do sleep 0.1; done; echo 42',
    );
    const running = down();
    await until(() => existsSync(stage.path('reversing')), 'the schema is being reversed');
    await stage.shops.blue.close();
    rmSync(stage.path('reversing'));
    const broken = await running;
    expect([broken.result, live()]).toEqual(['held', 'green']);
    expect(broken.reason).toContain('The schema was reversed to 42, and 1.0.0 has not all traffic');
    expect(broken.reason).not.toContain('Nothing was moved');
    expect(broken.takeBack).toMatchObject({ result: 'held', trafficMoved: false });
    expect(broken.takeBack?.next?.join('\n')).toMatch(/Keep writes fenced: 1\.1\.0 does not fit schema 42/);
    const { port } = stage.shops.blue;
    stage.shops.blue = await startShop({ port, version: '1.0.0', colour: 'blue', digest: digests['1.0.0'] });
  });

  it('reverses the schema, then gives traffic back, and the ledger has the schema that is there now', async () => {
    stage.executable('deploy/migrations-down', 'echo "$@" > reversed.txt; echo "42 of 43 left"; echo 42');
    expect(await down()).toMatchObject({ result: 'rolled-back', failure: '' });
    expect([live(), stage.written('reversed.txt')]).toEqual(['blue', 'shop production 43 42\n']);
    const { records } = await listDeployments(stage.github, { environments: ['production'] });
    const [rollback, bad] = records;
    expect(rollback!.payload).toMatchObject({
      kind: 'rollback',
      version: '1.0.0',
      schema: { version: '42' },
    });
    expect([outcomeOf(rollback!).is, outcomeOf(bad!).is]).toEqual(['succeeded', 'taken-back']);
  });
});

describe('a schema that is to be reversed', () => {
  const other = (version: string, states: ('success' | 'inactive')[] = ['success']) => {
    const schema = { version, oldestCompatibleApp: '1.0.0' };
    return { ...record(7, '3.0.0', 'blue', states, { service: 'cart', schema }), service: 'cart' };
  };
  it.each([
    ['another service is live on it', [other('43')], true, /^cart 3\.0\.0 is live on schema 43 too$/],
    ['not all records were read', [other('42')], false, /more than 1 Deployments here, .* is not known/],
    ['the other service runs on another one', [other('42')], true, undefined],
    ['the other service was superseded', [other('43', ['success', 'inactive'])], true, undefined],
  ])('%s', (_, records, complete, why) => {
    const needed = neededBy({ records, complete }, 'shop', '43');
    if (why) expect(needed).toMatch(why);
    else expect(needed).toBeUndefined();
  });
});
