import { describe, expect, test } from '@jest/globals';
import type { StepResult } from '../../actions/smoke-test/run/results.js';
import { fitted, liveView, plainView } from '../../cli/smoke/live-view.js';
import type { Screen } from '../../cli/shell.js';
import { painter, type Paint } from '../../cli/smoke/lines.js';

const noPaint: Paint = (_colour, text) => text;

const ended = (name: string, result: StepResult['result'] = 'passed'): StepResult => ({
  planned: {
    name,
    phase: 'test',
    step: {} as never,
    file: 'smoke.yml',
    lineOf: () => undefined,
    writtenAt: () => undefined,
  },
  result,
  request: '',
  durationMs: 12,
  attempts: [{ startedAt: 0, durationMs: 12, status: 200, fault: null }],
  failures: [],
});

/** A terminal that understands what is written to it: rows with a cursor. */
function terminal(columns = 40, rows = 24) {
  const lines: string[] = [''];
  let row = 0;
  const writes: string[] = [];
  const screen: Screen = {
    columns: () => columns,
    rows: () => rows,
    write(text) {
      writes.push(text);
      for (const [whole, up] of text.matchAll(/\u001B\[(\d+)A\r|\u001B\[K|\u001B\[J|\n|[^\u001B\n]+/g)) {
        if (up !== undefined) row -= Number(up);
        else if (whole === '\u001B[J') lines.splice(row, Infinity, '');
        else if (whole === '\n') {
          row++;
          lines[row] ??= '';
        } else if (whole !== '\u001B[K') {
          if (whole.length >= columns) throw new Error(`a line of ${whole.length} columns`);
          lines[row] = whole;
        }
      }
    },
  };
  return { screen, writes, shown: () => lines.slice(0, row).join('\n') };
}

/** A clock that is moved by hand; those who sleep wake up one after the other. */
function handClock() {
  let now = 0;
  let wake = () => undefined as void;
  return {
    now: () => now,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        wake = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
    async tick(ms: number) {
      now += ms;
      wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('on a terminal', () => {
  test('what runs is drawn over in place, and what ended stays above it', async () => {
    const { screen, shown } = terminal();
    const clock = handClock();
    const view = liveView(screen, noPaint, clock);
    view.tell({ what: 'begins', flow: 'buy', step: 'order' });
    view.tell({ what: 'begins', flow: 'search', step: 'find' });
    await clock.tick(100);
    expect(shown()).toBe('  … buy › order\n  … search › find');
    const attempt = { startedAt: 0, durationMs: 3, status: 404, fault: null };
    view.tell({ what: 'attempt', flow: 'buy', step: 'order', number: 3, attempt });
    view.tell({ what: 'ends', flow: 'search', result: ended('find') });
    view.print('✓ search (1 steps, 12 ms)');
    await clock.tick(2_000);
    expect(shown()).toBe(
      '  ✓ search › find (200, 12 ms)\n✓ search (1 steps, 12 ms)\n  … buy › order, attempt 3: 404, 2.0 s',
    );
    view.close();
    expect(shown()).toBe('  ✓ search › find (200, 12 ms)\n✓ search (1 steps, 12 ms)');
  });

  test('nothing is written while nothing changes', async () => {
    const { screen, writes } = terminal();
    const clock = handClock();
    const view = liveView(screen, noPaint, clock);
    view.tell({ what: 'begins', flow: 'buy', step: 'order' });
    await clock.tick(100);
    const before = writes.length;
    for (let tick = 0; tick < 5; tick++) await clock.tick(100);
    expect(writes.length).toBe(before);
    await clock.tick(1_000);
    expect(writes.length).toBe(before + 1);
    view.close();
  });

  test('no more steps than there is room for, and no line wider than the screen', async () => {
    const { screen, shown } = terminal(20, 5);
    const clock = handClock();
    const view = liveView(screen, noPaint, clock);
    for (let n = 0; n < 9; n++) view.tell({ what: 'begins', flow: `a flow with a long name`, step: `${n}` });
    await clock.tick(100);
    expect(shown().split('\n')).toHaveLength(4);
    expect(shown()).toMatch(/and 6 more$/);
    view.close();
  });

  test('letters of two columns are counted as two', () => {
    expect(fitted('ab漢字', 6)).toBe('ab漢字');
    expect(fitted('ab漢字', 5)).toBe('ab…');
  });
});

describe('without a terminal', () => {
  const show = (paint: Paint) => {
    const lines: string[] = [];
    const view = plainView((line) => lines.push(line), paint);
    return { lines, view };
  };

  test('each step is a line when it ends, and text of others moves no cursor', () => {
    const { lines, view } = show(noPaint);
    view.tell({ what: 'begins', flow: 'buy', step: 'order' });
    view.tell({ what: 'ends', flow: 'buy', result: ended('or\u001B[2Jder', 'failed') });
    view.close();
    expect(lines).toEqual(['  ✗ buy › or [2Jder (200, 12 ms)']);
  });

  test('of many attempts that come to the same few are said, and every change', () => {
    const { lines, view } = show(noPaint);
    for (let number = 1; number <= 20; number++) {
      const attempt = { startedAt: 0, durationMs: 1, status: number < 15 ? 503 : 404, fault: null };
      view.tell({ what: 'attempt', flow: 'buy', step: 'wait', number, attempt });
    }
    expect(lines.map((line) => /attempt (\d+: \d+)/.exec(line)?.[1])).toEqual([
      '1: 503',
      '2: 503',
      '4: 503',
      '8: 503',
      '15: 404',
      '16: 404',
    ]);
  });

  test('marks have colours only where they are shown', () => {
    const { lines, view } = show(painter(true));
    view.print('✓ read (1 steps, 2 ms)');
    expect(lines[0]).toContain('\u001B[32m✓');
    const plain = show(painter(false));
    plain.view.print('✓ read (1 steps, 2 ms)');
    expect(plain.lines).toEqual(['✓ read (1 steps, 2 ms)']);
  });
});
