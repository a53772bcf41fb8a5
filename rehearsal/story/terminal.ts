import type { LoadReport } from '../load/tally.js';
import type { ProgressEvent } from '../runner/request.js';
import type { Check } from './check.js';
import type { Teller } from './plot.js';

const icons: Record<string, string> = { success: '✔', failure: '✖', cancelled: '■', skipped: '–' };

/** Tells the story line by line; on a terminal the last line shows the load, live. */
export function terminalTeller(out: NodeJS.WriteStream, verbose: boolean): Teller {
  const live = out.isTTY === true;
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
      const line = describe(event, verbose);
      if (line) say(line);
    },
    load: (report) => {
      loadLine = describeLoad(report);
      clear();
      if (live) out.write(loadLine);
    },
  };
}

function describe(event: ProgressEvent, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'job':
      return event.status === 'waiting'
        ? `  ${event.job}: waits for an approval`
        : event.status === 'completed' && event.conclusion !== 'success'
          ? `  ${event.job}: ${event.conclusion}`
          : undefined;
    case 'step':
      return event.status === 'completed' &&
        (event.conclusion !== 'skipped' || verbose) &&
        (verbose || event.conclusion === 'failure' || !/^(Check out|Set up|Post )/.test(event.step))
        ? `  ${icons[event.conclusion] ?? '?'} ${event.job} › ${event.step}  ${Math.round(event.durationMs)} ms`
        : undefined;
    case 'log':
      return verbose ? `      ${event.line}` : undefined;
    case 'annotation':
      return event.annotation.level === 'error' ? indented(event.annotation.message) : undefined;
    default:
      return undefined;
  }
}

function describeLoad({ sent, failedTransport, failedRouter, appErrors }: LoadReport): string {
  const errors = Object.values(appErrors).reduce((sum, count) => sum + count, 0);
  return `  load: ${sent} requests, ${failedTransport + failedRouter} failed because of a switch, ${errors} answered with an error by the shop`;
}

const indented = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');

/** The verdict as a table for the terminal; what was expected stands in the rows where it is not what was seen. */
export function verdictTable(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ ok, name, want, got }) =>
      ok ? `✔ ${name.padEnd(width)}  ${got}` : `✖ ${name.padEnd(width)}  ${got}   ← expected: ${want}`,
    )
    .join('\n');
}
