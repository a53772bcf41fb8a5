const budget = { metric: 'failed-flows', flow: null, limit: 0, got: 0, held: true };
const step = { name: 's', phase: 'test', request: 'GET /', durationMs: 1, attempts: [] };
const flow = {
  name: 'f',
  file: 'smoke.yml',
  result: 'passed',
  durationMs: 1,
  steps: [{ ...step, result: 'passed' }],
};

/** The address that the reports are of. */
export const tested = 'https://shop.example';

/** A report of smoke-test on version 1.1.0 that passed and began at the epoch, with some keys changed. */
export const smokeReportOf = (changes: object = {}) => ({
  schema: 'devops-actions/smoke-report@1',
  result: 'pass',
  message: 'all is well',
  suite: { name: 'shop', file: 'smoke.yml' },
  target: tested,
  version: '1.1.0',
  startedAt: '1970-01-01T00:00:00Z',
  durationMs: 1,
  passed: 1,
  failed: 0,
  notRun: 0,
  p95Ms: 1,
  latency: null,
  seed: '1',
  budgets: [budget],
  isolation: null,
  flows: [flow],
  failures: [],
  ...changes,
});

/** A report whose limit did not hold. */
export const brokenBudget = { result: 'fail', budgets: [{ ...budget, held: false }] };

const check = { tenant: 'a', other: 'b', step: 's', request: 'GET /', status: 200, evidence: 'e' };

/** What a report says of two tenants. */
export const isolationOf = (result: 'held' | 'broken' | 'unproven') => ({
  result,
  tenants: ['a', 'b'],
  checks: [{ ...check, result }],
});
