import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { action, runNotify } from '../../../actions/notify/main.js';
import { inputs, type Inputs } from '../../../actions/notify/inputs.js';
import { createHttpClient } from '../../../shared/http/client.js';
import type { Host } from '../../../shared/runner/host.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import { runAction } from '../../../shared/runner/run-action.js';
import type { Clock } from '../../../shared/time/clock.js';
import { testHost } from '../../support/runner/host.js';
import { testRunner, type TestRunner } from '../../support/runner/port.js';
import { serveNotifyChannels, type NotifyServer } from '../../support/servers/notify-channels.js';

/** notify before the stand-ins of its channels; waits take no time unless a clock is given. */
export interface NotifyStage {
  server: NotifyServer;
  /** Milliseconds of the waits between tries, in order. */
  waits: number[];
  run(
    report: unknown,
    changes?: Record<string, string>,
    clock?: Clock,
    signal?: AbortSignal,
  ): ReturnType<typeof runNotify>;
  /** Runs the action as a step does, from its inputs to everything that it writes. */
  runWhole(report: unknown, changes?: Record<string, string>): Promise<TestRunner>;
  close(): Promise<void>;
}

export async function notifyStage(): Promise<NotifyStage> {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  let now = Date.parse('2026-11-28T10:05:00Z');
  const server = await serveNotifyChannels(() => now);
  const connect = () => createHttpClient({ ca: [server.ca] });
  const variables = (report: unknown, changes: Record<string, string>) => {
    const path = join(folder, 'report.json');
    if (report !== undefined)
      writeFileSync(path, typeof report === 'string' ? report : JSON.stringify(report));
    const given = {
      ...server.inputs,
      on: 'all',
      ...(report === undefined ? {} : { report: path }),
      ...changes,
    };
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [inputVariable(name), value]));
  };
  const stage: NotifyStage = {
    server,
    waits: [],
    async run(report, changes = {}, clock, signal) {
      stage.waits = [];
      const host = testHost({
        context: { serverUrl: 'https://github.com' },
        ...(signal ? { signal } : {}),
        clock: clock ?? {
          now: () => now,
          sleep: async (milliseconds) => {
            stage.waits.push(milliseconds);
            now += milliseconds;
          },
        },
      });
      return runNotify(readInputs(inputs, variables(report, changes)), host, connect);
    },
    async runWhole(report, changes = {}) {
      const runner = testRunner(variables(report, changes));
      const trusting = {
        ...action,
        run: (given: Inputs, host: Host) => runNotify(given, host, connect),
      };
      await runAction(trusting as unknown as ActionDefinition, 'main', runner);
      return runner;
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return stage;
}
