import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { assess, emptyTally, evaluate } from '../../../shared/analysis/assess.js';
import { parseCondition } from '../../../shared/analysis/condition.js';
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
 * Rows that come out otherwise, and as what: a watch ends by its length and not by a number of successes in a row
 * (consecutiveSuccessLimit). docs/rollback-criteria.md says of each why.
 */
const otherwise: Readonly<Record<string, Phase>> = {
  'no count, consecutive reached': 'Running',
  'count not reached, consecutive reached': 'Running',
  'no count; limit not violated; consecutive satisfied': 'Running',
  'count not reached; limit not violated; consecutive satisfied': 'Running',
  'count reached, consecutive not reached, failureLimit disabled': 'Successful',
  'count reached; limit not violated; consecutive not satisfied': 'Successful',
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
  const same = vectors.assess_metric.filter(({ description }) => !(description in otherwise));
  const other = vectors.assess_metric.filter(({ description }) => description in otherwise);

  it.each(same)('$description: $expected', (row) => {
    expect(assessed(row)).toBe(row.expected);
  });

  it.each(other)('$description: $expected there, and not here', (row) => {
    expect(assessed(row)).toBe(otherwise[row.description]);
  });

  it('is told from ours row by row in the documentation', () => {
    const page = readFileSync('docs/rollback-criteria.md', 'utf8');
    const section = page.slice(page.indexOf('### Where this differs from Argo Rollouts'));
    for (const { description, expected } of other) {
      expect(otherwise[description]).not.toBe(expected);
      expect(section).toMatch(
        new RegExp(`\\| ${description} *\\| ${expected} *\\| ${otherwise[description]!} *\\|`),
      );
    }
    expect(section).toContain(`Of the 29 published cases of its assessment ${same.length} come out the same`);
    expect([same.length, other.length]).toEqual([23, 6]);
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

  it('leaves out what no condition here can say, and the documentation says how many those are', () => {
    const left = vectors.evaluate_measurement.filter(({ source }) => !(source.test in holding));
    const count = vectors.evaluate_measurement.length;
    expect(left.map(({ source }) => source.test)).toEqual([
      'TestEvaluateResultWithErrorOnSuccessCondition',
      'TestEvaluateResultErrorMessageWithNilResult',
      'TestProcessNaNResponse',
      'TestProcessInfResponse',
      'TestProcessVectorResponse',
      'TestEvaluateInOperator',
    ]);
    for (const { successCondition } of left) expect(parseCondition(successCondition)).toBeUndefined();
    expect(readFileSync('docs/rollback-criteria.md', 'utf8')).toContain(
      `Of its ${count} cases of a single measurement ${count - left.length} come out the same`,
    );
  });
});
