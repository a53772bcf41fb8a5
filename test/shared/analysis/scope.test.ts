import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCondition } from '../../../shared/analysis/condition.js';
import { replay } from '../../../shared/analysis/course/course.js';
import { scopeOf, sinceContained, without } from '../../../shared/analysis/scope.js';
import { watch } from '../../../shared/analysis/course/watch.js';
import type {
  Containment,
  Criterion,
  Plan,
  Sample,
} from '../../../shared/contracts/reports/analysis-report.js';

const second = 1_000;
const criterion: Criterion = {
  name: 'error-rate',
  source: 'app',
  failWhen: parseCondition('error-rate > 5 %')!,
  forMs: 60 * second,
  overMs: 60 * second,
  confidence: 0.99,
  minRequests: 50,
  noData: 'inconclusive',
  maxFailures: 0,
  maxConsecutiveErrors: 2,
};
const rule: Containment = {
  source: 'app',
  by: 'tenant',
  atMost: 2,
  share: 0.2,
  hook: 'deploy/contain',
  timeoutMs: 60 * second,
};

/** Requests and errors of each tenant in a stretch of time. */
type Tenants = Record<string, [requests: number, errors: number]>;
const sampleOf = (tenants: Tenants, from: number, to: number): Sample => {
  const groups = Object.entries(tenants).map(([value, [requests, errors]]) => ({
    label: 'tenant',
    value,
    requests,
    errors,
  }));
  const sum = (key: 'requests' | 'errors') => groups.reduce((total, group) => total + group[key], 0);
  return { from, to, requests: sum('requests'), errors: sum('errors'), groups };
};
/** Ten tenants with a hundred requests each, of which none fail but for those that are named. */
const ten = (failing: Tenants = {}): Tenants => ({
  ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`t${index}`, [100, 0]])),
  ...failing,
});
const scope = (tenants: Tenants, more: { contained?: string[]; rule?: Partial<Containment> } = {}) =>
  scopeOf({ ...rule, ...more.rule }, criterion, {
    samples: [sampleOf(tenants, 0, 60 * second)],
    contained: more.contained ?? [],
    since: 0,
    at: 60 * second,
  });

describe('whom a failure meets', () => {
  it('is a few where each of them surely fails, and everybody else together is within the bound', () => {
    expect(scope(ten({ t3: [100, 100] }))).toMatchObject({
      is: 'few',
      values: ['t3'],
      message: expect.stringContaining(
        'tenant "t3" (100 of 100 failed) of 10 values; everybody else is well',
      ),
    });
    expect(scope(ten({ t3: [100, 60], t4: [100, 90] }))).toMatchObject({ values: ['t3', 't4'] });
  });

  it.each<[string, Tenants, { contained?: string[]; rule?: Partial<Containment> }, RegExp]>([
    ['more fail than are allowed', ten({ t1: [9, 9], t2: [9, 9], t3: [9, 9] }), {}, /at most 2 may/],
    ['they are too large a share', ten({ t1: [50, 50] }), { rule: { share: 0.05 } }, /more than 5 %/],
    ['those before count too', ten({ t1: [50, 50] }), { contained: ['a', 'b'] }, /3 values .* at most 2/],
    [
      'the others are bad too',
      ten({ t1: [100, 100], t2: [500, 45], t3: [600, 54] }),
      { rule: { atMost: 1 } },
      /at most 1/,
    ],
    [
      'no one stands out',
      ten(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`t${i}`, [10, 1]]))),
      {},
      /surely fails by itself/,
    ],
    ['nobody else made requests', { t1: [100, 100] }, { rule: { share: 0.5 } }, /1 of 1 values/],
    [
      'the others made too few',
      { t1: [100, 100], t2: [5, 0] },
      { rule: { share: 0.5 } },
      /made 5 requests, too few/,
    ],
    ['its name is an option', ten({ '--all': [100, 100] }), {}, /no plain name/],
    ['its name is two words', ten({ 'a;rm b': [100, 100] }), {}, /no plain name/],
    ['it has no name', ten({ '': [100, 100] }), {}, /no plain name/],
    ['no request has the label', {}, {}, /no request has the label tenant/],
    // Forged, or counted where nobody is known: a failure of all that looks like one of few.
    ['it names nobody', ten({ Unknown: [100, 100] }), {}, /tenant "Unknown" names nobody/],
    [
      'the share is made small by tenants that hardly ask',
      {
        real1: [300, 300],
        real2: [300, 300],
        ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`fake${i}`, [5, 0]])),
      },
      {},
      /2 of 2 values of tenant with requests to speak of fail or failed, which is more than 20 %/,
    ],
    [
      'they made most of all requests',
      ten({ whale: [2_000, 400] }),
      {},
      /they made 66.7 % of all requests, and at most 50 % may be taken out/,
    ],
    [
      'the others made too few to be sure of them',
      { t1: [30, 30], ...Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`o${i}`, [10, 0]])) },
      { rule: { share: 0.5 } },
      /everybody else made 60 requests, of which 0 failed: up to 8.3 % may fail \(99 % sure\)/,
    ],
  ])('is everybody where %s', (_, tenants, more, why) => {
    expect(scope(tenants, more)).toMatchObject({ is: 'everybody', message: expect.stringMatching(why) });
  });

  it('is everybody where what is left would fail by itself', () => {
    const bad = ten({ t1: [100, 100] });
    for (let index = 2; index < 10; index++) bad[`t${index}`] = [100, 7];
    expect(scope(bad)).toMatchObject({
      is: 'everybody',
      message: expect.stringMatching(/without them .* fail too/),
    });
  });

  it('a share is met to the last value: 29 of 100 are 29 %', () => {
    const hundred = Object.fromEntries(
      Array.from({ length: 100 }, (_, i): [string, [number, number]] => [`t${i}`, [200, i < 29 ? 200 : 0]]),
    );
    const allowed = { atMost: 50, share: 0.29 };
    expect(scope(hundred, { rule: allowed })).toMatchObject({ is: 'few' });
    expect(scope({ ...hundred, t29: [200, 200] }, { rule: allowed })).toMatchObject({ is: 'everybody' });
  });

  it('what happens to those who are contained is known afterwards', () => {
    const tick = (at: number, failed: number) => ({
      at,
      readings: {
        app: {
          is: 'data' as const,
          samples: [sampleOf({ t1: [10, failed], t2: [10, 10] }, at - second, at)],
        },
      },
    });
    const contained = [{ at: 2 * second, values: ['t1'], message: '' }];
    const ticks = [tick(2 * second, 10), tick(3 * second, 4), tick(4 * second, 3)];
    expect(sinceContained(rule, contained, ticks)).toEqual({ requests: 20, errors: 7 });
  });

  it('never contains more than the rule says, nor anybody who fails nothing', () => {
    const tenants = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,3}$/),
      fc
        .tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 100 }))
        .map(([requests, percent]): [number, number] => [requests, Math.round((requests * percent) / 100)]),
      { minKeys: 1, maxKeys: 15 },
    );
    fc.assert(
      fc.property(tenants, fc.integer({ min: 1, max: 3 }), (given, atMost) => {
        const found = scope(given, { rule: { atMost } });
        if (found.is !== 'few') return;
        expect(found.values.length).toBeLessThanOrEqual(Math.min(atMost, 0.2 * Object.keys(given).length));
        for (const value of found.values) expect(given[value]![1] / given[value]![0]).toBeGreaterThan(0.05);
        const left = without({ is: 'data', samples: [sampleOf(given, 0, second)] }, 'tenant', found.values);
        const [rest] = (left as { samples: Sample[] }).samples;
        expect(rest!.errors / rest!.requests).toBeLessThanOrEqual(0.05);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a watch with a rule for those whom a failure meets', () => {
  const plan: Plan = {
    watchMs: 300 * second,
    intervalMs: 5 * second,
    warmUpMs: 0,
    criteria: [criterion],
    contain: rule,
  };
  const run = async (tenants: (seconds: number) => Tenants, contains = true) => {
    let now = 1_000_000;
    const told: string[] = [];
    const watched = await watch(plan, {
      sources: {
        app: {
          query: async ({ from, to }) => ({
            is: 'data',
            samples: from === to ? [] : [sampleOf(tenants((to - 1_000_000) / second), from, to)],
          }),
        },
      },
      clock: { now: () => now, sleep: async (ms) => void (now += ms) },
      signal: new AbortController().signal,
      movedAway: async () => undefined,
      contain: async (found) => (told.push(found.message), contains && found.is === 'few'),
      onTick: () => undefined,
    });
    const { decision, measurements } = replay(plan, watched.startedAt, watched.ticks, watched.contained);
    expect([decision, measurements]).toEqual([watched.verdict, watched.measurements]);
    return { ...watched, told };
  };

  it('goes on without them, and is healthy by everybody else', async () => {
    const { verdict, contained, told } = await run(() => ten({ t3: [100, 100] }));
    expect([verdict.is, contained.map(({ values }) => values), told.length]).toEqual([
      'healthy',
      [['t3']],
      1,
    ]);
  });

  it('rolls back once it fails for the others too', async () => {
    const { verdict, contained } = await run((at) =>
      at < 150
        ? ten({ t3: [100, 100] })
        : Object.fromEntries(Object.keys(ten()).map((name) => [name, [100, 30]])),
    );
    expect([verdict.is, contained.length]).toEqual(['failed', 1]);
  });

  it('contains one after the other up to the bound, then rolls back', async () => {
    const { verdict, contained } = await run((at) =>
      ten({
        t1: [100, 100],
        ...(at > 100 ? { t2: [100, 100] } : {}),
        ...(at > 200 ? { t3: [100, 100] } : {}),
      }),
    );
    expect([verdict.is, contained.map(({ values }) => values[0])]).toEqual(['failed', ['t1', 't2']]);
  });

  it('of whom the last was contained at its end looks at everybody else for a whole window more', async () => {
    const { verdict, ticks, startedAt, contained } = await run((at) =>
      ten(at > 240 ? { t1: [100, 100] } : {}),
    );
    expect(verdict.is).toBe('healthy');
    expect(ticks.at(-1)!.at).toBeGreaterThanOrEqual(contained[0]!.at + criterion.forMs);
    expect(ticks.at(-1)!.at - startedAt).toBeLessThanOrEqual(300 * second + 2 * 65 * second);
  });

  it('that is told to stop while the hook is at work is interrupted: nothing says that it failed for everybody', async () => {
    const stop = new AbortController();
    let now = 0;
    const { verdict, contained } = await watch(plan, {
      sources: {
        app: {
          query: async ({ from, to }) => ({
            is: 'data',
            samples: from === to ? [] : [sampleOf(ten({ t3: [100, 100] }), from, to)],
          }),
        },
      },
      clock: { now: () => now, sleep: async (ms) => void (now += ms) },
      signal: stop.signal,
      movedAway: async () => undefined,
      contain: async () => (stop.abort(), false),
      onTick: () => undefined,
    });
    expect([verdict.is, contained]).toEqual(['interrupted', []]);
    expect(verdict.message).toMatch(
      /told to stop while .* were being taken out, and not all of them are; error-rate/,
    );
  });

  it('rolls back for everybody where the hook did not do it', async () => {
    const { verdict, contained } = await run(() => ten({ t3: [100, 100] }), false);
    expect([verdict.is, contained]).toEqual(['failed', []]);
  });
});
