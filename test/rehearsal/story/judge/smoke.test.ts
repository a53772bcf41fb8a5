import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { smokeChecks, stepsOfSuite, type SmokeRun } from '../../../../rehearsal/story/judge/smoke.js';

const suite = stepsOfSuite(
  readFileSync(new URL('../../../../docs/examples/smoke-go-live.yml', import.meta.url), 'utf8'),
);
const database = 'database › the schema is the expected one';
const sql = 'sql postgresql://127.0.0.1:5432/postgres SELECT version FROM migrations';

/** What a smoke test of the whole suite reports, as far as the checks look at it. */
function run(release: string, environment: string, schema: string): SmokeRun {
  const flows = suite.map((step) => {
    const [flow = '', name = ''] = step.split(' › ');
    const request = step === database ? sql : 'GET http://127.0.0.1/';
    return { name: flow, steps: [{ name, result: 'passed', request }] };
  });
  return { release, environment, schema, report: { result: 'pass', flows } } as unknown as SmokeRun;
}

function story(): SmokeRun[] {
  return [
    run('good', 'staging', '42'),
    run('good', 'production', '42'),
    run('bad', 'staging', '43'),
    run('bad', 'production', '43'),
    run('blocked', 'staging', '43'),
    run('hotfix', 'staging', '43'),
    run('hotfix', 'production', '43'),
  ];
}

const judged = (runs: SmokeRun[]) => smokeChecks(runs, suite).map(({ ok, got }) => ({ ok, got }));
const databaseStep = ({ report }: SmokeRun) =>
  report.flows.find(({ name }) => name === 'database')!.steps[0]!;

describe('the suite of the go-live plan in the rehearsal', () => {
  it('holds what the plan checks by hand', () => {
    const wanted = ['register', 'log in', 'search', 'order', 'order status'].map((step) => `buy › ${step}`);
    expect(suite).toEqual(
      expect.arrayContaining([...wanted, database, 'frontend › the footer shows the version']),
    );
  });

  it('is fine when all of it passed before every switch', () => {
    expect(judged(story())).toEqual([
      { ok: true, got: `all ${suite.length} steps passed, 7 times` },
      { ok: true, got: 'staging 42 43 43 43, production 42 43 43' },
    ]);
  });

  it('is not fine with a smoke test less', () => {
    expect(judged(story().slice(1))).toMatchObject([
      { ok: false, got: '6 times' },
      { ok: false, got: 'staging 43 43 43, production 42 43 43' },
    ]);
  });

  it('is not fine when a step was left out or failed', () => {
    const runs = story();
    databaseStep(runs[3]!).result = 'not-run';
    expect(judged(runs)).toMatchObject([
      { ok: false, got: `bad production: ${database} did not pass` },
      { ok: false, got: 'staging 42 43 43 43, production 42 unseen 43' },
    ]);
  });

  it('is not fine when the report itself says so', () => {
    const runs = story();
    runs[0]!.report.result = 'fail';
    expect(judged(runs)[0]).toEqual({ ok: false, got: 'good staging: fail' });
  });

  it('is not fine when what passed did not ask PostgreSQL', () => {
    const runs = story();
    databaseStep(runs[0]!).request = 'GET http://127.0.0.1/schema';
    expect(judged(runs)[1]).toMatchObject({ ok: false });
  });
});
