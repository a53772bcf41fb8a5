import { describe, expect, it } from '@jest/globals';
import { observe } from '../../../shared/traffic/router.js';
import { Timeline } from '../../../shared/traffic/timeline.js';

/** A timeline whose clock ticks once at every look. */
function ticking() {
  let now = 0;
  const printed: string[] = [];
  const clock = { now: () => ++now, sleep: () => Promise.resolve() };
  return { timeline: new Timeline(clock, (line) => void printed.push(line)), printed };
}

const shows = (green: number) => observe({ 'edge-1': { blue: 100 - green, green } });

describe('the course of traffic', () => {
  it('keeps every change, and of a stretch without change its two ends', () => {
    const { timeline } = ticking();
    for (const green of [0, 10, 10, 10, 10, 0, 0, 100]) timeline.saw(shows(green));
    expect(timeline.course.map(({ at, weights }) => [at, weights['green']])).toEqual([
      [1, 0],
      [2, 10],
      [5, 10],
      [6, 0],
      [7, 0],
      [8, 100],
    ]);
  });

  it('sees two nodes change places, though the weights over both are the same', () => {
    const { timeline } = ticking();
    const [one, other] = [{ blue: 100 }, { green: 100 }];
    timeline.saw(observe({ a: one, b: other }));
    timeline.saw(observe({ a: other, b: one }));
    timeline.saw(observe({ a: one, b: other }));
    expect(timeline.course).toHaveLength(3);
  });

  it('knows of a stop nobody judged that it is open', () => {
    const { timeline } = ticking();
    timeline.stop({ percent: 10, stay: 1_000 }).judge('passed', 'healthy');
    timeline.stop({ percent: 50, stay: 'pause' });
    expect(timeline.stops).toEqual([
      { percent: 10, stay: 1_000, at: 1, verdict: 'passed', message: 'healthy' },
      { percent: 50, stay: 'pause', at: 2, verdict: 'open' },
    ]);
  });
});

describe('an event', () => {
  it('is said as it happens and keeps the page that shows it', () => {
    const { timeline, printed } = ticking();
    timeline.say('one');
    timeline.say('two', 'https://github.test/1');
    expect(printed).toEqual(['one', 'two']);
    expect(timeline.events).toEqual([
      { at: 1, message: 'one' },
      { at: 2, message: 'two', url: 'https://github.test/1' },
    ]);
  });
});
