import {
  cameOf,
  endLine,
  tellInLines,
  type Happening,
  type Tell,
} from '../../actions/smoke-test/run/progress.js';
import type { Clock } from '../../shared/time/clock.js';
import { formatDuration } from '../../shared/time/duration.js';
import type { Screen } from '../shell.js';
import { plainLine, type Paint } from './lines.js';

/** Where the progress of a run is shown. */
export interface LiveView {
  /** Writes lines that stay. */
  print(text: string): void;
  /** Shows what happens to a step; its texts have no secrets any more. */
  tell: Tell;
  /** Takes away what was shown for the moment. */
  close(): void;
}

const markColours: Readonly<Record<string, Parameters<Paint>[0]>> = {
  '✓': 'green',
  '✗': 'red',
  '-': 'yellow',
  '…': 'dim',
};

/** A line with its mark in colour. */
function marked(line: string, paint: Paint): string {
  const [, indent = '', mark = '', rest = ''] = /^(\s*)([✓✗…-])( [^]*)$/u.exec(line) ?? [];
  return mark === '' ? line : `${indent}${paint(markColours[mark]!, mark)}${rest}`;
}

/** Progress for pipes and files: lines, nothing else. */
export function plainView(out: (line: string) => void, paint: Paint): LiveView {
  return {
    print: (text) => out(marked(text, paint)),
    tell: tellInLines((line) => out(marked(`  ${plainLine(line)}`, paint))),
    close: () => undefined,
  };
}

interface Running {
  name: string;
  startedAt: number;
  attempt: string;
}

/** Shortest time between two drawings, in milliseconds: slower than eyes take for flicker, faster than hands wait. */
const drawEveryMs = 100;

/** Steps that are shown while they run. */
const shownSteps = 8;

/**
 * Progress on a terminal: what ended stays, and below it stand the steps that are running, drawn over in place. Only
 * what changed is written, in one piece, and never anything wider than the screen, so that nothing jumps.
 */
export function liveView(screen: Screen, paint: Paint, clock: Clock): LiveView {
  const running = new Map<string, Running>();
  const closed = new AbortController();
  let drawn: readonly string[] = [];
  let lasting: string[] = [];
  const draw = () => {
    const lines = closed.signal.aborted ? [] : runningLines([...running.values()], clock.now(), screen);
    if (lasting.length === 0 && lines.join('\n') === drawn.join('\n')) return;
    const up = drawn.length > 0 ? `\u001B[${drawn.length}A\r` : '';
    const rows = [
      ...lasting.flatMap((text) => text.split('\n')),
      ...lines.map((line) => paint('dim', line)),
    ].map((line) => `${line}\u001B[K\n`);
    screen.write(`${up}${rows.join('')}\u001B[J`);
    lasting = [];
    drawn = lines;
  };
  const keepDrawing = async () => {
    while (!closed.signal.aborted) {
      draw();
      await clock.sleep(drawEveryMs, closed.signal);
    }
  };
  void keepDrawing();
  const print = (text: string) => void lasting.push(marked(text, paint));
  return {
    print,
    tell(happening) {
      const key = keyOf(happening);
      if (happening.what === 'ends') {
        running.delete(key);
        return print(`  ${plainLine(endLine(happening.flow, happening.result))}`);
      }
      const { flow, step } = happening;
      const known = running.get(key);
      running.set(key, {
        name: plainLine(`${flow} › ${step}`),
        startedAt: known?.startedAt ?? clock.now(),
        attempt:
          happening.what === 'attempt' ? `, attempt ${happening.number}: ${cameOf(happening.attempt)}` : '',
      });
    },
    close() {
      closed.abort();
      running.clear();
      draw();
    },
  };
}

function keyOf(happening: Happening): string {
  const step = happening.what === 'ends' ? happening.result.planned.name : happening.step;
  return JSON.stringify([happening.flow, step]);
}

function runningLines(running: readonly Running[], now: number, { columns, rows }: Screen): string[] {
  const room = Math.max(1, Math.min(shownSteps, rows() - 2));
  const lines = running.slice(0, room).map(({ name, startedAt, attempt }) => {
    const seconds = Math.floor((now - startedAt) / 1_000);
    return `  … ${name}${attempt}${seconds > 0 ? `, ${formatDuration(seconds * 1_000)}` : ''}`;
  });
  const more = running.length - lines.length;
  return [...lines, ...(more > 0 ? [`  … and ${more} more`] : [])].map((line) => fitted(line, columns() - 1));
}

/** A line cut to a width in columns; letters of East Asia and pictures take two. */
export function fitted(line: string, width: number): string {
  let taken = 0;
  let text = '';
  for (const letter of line) {
    taken +=
      /\p{Extended_Pictographic}|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]/u.test(
        letter,
      )
        ? 2
        : 1;
    if (taken > width) return `${text.slice(0, -1)}…`;
    text += letter;
  }
  return text;
}
