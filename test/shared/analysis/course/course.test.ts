import { describe, expect, it } from '@jest/globals';
import { parseCondition } from '../../../../shared/analysis/condition.js';
import { longestExtension, replay } from '../../../../shared/analysis/course/course.js';
import type { Criterion, Plan, Reading, Tick } from '../../../../shared/contracts/reports/analysis-report.js';

const second = 1_000;
const errorRate: Criterion = {
  name: 'error-rate',
  source: 'app',
  failWhen: parseCondition('error-rate > 5 %')!,
  forMs: 20 * second,
  overMs: 5 * second,
  confidence: 0.95,
  minRequests: 10,
  noData: 'inconclusive',
  maxFailures: 0,
  maxConsecutiveErrors: 2,
};
const plan = (...criteria: Partial<Criterion>[]): Plan => ({
  watchMs: 60 * second,
  intervalMs: 5 * second,
  warmUpMs: 10 * second,
  criteria: (criteria.length ? criteria : [{}]).map((one) => ({ ...errorRate, ...one })),
});

type Look = number | 'absent' | 'stale' | 'error';

/** One look every 5 s; a number is the error share of 20 requests in the last 5 s. */
const reading = (look: Look, at: number): Reading =>
  typeof look === 'number'
    ? {
        is: 'data',
        samples: at === 0 ? [] : [{ from: at - 5 * second, to: at, requests: 20, errors: 20 * look }],
      }
    : { is: look, message: `it is ${look}` };
const ticks = (looks: Record<string, Look[]>): Tick[] =>
  Object.values(looks)[0]!.map((_, index) => ({
    at: index * 5 * second,
    readings: Object.fromEntries(
      Object.entries(looks).map(([source, list]) => [source, reading(list[index]!, index * 5 * second)]),
    ),
  }));
const times = (count: number, look: Look) => Array<Look>(count).fill(look);
const run = (given: Plan, looks: Look[]) => {
  const seen = ticks({ app: looks });
  const { decision, measurements } = replay(given, 0, seen);
  return {
    ...decision,
    at: (measurements.length - 1) * 5,
    phases: measurements.map(([first]) => first?.phase),
  };
};

describe('a watch', () => {
  it('is healthy when its time is over and every criterion held on data', () => {
    expect(run(plan(), times(20, 0.01))).toMatchObject({ is: 'healthy', at: 60 });
  });

  it('fails as soon as the bad rate has lasted', () => {
    expect(run(plan(), [...times(6, 0), ...times(20, 0.12)])).toMatchObject({
      is: 'failed',
      criterion: 'error-rate',
      at: 45,
    });
  });

  it('judges nothing of the warm-up', () => {
    const { phases, is, at } = run(plan(), [0, 1, 1, ...times(20, 0)]);
    expect(phases.slice(0, 4)).toEqual([undefined, undefined, undefined, 'Successful']);
    expect({ is, at }).toEqual({ is: 'healthy', at: 60 });
  });

  it('finds a release bad that is so from the first request, one window after the warm-up', () => {
    expect(run(plan(), times(20, 1))).toMatchObject({ is: 'failed', at: 30 });
  });

  it('does not end healthy while a bad rate is building up: it goes on until that is decided', () => {
    expect(run(plan(), [...times(10, 0), ...times(20, 0.5)])).toMatchObject({ is: 'failed', at: 65 });
    expect(run(plan(), [...times(10, 0), 0.1, 0.1, 0.1, 0, 0])).toMatchObject({ is: 'healthy', at: 65 });
  });

  it('goes on for a bounded time only: what is still open then is inconclusive', () => {
    const open = run(plan(), [...times(12, 0), 0.1, 'error', 'error', 0.1, 'error', 'error', ...times(9, 0)]);
    expect(open).toMatchObject({ is: 'inconclusive', message: 'error-rate is error: it is error' });
    expect(open.at * second).toBe(plan().watchMs + longestExtension(plan()));
  });
});

describe('no data', () => {
  it.each(['absent', 'error', 'stale'] as const)('(%s throughout) never ends healthy', (look) => {
    expect(run(plan(), times(40, look)).is).toBe('inconclusive');
  });

  it('for lack of requests never ends healthy', () => {
    expect(run(plan({ minRequests: 1_000 }), times(40, 0))).toMatchObject({
      is: 'inconclusive',
      at: 60,
      message: expect.stringContaining('1000 are needed'),
    });
  });

  it('at the end is inconclusive, even after a good beginning: nobody knows how it is now', () => {
    expect(run(plan(), [...times(6, 0), ...times(30, 'absent')])).toMatchObject({ is: 'inconclusive' });
  });

  it('takes back where it is said to mean a failure', () => {
    expect(run(plan({ noData: 'fail' }), times(40, 'absent'))).toMatchObject({ is: 'failed', at: 30 });
  });

  it('even said to mean a pass cannot make a whole watch healthy', () => {
    expect(run(plan({ noData: 'pass' }), times(40, 'absent'))).toMatchObject({
      is: 'inconclusive',
      message: expect.stringContaining('measured on data in most looks'),
    });
  });

  it('said to mean a pass lets a quiet criterion stand beside one with data', () => {
    const both = plan({}, { name: 'rare', source: 'rare', noData: 'pass' });
    const seen = ticks({ app: times(20, 0), rare: times(20, 'absent') });
    expect(replay(both, 0, seen).decision.is).toBe('healthy');
  });

  it('ends the watch early where inconclusive measurements are limited', () => {
    expect(run(plan({ maxInconclusive: 1 }), times(40, 'absent'))).toMatchObject({
      is: 'inconclusive',
      at: 35,
    });
  });
});

describe('errors of a source', () => {
  it('within the limit change nothing', () => {
    expect(run(plan(), [...times(6, 0), 'error', 'error', ...times(20, 0)])).toMatchObject({
      is: 'healthy',
      at: 60,
    });
  });

  it('beyond it end the watch with the reason, once no other criterion is left', () => {
    expect(run(plan(), [...times(6, 0), ...times(20, 'error')])).toMatchObject({
      is: 'inconclusive',
      at: 40,
      message: 'error-rate is error: it is error',
    });
  });

  it('of one criterion leave the others on watch: the metrics page may be gone because the release is dying', () => {
    const both = plan({}, { name: 'home', source: 'home', minRequests: 3 });
    const seen = ticks({
      app: [...times(4, 0), ...times(20, 'error')],
      home: [...times(8, 0), ...times(12, 1)],
    });
    expect(replay(both, 0, seen).decision).toMatchObject({ is: 'failed', criterion: 'home' });
  });

  it('beyond it keep a watch from being healthy, even if the source came back', () => {
    const both = plan({ maxConsecutiveErrors: 0 }, { name: 'home', source: 'home' });
    const seen = ticks({ app: [...times(11, 0), ...times(30, 'error')], home: times(41, 0) });
    expect(replay(both, 0, seen).decision).toMatchObject({
      is: 'inconclusive',
      message: 'error-rate is error: it is error',
    });
  });

  it('do not reset a bad rate that is building up', () => {
    const spanning: Tick[] = ticks({ app: times(13, 0.5) }).map((tick, i) => {
      if (i === 4) return { ...tick, readings: { app: { is: 'error' as const, message: 'timeout' } } };
      if (i !== 5) return tick;
      return {
        ...tick,
        readings: {
          app: {
            is: 'data' as const,
            samples: [{ from: 15 * second, to: 25 * second, requests: 40, errors: 20 }],
          },
        },
      };
    });
    const { decision, measurements } = replay(plan(), 0, spanning);
    expect(decision.is).toBe('failed');
    expect(measurements.length - 1).toBe(6);
  });
});

describe('conditions', () => {
  const both = { successWhen: parseCondition('error-rate < 1 %')! };

  it('that neither hold nor fail are inconclusive', () => {
    const { phases } = run(plan(both), times(20, 0.03));
    expect(new Set(phases.slice(3))).toEqual(new Set(['Inconclusive']));
    expect(run(plan(both), times(20, 0.03)).is).toBe('inconclusive');
  });

  it('of success alone take back when success was missing for long enough', () => {
    const alone = { failWhen: undefined, ...both };
    expect(run(plan(alone), [...times(6, 0), ...times(20, 0.03)])).toMatchObject({ is: 'failed', at: 45 });
    expect(run(plan(alone), times(20, 0)).is).toBe('healthy');
  });

  it('tolerate as many failures as said', () => {
    expect(run(plan({ maxFailures: 2 }), times(20, 1))).toMatchObject({ is: 'failed', at: 40 });
  });
});

describe('a canary', () => {
  it('of 10 % of the traffic failing 40 % is seen on its own series, where the whole service reads 4 %', () => {
    const looks = (requests: number, errors: number): Tick[] =>
      Array.from({ length: 13 }, (_, i) => ({
        at: i * 5 * second,
        readings: {
          app: {
            is: 'data',
            samples: i === 0 ? [] : [{ from: (i - 1) * 5 * second, to: i * 5 * second, requests, errors }],
          },
        },
      }));
    expect(replay(plan(), 0, looks(1_000, 40)).decision.is).toBe('healthy');
    expect(replay(plan(), 0, looks(100, 40)).decision.is).toBe('failed');
  });
});
