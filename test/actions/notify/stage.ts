import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNotify } from '../../../actions/notify/main.js';
import { inputs } from '../../../actions/notify/inputs.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import type { Clock } from '../../../shared/time/clock.js';
import { testHost } from '../../support/runner/host.js';
import { serveNotifyChannels, type NotifyServer } from '../../support/servers/notify-channels.js';

/** notify before the stand-ins of its channels; waits take no time unless a clock is given. */
export interface NotifyStage {
  server: NotifyServer;
  /** Milliseconds of the waits between tries, in order. */
  waits: number[];
  run(report: unknown, changes?: Record<string, string>, clock?: Clock): ReturnType<typeof runNotify>;
  /** What was handed to mask in the last run. */
  masked: string[];
  close(): Promise<void>;
}

export async function notifyStage(): Promise<NotifyStage> {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  let now = Date.parse('2026-11-28T10:05:00Z');
  const server = await serveNotifyChannels(() => now);
  const stage: NotifyStage = {
    server,
    waits: [],
    masked: [],
    async run(report, changes = {}, clock) {
      stage.waits = [];
      const path = join(folder, 'report.json');
      if (report !== undefined)
        writeFileSync(path, typeof report === 'string' ? report : JSON.stringify(report));
      const given = {
        ...server.inputs,
        on: 'all',
        ...(report === undefined ? {} : { report: path }),
        ...changes,
      };
      const env = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [inputVariable(name), value]),
      );
      const host = testHost({
        context: { serverUrl: 'https://github.com' },
        clock: clock ?? {
          now: () => now,
          sleep: async (milliseconds) => {
            stage.waits.push(milliseconds);
            now += milliseconds;
          },
        },
      });
      const outcome = await runNotify(readInputs(inputs, env), host, () =>
        createHttpClient({ ca: [server.ca] }),
      );
      stage.masked = host.masked;
      return outcome;
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return stage;
}
