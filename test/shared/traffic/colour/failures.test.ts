import { describe, expect, it } from '@jest/globals';
import { describeFailures, FailureCount, lasted } from '../../../../shared/traffic/colour/failures.js';

/** Connections by their second; those in `bad` fail. */
function counted(seconds: readonly number[], bad: (second: number) => boolean) {
  const failures = new FailureCount();
  for (const second of seconds)
    failures.count(1_000 * second, bad(second) ? 'the entry answers 503' : undefined);
  return failures.seen;
}

describe('failed connections', () => {
  it('are told with their number, first, last and what they met', () => {
    const seen = counted([0, 1, 1.5, 2, 3.1, 4], (second) => second > 0.5 && second < 3.5);
    expect(seen).toMatchObject({
      opened: 6,
      failed: 4,
      failedBefore: 0,
      firstAt: 1_000,
      lastAt: 3_100,
      longestMs: 2_100,
    });
    expect(describeFailures(seen)).toBe(
      '4 of 6 new connections failed from 00:00:01.000 to 00:00:03.100 UTC, for up to 2.1 s at a time (first: the entry answers 503)',
    );
    expect(lasted(seen)).toBe(true);
  });

  it('far apart are blips of their own, not one outage as long as the time between them', () => {
    const seen = counted([0, 1, 10, 100], (second) => second === 1 || second === 100);
    expect(seen).toMatchObject({ failed: 2, longestMs: 0 });
    expect(lasted(seen)).toBe(false);
  });

  it('from the very first one on were failing before the move, until one is answered', () => {
    const seen = counted([0, 1, 2, 3, 4], (second) => second !== 2 && second !== 4);
    expect(seen).toMatchObject({ failed: 1, failedBefore: 2, firstAt: 3_000 });
  });

  it('of one way in that was failing before are told apart from those of another that was not', () => {
    const failures = new FailureCount();
    for (const second of [0, 1, 2, 3]) {
      failures.count(1_000 * second, undefined, 'https://a.test');
      failures.count(1_000 * second + 1, second < 3 ? 'the entry answers 503' : undefined, 'https://b.test');
    }
    expect(failures.seen).toMatchObject({ opened: 8, failed: 0, failedBefore: 3 });
  });

  it('are not spoken of where there are none', () => {
    expect(describeFailures(counted([0, 1], () => false))).toBeUndefined();
  });

  it('that ended in another order than they began are counted by when they began', () => {
    const seen = counted([0, 3, 1], (second) => second > 0);
    expect(seen).toMatchObject({ firstAt: 1_000, lastAt: 3_000, longestMs: 2_000 });
  });
});
