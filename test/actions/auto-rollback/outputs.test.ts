import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outputs } from '../../../actions/auto-rollback/inputs.js';
import { outputsOfError, toOutcome } from '../../../actions/auto-rollback/outcome.js';
import { ledgerFact } from '../../../actions/dora-report/collect/sources/ledger-fact.js';
import { failuresOf } from '../../../actions/dora-report/metrics/failures.js';
import { recoveryOf, undoneUnits } from '../../../actions/dora-report/metrics/recovery.js';
import { unitsOf } from '../../../actions/dora-report/metrics/units.js';
import { rollbackResultSchema } from '../../../shared/contracts/reports/analysis-report.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { recoveryMs } from '../../../shared/ledger/recovery-time.js';
import { failedReport, minute, record } from './facts.js';
import { releaseStage, type ReleaseStage } from './stage.js';

const names = Object.keys(outputs.shape).filter((name) => name !== 'report');

describe('outputs', () => {
  const modes = ['watch', 'check', 'now'] as const;
  const endings = modes.flatMap((mode) => rollbackResultSchema.options.map((result) => ({ mode, result })));

  it.each(endings)('are all there after $mode: $result', (ending) => {
    const { outputs: given } = toOutcome(failedReport(ending));
    expect(Object.keys(given).sort()).toEqual([...names].sort());
    expect([given.result, given.reason]).toEqual([ending.result, 'error-rate: 24 of 200 requests failed']);
  });

  it('are all there where the step stopped before it had a report, with the reason in one line', () => {
    const given = outputsOfError('Nothing was done:\n  no file\n  Fix: add it');
    expect(Object.keys(given).sort()).toEqual([...names].sort());
    expect(given).toMatchObject({ result: 'error', reason: 'Nothing was done: no file Fix: add it' });
  });
});

describe('a step that ended', () => {
  let stage: ReleaseStage;
  beforeAll(async () => void (stage = await releaseStage()));
  afterAll(() => stage.close());

  it.each([
    ['an input is wrong', { mode: 'now', strategy: 'redeply' }, {}, /did you mean "redeploy"/],
    ['the traffic file is missing', { mode: 'now', traffic: 'none.yml' }, {}, /none\.yml/],
    [
      'GitHub does not answer',
      { mode: 'now', reason: 'orders are lost' },
      { GITHUB_API_URL: 'http://127.0.0.1:9' },
      /Not rolled back: .*rollback --break-glass|127\.0\.0\.1:9/,
    ],
  ])('with an error, since %s, has every output, and a report', async (_, inputs, env, why) => {
    const runner = await stage.run(inputs, { env, speed: 60 });
    expect(names.filter((name) => !runner.outputs.has(name))).toEqual([]);
    expect(runner.outputs.get('result')).toBe('error');
    expect(runner.outputs.get('reason')).toMatch(why);
    expect(runner.files.has(runner.outputs.get('report') ?? '')).toBe(true);
    expect(stage.router.stats().live).toBe('green');
  });

  it('has the recovery time that dora-report counts for the same ledger', async () => {
    const runner = await stage.run({ mode: 'now', reason: 'orders are lost' }, { speed: 1 });
    expect(runner.outputs.get('result')).toBe('rolled-back');
    const { records } = await listDeployments(stage.github, { environments: ['production'] });
    const { units } = unitsOf(records.map(ledgerFact));
    const failures = failuresOf(units, new Map(), [], {} as never);
    const failed = units.find(({ id }) => id === stage.deployments['1.1.0'])!;
    const recovery = recoveryOf(failed, failures.get(failed.id)!, units, undoneUnits(failures))!;
    expect(runner.outputs.get('time-to-restore-ms')).toBe(String(recovery.at - failed.at));
    expect(Date.parse(runner.outputs.get('restored-at')!)).toBeGreaterThan(0);
  });
});

describe('the recovery time', () => {
  const bad = record(2, '1.1.0', 'green', ['in_progress', 'success', 'failure']);
  it('is from the first success of the failed deployment to that of the rollback, at the ledger’s instants', () => {
    const back = record(3, '1.0.0', 'blue', ['queued', 'in_progress', 'success', 'success']);
    expect(recoveryMs(bad, back)).toBe(11 * minute);
  });
  it('is the switch’s own where that took the release back, and is not known while the ledger has no end', () => {
    expect(recoveryMs(record(2, '1.1.0', 'green', ['queued', 'in_progress', 'failure']), undefined)).toBe(
      minute,
    );
    expect(recoveryMs(bad, record(3, '1.0.0', 'blue', ['in_progress']))).toBeUndefined();
    expect(recoveryMs(record(2, '1.1.0', 'green', ['queued']), undefined)).toBeUndefined();
  });
});
