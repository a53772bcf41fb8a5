import { describe, expect, it } from '@jest/globals';
import { watch, type WatchPorts } from '../../../../shared/analysis/course/watch.js';
import { parseCondition } from '../../../../shared/analysis/condition.js';
import { replay } from '../../../../shared/analysis/course/course.js';
import type { Plan, Reading } from '../../../../shared/contracts/reports/analysis-report.js';
import type { Window } from '../../../../shared/analysis/source.js';

const second = 1_000;
const plan: Plan = {
  watchMs: 300 * second,
  intervalMs: 5 * second,
  warmUpMs: 10 * second,
  criteria: [
    {
      name: 'error-rate',
      source: 'app',
      failWhen: parseCondition('error-rate > 5 %')!,
      forMs: 120 * second,
      overMs: 30 * second,
      confidence: 0.95,
      minRequests: 100,
      noData: 'inconclusive',
      maxFailures: 0,
      maxConsecutiveErrors: 4,
    },
  ],
};

/** A clock that only sleeping and `pass` move. */
function stage(errorsOf: (window: Window) => number | Reading, delayMs = 0) {
  let now = 1_000_000;
  const stopping = new AbortController();
  const asked: Window[] = [];
  const ports: WatchPorts = {
    sources: {
      app: {
        async query(window) {
          asked.push(window);
          now += delayMs;
          const answer = errorsOf({ from: window.from - 1_000_000, to: window.to - 1_000_000 });
          if (typeof answer !== 'number') return answer;
          if (window.from === window.to) return { is: 'data', samples: [] };
          const requests = ((window.to - window.from) / second) * 20;
          return { is: 'data', samples: [{ ...window, requests, errors: requests * answer }] };
        },
      },
    },
    clock: {
      now: () => now,
      sleep: async (milliseconds, signal) => {
        if (!signal?.aborted) now += milliseconds;
      },
    },
    signal: stopping.signal,
    movedAway: async () => undefined,
    onTick: () => undefined,
  };
  return { ports, asked, stop: () => stopping.abort(), seconds: () => (now - 1_000_000) / second };
}

describe('a watch', () => {
  it('finds an error rate of 12 % within its window and one interval, from wherever it begins', async () => {
    for (const begins of [10, 60, 61.7, 133, 179]) {
      const { ports, seconds } = stage(({ to }) => (to > begins * second ? 0.12 : 0));
      const { verdict } = await watch(plan, ports);
      expect(verdict.is).toBe('failed');
      expect(seconds()).toBeLessThanOrEqual(begins + 120 + 5);
      expect(seconds()).toBeGreaterThanOrEqual(begins + 120 - 5);
    }
  });

  it('looks at the start and then every interval, and asks each source for what is new since the last look', async () => {
    const { ports, asked } = stage(() => 0);
    await watch(plan, ports);
    expect(asked).toHaveLength(61);
    expect(asked.map(({ to }) => (to - 1_000_000) / second)).toEqual(
      Array.from({ length: 61 }, (_, i) => i * 5),
    );
    asked.slice(1).forEach((window, index) => expect(window.from).toBe(asked[index]!.to));
  });

  it('does not make up for looks that took longer than an interval, and keeps to its grid', async () => {
    const { ports, seconds, asked } = stage(() => 0, 7 * second);
    const { verdict } = await watch(plan, ports);
    expect(verdict.is).toBe('healthy');
    expect(asked.length).toBeLessThan(35);
    expect(seconds()).toBeLessThan(320);
  });

  it('that is told to stop ends without a verdict, and the look under way is not judged', async () => {
    const { ports, stop } = stage(({ to }) => {
      if (to >= 130 * second) stop();
      return 1;
    });
    const { verdict, ticks } = await watch(plan, ports);
    expect(verdict.is).toBe('interrupted');
    expect(ticks.at(-1)!.at - 1_000_000).toBeLessThan(130 * second);
  });

  it('ends when someone else moved traffic, even at the very look that would have failed', async () => {
    const { ports, seconds } = stage(() => 1);
    const { verdict } = await watch(plan, {
      ...ports,
      movedAway: async () => (seconds() >= 130 ? 'blue 100 %' : undefined),
    });
    expect(verdict).toEqual({
      is: 'moved',
      message: 'someone else moved traffic during the watch: blue 100 %',
    });
  });

  it('never ends healthy on a source that answers nothing', async () => {
    for (const is of ['absent', 'stale', 'error'] as const) {
      const { ports } = stage(() => ({ is, message: 'nothing' }));
      expect((await watch(plan, ports)).verdict.is).toBe('inconclusive');
    }
  });

  it('replays to the same verdict and measurements, from its JSON alone', async () => {
    for (const rate of [0, 0.12]) {
      const { ports } = stage(() => rate);
      const watched = await watch(plan, ports);
      const { startedAt, ticks, verdict, measurements } = JSON.parse(
        JSON.stringify(watched),
      ) as typeof watched;
      expect(replay(plan, startedAt, ticks)).toEqual({ decision: verdict, measurements });
    }
  });
});
