import { expect, test } from '@jest/globals';
import type { Plan, PlannedStep } from '../../../../actions/smoke-test/plan/planned.js';
import { percentile, summarise } from '../../../../actions/smoke-test/report/latency.js';
import { junitOf } from '../../../../actions/smoke-test/report/junit.js';
import { buildReport } from '../../../../actions/smoke-test/report/report.js';
import { smokeReport, type SmokeReport } from '../../../../shared/contracts/reports/smoke-report.js';

const pass: SmokeReport = {
  schema: 'devops-actions/smoke-report@1',
  result: 'pass',
  message: 'fine',
  suite: { name: 'shop', file: 'smoke.yml' },
  target: null,
  version: null,
  startedAt: '2026-01-31T12:00:00.000Z',
  durationMs: 1,
  passed: 1,
  failed: 0,
  notRun: 0,
  p95Ms: null,
  latency: null,
  seed: 'abc',
  budgets: [{ metric: 'failed-flows', flow: null, limit: 0, got: 0, held: true }],
  isolation: null,
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

const failedFlow: SmokeReport['flows'][number] = {
  name: 'f',
  file: 'a',
  result: 'failed',
  durationMs: 1,
  steps: [
    { name: 's', phase: 'test', result: 'failed', request: '', durationMs: 1, attempts: [] },
    { name: 't', phase: 'test', result: 'not-run', request: '', durationMs: 0, attempts: [] },
  ],
};
const tolerating = (limit: number): SmokeReport['budgets'] => [
  { metric: 'failed-flows', flow: null, limit, got: 1, held: true },
];

test('a report that says pass with a failed flow parses only as far as its budget tolerates failed flows', () => {
  const one = { ...pass, failed: 1, notRun: 1, flows: [failedFlow] };
  expect(smokeReport.safeParse({ ...one, budgets: tolerating(1) }).success).toBe(true);
  expect(smokeReport.safeParse({ ...one, budgets: tolerating(0) }).success).toBe(false);
  const two = [failedFlow, { ...failedFlow, name: 'g' }];
  expect(smokeReport.safeParse({ ...one, flows: two, budgets: tolerating(1) }).success).toBe(false);
  const late = [{ ...failedFlow, result: 'not-run' as const }];
  expect(smokeReport.safeParse({ ...one, flows: late, budgets: tolerating(1) }).success).toBe(false);
});

test.each<[string, Partial<SmokeReport>]>([
  ['a budget that did not hold', { budgets: [{ metric: 'p95', flow: null, limit: 5, got: 9, held: false }] }],
  ['broken isolation', { isolation: { result: 'broken', tenants: ['a', 'b'], checks: [] } }],
  ['isolation that was not shown', { isolation: { result: 'unproven', tenants: ['a', 'b'], checks: [] } }],
])('a report that says pass with %s does not parse', (_, contradiction) => {
  expect(smokeReport.safeParse({ ...pass, ...contradiction }).success).toBe(false);
});

test('percentiles are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect(percentile(95, hundred)).toBe(95);
  expect(percentile(95, [1, 2, 3])).toBe(3);
  expect(percentile(50, [1, 2])).toBe(1);
  expect(percentile(95, [])).toBeNull();
  expect(summarise(hundred)).toEqual({ answers: 100, p50Ms: 50, p95Ms: 95, p99Ms: 99, maxMs: 100 });
  expect(summarise([])).toBeNull();
});

test('a run in which nothing failed but something was left out is no pass, and says why', () => {
  const planned = { name: 's', phase: 'test', lineOf: () => undefined } as unknown as PlannedStep;
  const attempts = [{ startedAt: 0, durationMs: 1, status: 200, fault: null }];
  const done = { planned, request: 'GET http://127.0.0.1/', durationMs: 1, failures: [] };
  const flow = {
    planned: {
      name: 'f',
      written: 'f',
      file: 'smoke.yml',
      line: 3,
      given: {},
      timeoutMs: undefined,
      before: [],
      steps: [],
      after: [],
    },
    durationMs: 1,
    steps: [
      { ...done, result: 'passed' as const, attempts },
      { ...done, result: 'not-run' as const, attempts: [], reason: 'the limit of 1 s was reached' },
    ],
  };
  const plan = { name: 'shop', file: 'smoke.yml', tolerated: 1, budgets: [], leftOut: [] } as unknown as Plan;
  const times = { startedAt: 0, endedAt: 1, interrupted: false };
  const report = buildReport(plan, { flows: [flow], isolation: undefined }, times, 'abc');
  expect(report).toMatchObject({ result: 'fail', passed: 1, failed: 0, notRun: 1, p95Ms: 1 });
  expect(report.message).toContain('the limit of 1 s was reached');
  const junit = junitOf(report);
  expect(junit).toContain('tests="3" failures="0" errors="1" skipped="1"');
  expect(junit).toMatch(
    /<error message="The smoke test failed: [^"]*the limit of 1 s was reached\." type="fail"\/>/,
  );
  expect(junitOf({ ...report, result: 'pass' })).not.toContain('<error');
  expect(buildReport(plan, { flows: [], isolation: undefined }, times, 'abc').result).toBe('fail');
});
