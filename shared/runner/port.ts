import { statSync, truncateSync } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as core from '@actions/core';
import type { Annotation } from '../report/annotation.js';
import type { Clock } from '../time/clock.js';
import { whenAborted } from '../time/when-aborted.js';

/** The runner as this suite uses it; tests pass their own. */
export interface RunnerPort {
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  random: () => number;
  print(line: string): void;
  debug(line: string): void;
  annotate(annotation: Annotation): void;
  fail(message: string): void;
  maskInLog(secret: string): void;
  setOutput(name: string, value: string): void;
  saveState(key: string, value: string): void;
  startGroup(title: string): void;
  endGroup(): void;
  appendSummary(markdown: string): Promise<void>;
  writeFile(path: string, text: string): Promise<void>;
  onStop(listener: (signal: string) => void): () => void;
}

/** The real runner, spoken to by @actions/core. */
export function actionsRunner(): RunnerPort {
  return {
    env: process.env,
    clock: systemClock,
    random: Math.random,
    print: (line) => core.info(line),
    debug: (line) => {
      // The runner drops these lines unless somebody asked for them, but reads every one.
      if (core.isDebug()) core.debug(line);
    },
    annotate: ({ level, message, title, file, line, column }) => {
      core[level](message, {
        ...(title ? { title } : {}),
        ...(file ? { file } : {}),
        ...(line ? { startLine: line } : {}),
        ...(column ? { startColumn: column } : {}),
      });
    },
    fail: (message) => core.setFailed(message),
    maskInLog: (secret) => core.setSecret(secret),
    setOutput: (name, value) => wholly('GITHUB_OUTPUT', () => core.setOutput(name, value)),
    saveState: (key, value) => wholly('GITHUB_STATE', () => core.saveState(key, value)),
    startGroup: (title) => core.startGroup(title),
    endGroup: () => core.endGroup(),
    appendSummary: async (markdown) => {
      const path = process.env['GITHUB_STEP_SUMMARY'];
      if (path) await appendFile(path, markdown);
    },
    writeFile: async (path, text) => {
      await mkdir(dirname(path), { recursive: true });
      try {
        await writeFile(path, text);
      } catch (cause) {
        await rm(path, { force: true });
        throw cause;
      }
    },
    onStop: (listener) => {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => signals.forEach((signal) => process.off(signal, listener));
    },
  };
}

/**
 * The runner refuses a file of values whole when its end is missing, so a value that a full disk cut is taken out again.
 */
function wholly(variable: 'GITHUB_OUTPUT' | 'GITHUB_STATE', append: () => void): void {
  const path = process.env[variable];
  const before = path ? statSync(path, { throwIfNoEntry: false }) : undefined;
  try {
    append();
  } catch (cause) {
    if (path && before?.isFile()) truncateSync(path, before.size);
    throw cause;
  }
}

/** A longer timer (24.8 days) would go off at once. */
const longestTimerMs = 2 ** 31 - 1;

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      leave();
      resolve();
    }, milliseconds);
    const leave = whenAborted(signal, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    for (let rest = milliseconds; !signal?.aborted; rest -= longestTimerMs) {
      await pause(Math.min(rest, longestTimerMs), signal);
      if (rest <= longestTimerMs) return;
    }
  },
};
