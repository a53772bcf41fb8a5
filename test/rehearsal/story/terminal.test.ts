import { describe, expect, it } from '@jest/globals';
import type { ProgressEvent } from '../../../rehearsal/runner/request.js';
import { terminalTeller } from '../../../rehearsal/story/terminal.js';

function told(verbose: boolean, ...events: ProgressEvent[]): string {
  let text = '';
  const write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  const teller = terminalTeller({ isTTY: false, write }, verbose);
  events.forEach((event) => teller.progress(event));
  return text;
}
const place = { job: 'staging', step: 'Deploy' };
const error = (message: string): ProgressEvent => ({
  type: 'annotation',
  ...place,
  annotation: { level: 'error', message },
});
const log = (line: string): ProgressEvent => ({ type: 'log', ...place, line });

describe('the story on the terminal', () => {
  it('has every line of a message, not only the first', () => {
    expect(
      told(false, error('Nothing was done: 2 problems\n  traffic.yml:7 — socket\n  fix: write it')),
    ).toBe('      Nothing was done: 2 problems\n        traffic.yml:7 — socket\n        fix: write it\n');
  });

  it('has what a script wrote that ended with a code, and what another step wrote it has not', () => {
    const other: ProgressEvent = { type: 'log', job: 'test', step: 'Deploy', line: 'fine' };
    const failed = error('Process completed with exit code 1.');
    expect(told(false, log('port 1 is taken'), other, failed)).toBe(
      '      port 1 is taken\n      Process completed with exit code 1.\n',
    );
    expect(told(true, log('port 1 is taken'), failed).match(/port 1/g)).toHaveLength(1);
  });

  it('has a line for a step that failed, even one that is silent otherwise', () => {
    const step = (conclusion: 'success' | 'failure'): ProgressEvent => ({
      type: 'step',
      job: 'staging',
      step: 'Post Switch',
      status: 'completed',
      conclusion,
      durationMs: 7.4,
    });
    expect(told(false, step('success'), step('failure'))).toBe('  ✖ staging › Post Switch  7 ms\n');
  });
});
