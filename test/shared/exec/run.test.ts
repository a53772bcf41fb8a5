import { describe, expect, it } from '@jest/globals';
import { runCommand } from '../../../shared/exec/run.js';

const sh = (script: string) => ['sh', '-c', script] as const;

/** A process that leaves the group, keeps the streams open and stays for long; its id is printed. */
const escapee = 'setsid sleep 600 & echo $!;';

/** Ends the process whose id was printed; fails when it is gone already, because then it was waited for. */
const endEscapee = (printed: string) => expect(process.kill(Number(printed), 'SIGKILL')).toBe(true);

describe('a command is waited for no longer than its time', () => {
  it.each([
    ['is over, but left a process that keeps its output open', escapee, 0],
    ['is at work, beside a process that left its group', `${escapee} sleep 600`, undefined],
  ])('when it %s', async (_, script, code) => {
    const finished = await runCommand({ argv: sh(script), timeoutMs: 1_000 });
    expect(finished).toEqual({ code, stdout: expect.any(String), stderr: '', ended: 'timeout' });
    endEscapee(finished.stdout);
  });

  it('when it is cancelled', async () => {
    const stopping = new AbortController();
    const running = runCommand({
      argv: sh(`${escapee} sleep 600`),
      timeoutMs: 600_000,
      signal: stopping.signal,
    });
    setTimeout(() => stopping.abort(), 1_000);
    const finished = await running;
    expect(finished.ended).toBe('cancelled');
    endEscapee(finished.stdout);
  });
});

it('all that a command said by its end is there', async () => {
  const finished = await runCommand({
    argv: sh('i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i+1)); done; echo bad >&2; exit 3'),
    timeoutMs: 100_000,
  });
  expect(finished).toMatchObject({ code: 3, stderr: 'bad\n' });
  expect(finished.stdout.trim().split('\n')).toHaveLength(5_000);
});
