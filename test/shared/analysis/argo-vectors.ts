import type { Phase } from '../../../shared/contracts/analysis-report.js';

/** A row of the metric assessment tests of argo-rollouts. */
export interface AssessVector {
  says: string;
  limits: { maxFailures?: number; maxInconclusive?: number; maxConsecutiveErrors?: number; count?: number };
  seen: {
    successful?: number;
    failed?: number;
    inconclusive?: number;
    consecutiveErrors?: number;
    count?: number;
  };
  last: Phase | undefined;
  expected: Phase;
}

/**
 * Numbers of analysis/analysis_test.go (TestAssessMetricStatus*) of argoproj/argo-rollouts at 9f8d111, Apache-2.0. Left
 * out: rows that need consecutiveSuccessLimit to be decided (a watch here ends by its length, not by a number of
 * successes) and a failureLimit of -1, which only goes with it. Rows whose limit is broken, whatever that setting, are
 * in.
 */
export const assessVectors: readonly AssessVector[] = [
  { says: 'no measurement yet', limits: {}, seen: {}, last: undefined, expected: 'Pending' },
  {
    says: 'last measurement still running',
    limits: {},
    seen: { successful: 1, count: 1 },
    last: 'Running',
    expected: 'Running',
  },
  {
    says: 'failed 3 > failureLimit 2',
    limits: { maxFailures: 2 },
    seen: { failed: 3, count: 3 },
    last: 'Failed',
    expected: 'Failed',
  },
  {
    says: 'failed 3 = failureLimit 3',
    limits: { maxFailures: 3 },
    seen: { failed: 3, count: 3 },
    last: 'Failed',
    expected: 'Running',
  },
  {
    says: 'no count; limit violated',
    limits: { maxFailures: 4 },
    seen: { failed: 5, successful: 9, count: 9 },
    last: 'Failed',
    expected: 'Failed',
  },
  {
    says: 'count reached; limit violated',
    limits: { maxFailures: 4, count: 10 },
    seen: { failed: 5, successful: 5, count: 10 },
    last: 'Failed',
    expected: 'Failed',
  },
  {
    says: 'count not reached; limit violated',
    limits: { maxFailures: 4, count: 10 },
    seen: { failed: 5, successful: 3, count: 8 },
    last: 'Failed',
    expected: 'Failed',
  },
  {
    says: 'inconclusive 3 > limit 2',
    limits: { maxInconclusive: 2 },
    seen: { inconclusive: 3, count: 3 },
    last: 'Inconclusive',
    expected: 'Inconclusive',
  },
  {
    says: 'inconclusive 3 = limit 3',
    limits: { maxInconclusive: 3 },
    seen: { inconclusive: 3, count: 3 },
    last: 'Inconclusive',
    expected: 'Running',
  },
  {
    says: '5 consecutive errors > default 4',
    limits: {},
    seen: { consecutiveErrors: 5, count: 5 },
    last: 'Error',
    expected: 'Error',
  },
  {
    says: '4 consecutive errors = default 4',
    limits: {},
    seen: { consecutiveErrors: 4, count: 5 },
    last: 'Error',
    expected: 'Running',
  },
  {
    says: '10 of 10 successful',
    limits: { count: 10 },
    seen: { successful: 10, count: 10 },
    last: 'Successful',
    expected: 'Successful',
  },
  {
    says: '1 failed, default failureLimit 0',
    limits: {},
    seen: { failed: 1 },
    last: 'Failed',
    expected: 'Failed',
  },
  {
    says: '5 consecutive errors, default limit 4',
    limits: {},
    seen: { consecutiveErrors: 5 },
    last: 'Error',
    expected: 'Error',
  },
];
