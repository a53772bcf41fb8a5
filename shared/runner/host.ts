import type { Clock } from '../time/clock.js';
import type { RunContext } from './context.js';

/** Where progress is written, line by line, secrets masked. */
export interface Log {
  info(message: string): void;
  notice(message: string): void;
  warning(message: string): void;
  debug(message: string): void;
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
}

/** The world an action runs in; main.ts hands its parts on, one port to each function. */
export interface Host {
  context: RunContext;
  /** Aborts when the runner asks the step to stop: waits end at once, a mutation in flight is finished. */
  signal: AbortSignal;
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  log: Log;
  /** Masks a value and its encodings in everything written from now on. */
  mask(secret: string): void;
  /** Values handed from main to post by the runner, which later steps cannot change. */
  state: { save(key: string, value: string): void; read(key: string): string | undefined };
  /** The step's environment variables, for lookups the user allowed by name. */
  variable(name: string): string | undefined;
}
