import type { LoadReport } from '../load/tally.js';
import type { ProgressEvent } from '../runner/request.js';
import type { Check } from './judge/check.js';
import type { Teller } from './plot.js';

const icons: Record<string, string> = { success: '✔', failure: '✖', cancelled: '■', skipped: '–' };

/** Lines kept of a step, to show what one wrote that fails without a message of its own. */
const keptLines = 20;

/** Tells the story line by line; on a terminal the last line shows the load, live. */
export function terminalTeller(out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>, verbose: boolean): Teller {
  const live = out.isTTY === true;
  const logs = new Map<string, string[]>();
  let loadLine = '';
  const clear = () => live && out.write('\r\x1b[2K');
  const say = (line: string) => {
    clear();
    out.write(`${line}\n`);
    if (live) out.write(loadLine);
  };
  return {
    act: (title) => say(`\n${title}`),
    note: (line) => say(`  → ${line}`),
    progress: (event) => {
      if (event.type === 'log') remember(logs, event);
      const line = describe(event, verbose, logs);
      if (line) say(line);
    },
    load: (report) => {
      loadLine = describeLoad(report);
      clear();
      if (live) out.write(loadLine);
    },
  };
}

type LogLine = Extract<ProgressEvent, { type: 'log' }>;
const keyOf = ({ job, step }: { job: string; step?: string }) => `${job} › ${step ?? ''}`;

function remember(logs: Map<string, string[]>, event: LogLine): void {
  const lines = logs.get(keyOf(event)) ?? [];
  lines.push(event.line);
  logs.set(keyOf(event), lines.slice(-keptLines));
}

function describe(
  event: ProgressEvent,
  verbose: boolean,
  logs: ReadonlyMap<string, string[]>,
): string | undefined {
  switch (event.type) {
    case 'job':
      return event.status === 'waiting'
        ? `  ${event.job}: waits for an approval`
        : event.status === 'completed' && event.conclusion !== 'success'
          ? `  ${event.job}: ${event.conclusion}`
          : undefined;
    case 'step':
      return event.status === 'completed' && (verbose || worthALine(event))
        ? `  ${icons[event.conclusion] ?? '?'} ${keyOf(event)}  ${Math.round(event.durationMs)} ms`
        : undefined;
    case 'log':
      return verbose ? `      ${event.line}` : undefined;
    case 'annotation':
      return event.annotation.level === 'error' ? describeError(event, verbose, logs) : undefined;
    default:
      return undefined;
  }
}

function worthALine({ step, conclusion }: { step: string; conclusion: string }): boolean {
  return conclusion === 'failure' || (conclusion !== 'skipped' && !/^(Check out|Set up|Post )/.test(step));
}

/** The whole message. That a script ended with a code says nothing: what it wrote does. */
function describeError(
  event: Extract<ProgressEvent, { type: 'annotation' }>,
  verbose: boolean,
  logs: ReadonlyMap<string, string[]>,
): string {
  const { message } = event.annotation;
  const isScript = /^Process completed with exit code \d+\.$/.test(message);
  const log = isScript && !verbose ? (logs.get(keyOf(event)) ?? []) : [];
  return [...log, ...message.trimEnd().split('\n')].map((line) => `      ${line}`).join('\n');
}

function describeLoad({ sent, failedTransport, failedRouter, appErrors }: LoadReport): string {
  const errors = Object.values(appErrors).reduce((sum, count) => sum + count, 0);
  return `  load: ${sent} requests, ${failedTransport + failedRouter} failed because of a switch, ${errors} answered with an error by the shop`;
}

/** The verdict as a table for the terminal; what was expected stands in the rows where it is not what was seen. */
export function verdictTable(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ ok, name, want, got }) =>
      ok ? `✔ ${name.padEnd(width)}  ${got}` : `✖ ${name.padEnd(width)}  ${got}   ← expected: ${want}`,
    )
    .join('\n');
}
