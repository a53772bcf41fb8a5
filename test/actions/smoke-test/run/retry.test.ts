import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../../actions/smoke-test/judge/finding.js';
import {
  attemptTimeout,
  nextAttempt as decide,
  type AttemptPolicy,
} from '../../../../actions/smoke-test/run/retry.js';
import type { RetryPolicy } from '../../../../actions/smoke-test/suite/schema/schema.js';

const finding = (kind: Finding['kind']): Finding => ({ kind, check: '', path: [], expected: '', got: '' });
const policy = (more: Partial<RetryPolicy> = {}): { retry: RetryPolicy } => ({
  retry: {
    times: 3,
    delay: 100,
    backoff: 'constant',
    jitter: false,
    on: ['network', 'status', 'expectation'],
    ...more,
  },
});
const nextAttempt = (
  policy: AttemptPolicy,
  attempt: number,
  elapsedMs: number,
  findings: readonly Finding[],
  random = 0,
) => decide(policy, attempt, elapsedMs, findings, () => random);
const status = [finding('status')];

describe('retry', () => {
  test('is not made without a policy', () => {
    expect(nextAttempt({}, 1, 0, status)).toEqual({ again: false });
  });

  test('is made as often as said and not once more', () => {
    expect(nextAttempt(policy(), 3, 0, status)).toEqual({ again: true, afterMs: 100 });
    expect(nextAttempt(policy(), 4, 0, status)).toEqual({ again: false });
  });

  test('waits twice as long each time with exponential backoff, at most a minute', () => {
    const waits = [1, 2, 3, 20].map((attempt) =>
      nextAttempt(policy({ times: 50, backoff: 'exponential' }), attempt, 0, status),
    );
    expect(waits.map((wait) => wait.again && wait.afterMs)).toEqual([100, 200, 400, 60_000]);
  });

  test('with jitter waits between half of that and all of it, as chance has it', () => {
    const jittery = policy({ backoff: 'exponential', jitter: true });
    const waits = [0, 0.5, 1].map((random) => nextAttempt(jittery, 2, 0, status, random));
    expect(waits.map((wait) => wait.again && wait.afterMs)).toEqual([200, 150, 100]);
  });

  test('is made when any failure is of a kind to retry, never for a broken suite', () => {
    const onStatus = policy({ on: ['status'] });
    expect(nextAttempt(onStatus, 1, 0, [finding('expectation'), finding('status')]).again).toBe(true);
    expect(nextAttempt(onStatus, 1, 0, [finding('network')]).again).toBe(false);
    expect(nextAttempt(policy(), 1, 0, [finding('suite')]).again).toBe(false);
  });
});

describe('until', () => {
  const until = { until: { within: 1_000, every: 300 } };

  test('goes on while another attempt can begin before the deadline', () => {
    expect(nextAttempt(until, 9, 699, status)).toEqual({ again: true, afterMs: 300 });
    expect(nextAttempt(until, 9, 700, status)).toEqual({ again: false });
  });

  test('cuts the time of an attempt at the deadline', () => {
    expect(attemptTimeout(until, 10_000, 400)).toBe(600);
    expect(attemptTimeout(until, 100, 400)).toBe(100);
    expect(attemptTimeout(until, 100, 2_000)).toBe(1);
    expect(attemptTimeout({}, 100, 99_999)).toBe(100);
  });
});
