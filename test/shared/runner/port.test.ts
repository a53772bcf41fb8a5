import { afterEach, describe, expect, it } from '@jest/globals';
import { actionsRunner, systemClock } from '../../../shared/runner/port.js';

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
    expect(await after(60_000, sleeping)).toBe('over');
    expect(await after(60_000, systemClock.sleep(60_000, stopping.signal))).toBe('over');
  });

  it('sleeps longer than the longest timer of Node, which would go off at once', async () => {
    const stopping = new AbortController();
    const sleeping = systemClock.sleep(2 ** 31, stopping.signal);
    expect(await after(50, sleeping)).toBe('waiting');
    stopping.abort();
    await sleeping;
  });
});

describe('lines for debugging', () => {
  const { RUNNER_DEBUG: asked } = process.env;
  afterEach(() => {
    if (asked === undefined) delete process.env['RUNNER_DEBUG'];
    else process.env['RUNNER_DEBUG'] = asked;
  });

  /** What is written to the log by `write`. */
  function written(write: () => void): string {
    const { stdout } = process;
    const original = stdout.write;
    let text = '';
    stdout.write = (chunk: string | Uint8Array) => {
      text += String(chunk);
      return true;
    };
    try {
      write();
    } finally {
      stdout.write = original;
    }
    return text;
  }

  it('are written when the runner was asked for them, and only then', () => {
    const runner = actionsRunner();
    delete process.env['RUNNER_DEBUG'];
    expect(written(() => runner.debug('deep'))).toBe('');
    process.env['RUNNER_DEBUG'] = '1';
    expect(written(() => runner.debug('deep'))).toBe('::debug::deep\n');
  });
});
