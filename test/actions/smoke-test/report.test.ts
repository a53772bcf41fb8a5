import { expect, test } from '@jest/globals';
import type { Plan, PlannedStep } from '../../../actions/smoke-test/plan.js';
import { buildReport, percentile } from '../../../actions/smoke-test/report.js';
import { smokeReport, type SmokeReport } from '../../../shared/contracts/smoke-report.js';

const pass: SmokeReport = {
  schema: 'devops-actions/smoke-report@1',
  result: 'pass',
  said: 'fine',
  suite: { name: 'shop', file: 'smoke.yml' },
  target: null,
  version: null,
  startedAt: '2026-01-31T12:00:00.000Z',
  durationMs: 1,
  passed: 1,
  failed: 0,
  notRun: 0,
  p95Ms: null,
  flows: [],
  failures: [],
};

test('a report that passes is one', () => {
  expect(smokeReport.parse(pass)).toEqual(pass);
});

test.each<[string, Partial<SmokeReport>]>([
  ['no step', { passed: 0 }],
  ['a failed step', { failed: 1 }],
  ['a step that was not run', { notRun: 1 }],
  [
    'a failure',
    {
      failures: [
        {
          flow: 'f',
          step: 's',
          kind: 'status',
          check: 'status',
          expected: '200',
          got: '500',
          request: '',
          file: 'a',
        },
      ],
    },
  ],
])('a report that says pass with %s does not parse', (_, contradiction) => {
  expect(smokeReport.safeParse({ ...pass, ...contradiction }).success).toBe(false);
  expect(smokeReport.safeParse({ ...pass, ...contradiction, result: 'fail' }).success).toBe(true);
});

test('percentiles are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(95, hundred)).toBe(95);
  expect(percentile(95, [3, 1, 2])).toBe(3);
  expect(percentile(50, [1, 2])).toBe(1);
  expect(percentile(95, [])).toBeNull();
});

test('a run in which nothing failed but something was left out is no pass, and says why', () => {
  const planned = { name: 's', phase: 'test', lineOf: () => undefined } as unknown as PlannedStep;
  const attempts = [{ startedAt: 0, durationMs: 1, status: 200, fault: null }];
  const done = { planned, request: 'GET http://127.0.0.1/', durationMs: 1, failures: [] };
  const flow = {
    planned: { name: 'f', line: 3, steps: [], after: [] },
    durationMs: 1,
    steps: [
      { ...done, result: 'passed' as const, attempts },
      { ...done, result: 'not-run' as const, attempts: [], reason: 'the limit of 1 s was reached' },
    ],
  };
  const plan = { name: 'shop', file: 'smoke.yml', baseUrl: undefined, version: undefined } as unknown as Plan;
  const report = buildReport(plan, [flow], { startedAt: 0, endedAt: 1, interrupted: false });
  expect(report).toMatchObject({ result: 'fail', passed: 1, failed: 0, notRun: 1, p95Ms: 1 });
  expect(report.said).toContain('the limit of 1 s was reached');
  expect(buildReport(plan, [], { startedAt: 0, endedAt: 1, interrupted: false }).result).toBe('fail');
});
