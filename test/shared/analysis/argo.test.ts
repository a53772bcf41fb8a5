import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { assess, emptyTally, evaluate } from '../../../shared/analysis/assess.js';
import type { Phase } from '../../../shared/contracts/reports/analysis-report.js';

interface Row {
  description: string;
  metric: {
    count?: number;
    failureLimit?: number;
    inconclusiveLimit?: number;
    consecutiveErrorLimit?: number;
    consecutiveSuccessLimit?: number;
  };
  result: {
    successful?: number;
    failed?: number;
    inconclusive?: number;
    consecutiveError?: number;
    count?: number;
    measurements: Phase[];
  };
  expected: Phase;
}
interface Expression {
  source: { test: string };
  result: unknown;
  successCondition: string;
  failureCondition: string;
  expected: Phase;
}
const vectors = JSON.parse(readFileSync('test/shared/analysis/vectors/argo.json', 'utf8')) as {
  assess_metric: Row[];
  evaluate_measurement: Expression[];
};

/**
 * Rows that end by consecutiveSuccessLimit, and what a criterion is here: a watch ends by its length and not by a number
 * of successes, so a limit on failures is all there is, and one that is not broken goes on.
 */
const bySuccesses: Readonly<Record<string, Phase>> = {
  'no count, consecutive reached': 'Running',
  'no count, consecutive not reached': 'Running',
  'count reached, consecutive not reached, failureLimit disabled': 'Successful',
  'count reached, consecutive reached': 'Successful',
  'count not reached, consecutive reached': 'Running',
  'count not reached, consecutive not reached': 'Running',
  'no count; limit not violated; consecutive satisfied': 'Running',
  'count reached; limit not violated; consecutive not satisfied': 'Successful',
  'count not reached; limit not violated; consecutive satisfied': 'Running',
};

const assessed = ({ metric, result }: Row) => {
  const {
    successful = 0,
    failed = 0,
    inconclusive = 0,
    consecutiveError = 0,
    count = 0,
    measurements,
  } = result;
  const { failureLimit = 0 } = metric;
  return assess(
    {
      maxFailures: failureLimit < 0 ? Infinity : failureLimit,
      maxInconclusive: metric.inconclusiveLimit ?? 0,
      maxConsecutiveErrors: metric.consecutiveErrorLimit ?? 4,
      ...(metric.count === undefined ? {} : { count: metric.count }),
    },
    {
      ...emptyTally,
      successful,
      failed,
      inconclusive,
      consecutiveErrors: consecutiveError,
      count,
      last: measurements.at(-1),
    },
  );
};

describe("Argo Rollouts' assessment of a metric", () => {
  const same = vectors.assess_metric.filter(({ description }) => !(description in bySuccesses));
  const other = vectors.assess_metric.filter(({ description }) => description in bySuccesses);

  it.each(same)('$description: $expected', (row) => {
    expect(assessed(row)).toBe(row.expected);
  });

  it.each(other)('$description: $expected there, which no criterion can ask for here', (row) => {
    expect(assessed(row)).toBe(bySuccesses[row.description]);
  });

  it('is told from ours in as many rows as the documentation says', () => {
    expect([same.length, other.length]).toEqual([20, 9]);
  });
});

/**
 * Expressions over any value are not judged here: a condition compares one metric with a bound. What it says is put in
 * for those that are such a comparison.
 */
const holding: Readonly<Record<string, { failed?: boolean; succeeded?: boolean }>> = {
  TestEvaluateResultWithSuccess: { failed: false, succeeded: true },
  TestEvaluateResultInconclusive: { failed: false, succeeded: false },
  TestEvaluateResultNoFailureConditionAndNotSuccessful: { succeeded: false },
  TestProcessScalarResponse: { failed: false, succeeded: true },
};

describe("Argo Rollouts' evaluation of a measurement", () => {
  it.each(vectors.evaluate_measurement.filter(({ source }) => source.test in holding))(
    '$source.test: $expected',
    ({ source, expected }) => {
      const { failed, succeeded } = holding[source.test]!;
      expect(evaluate({ failed, succeeded })).toBe(expected);
    },
  );
});
