import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../shared/runner/port.js';

/** What became of a promise after the pending events were handled and a few milliseconds passed. */
async function after(ms: number, promise: Promise<unknown>): Promise<'over' | 'waiting'> {
  return Promise.race([
    promise.then(() => 'over' as const),
    new Promise<'waiting'>((resolve) => setTimeout(() => resolve('waiting'), ms)),
  ]);
}

describe('the clock', () => {
  it('sleeps at least as long as it was told', async () => {
    const before = systemClock.now();
    await systemClock.sleep(20);
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(19);
  });

  it('wakes at once, without error, when it is told to stop', async () => {
    const stopping = new AbortController();
    const sleeping = systemClock.sleep(60_000, stopping.signal);
    expect(await after(5, sleeping)).toBe('waiting');
    stopping.abort();
    expect(await after(1_000, sleeping)).toBe('over');
    expect(await after(1_000, systemClock.sleep(60_000, stopping.signal))).toBe('over');
  });

  it('sleeps longer than the longest timer of Node, which would go off at once', async () => {
    const stopping = new AbortController();
    const sleeping = systemClock.sleep(2 ** 31, stopping.signal);
    expect(await after(50, sleeping)).toBe('waiting');
    stopping.abort();
    await sleeping;
  });
});
