import { describe, expect, it } from '@jest/globals';
import { runCommand } from '../../../shared/exec/run.js';

const sh = (script: string) => ['sh', '-c', script] as const;

/** A process that leaves the group, keeps the streams open, and ends by itself long after the test. */
const escapee = 'setsid sleep 5 &';

describe('a command is waited for no longer than its time', () => {
  it.each([
    ['is over, but left a process that keeps its output open', `${escapee} echo said`, 0],
    ['is at work, beside a process that left its group', `${escapee} echo said; sleep 5`, undefined],
  ])('when it %s', async (_, script, code) => {
    const start = performance.now();
    const finished = await runCommand({ argv: sh(script), timeoutMs: 300 });
    expect(finished).toEqual({ code, stdout: 'said\n', stderr: '', ended: 'timeout' });
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it('when it is cancelled', async () => {
    const stopping = new AbortController();
    const running = runCommand({
      argv: sh(`${escapee} sleep 5`),
      timeoutMs: 60_000,
      signal: stopping.signal,
    });
    setTimeout(() => stopping.abort(), 100);
    const start = performance.now();
    expect(await running).toMatchObject({ ended: 'cancelled' });
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});

it('all that a command said by its end is there', async () => {
  const finished = await runCommand({
    argv: sh('i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i+1)); done; echo bad >&2; exit 3'),
    timeoutMs: 20_000,
  });
  expect(finished).toMatchObject({ code: 3, stderr: 'bad\n' });
  expect(finished.stdout.trim().split('\n')).toHaveLength(5_000);
});
