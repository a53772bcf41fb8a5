import { describe, expect, it } from '@jest/globals';
import { advance, decide, startCourse } from '../../../shared/analysis/course/course.js';
import { readPlan } from '../../../shared/analysis/criteria/criteria-file.js';
import type { Reading } from '../../../shared/contracts/reports/analysis-report.js';

const file = (criterion: string, baseline = 'baseline: { is: before }') => `version: 1
environments:
  production:
    watch: 15m
    interval: 15s
    sources:
      latency: { type: prometheus, url: 'http://p', query: p95, unit: milliseconds, ${baseline} }
    criteria:
      - { name: latency, source: latency, for: 5m, ${criterion} }
`;
const planOf = (text: string) => readPlan(text, '.github/rollback.yml', 'production').plan;
const slower = planOf(file('fail-when: latency > 150 % of baseline, judge: mann-whitney'));

/** Numbers from 0 to 1, the same each time. */
function dice() {
  let seed = 11;
  return () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** A watch whose number is what `value` says at each look; the baseline is around 100 ms. */
function watched(
  plan: typeof slower,
  value: (chance: () => number, index: number) => number,
  points = 40,
  seen = (one: number, _: number) => one,
) {
  const chance = dice();
  const control = Array.from({ length: points }, (_, index) => ({ value: seen(80 + 40 * chance(), index) }));
  let course = startCourse(plan, 0);
  for (let at = 0; ; at += plan.intervalMs) {
    const reading: Reading = {
      is: 'data',
      samples: [],
      values:
        at === 0
          ? []
          : [
              {
                from: at - plan.intervalMs,
                to: at,
                value: value(chance, at / plan.intervalMs),
                baseline: 100,
              },
            ],
      ...(at === plan.intervalMs ? { control } : {}),
    };
    const step = advance(course, { at, readings: { latency: reading } });
    course = step.course;
    const decision = decide(course, at);
    if (decision.is !== 'continue') return decision;
  }
}

describe('a latency that is judged by ranks against its baseline', () => {
  it('takes a release back whose values lie beyond the bound, and says by how much and how surely', () => {
    const decision = watched(slower, (chance) => 160 + 80 * chance());
    expect(decision).toMatchObject({ is: 'failed', criterion: 'latency' });
    expect((decision as { message: string }).message).toMatch(
      /values lie [\d.]+ above 150 % of the baseline's \([\d.]+ to [\d.]+, each 99 % sure\), higher in \d+(\.\d)? % of all pairs/,
    );
  });

  it.each([
    ['as fast as before', (chance: () => number) => 80 + 40 * chance()],
    ['slower by less than the bound', (chance: () => number) => 115 + 20 * chance()],
  ])('lets a release stay that is %s', (_, value) => {
    expect(watched(slower, value).is).toBe('healthy');
  });

  it('is not sure of a few values far out, which move the mean alone', () => {
    const decision = watched(slower, (chance, index) => (index % 5 === 0 ? 900 : 80 + 40 * chance()));
    expect(decision).toMatchObject({ is: 'inconclusive' });
  });

  it('has no data where there are too few values to be sure, and the mean does not decide either', () => {
    expect(watched(slower, () => 300, 1)).toMatchObject({
      is: 'inconclusive',
      message: expect.stringMatching(/20 values and 1 of the baseline are too few to be 99 % sure/),
    });
  });

  it('does not count what is no number as a value of the baseline', () => {
    const four = watched(
      slower,
      () => 300,
      40,
      (value, index) => (index < 4 ? value : NaN),
    );
    expect(four).toMatchObject({
      is: 'inconclusive',
      message: expect.stringContaining('20 values and 4 of the baseline are too few'),
    });
  });

  it('is sure where nothing varies', () => {
    expect(watched(slower, () => 300).is).toBe('failed');
  });

  it('judges what fell as well as what rose', () => {
    const sales = planOf(
      file('fail-when: value < 50 % of baseline, judge: mann-whitney').replace(
        'unit: milliseconds',
        'unit: number',
      ),
    );
    expect(watched(sales, (chance) => 20 * chance()).is).toBe('failed');
    expect(watched(sales, (chance) => 80 + 40 * chance()).is).toBe('healthy');
  });

  it.each([
    ['a bound of its own', 'fail-when: latency > 300ms, judge: mann-whitney'],
    ['parts', 'fail-when: latency > 150 % of baseline, judge: mann-whitney, over: 1m'],
  ])('is refused with %s', (_, criterion) => {
    expect(() => planOf(file(criterion))).toThrow(/criteria\.0\.judge[\s\S]*only a condition "of baseline"/);
  });
});
