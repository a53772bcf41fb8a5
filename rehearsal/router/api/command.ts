import type { Backend, Counters } from '../backends.js';
import type { RuntimeMap } from '../map-file.js';

/** What the runtime API can see and change. */
export interface Runtime {
  map: RuntimeMap;
  backends: Backend[];
  /** The one frontend. */
  frontend: { name: string; counters: Counters; connections: () => number };
  startedAt: number;
  now: () => number;
  apiConnections: () => number;
}

/** One command of the runtime API: `run` gets the words after its name and returns HAProxy's answer. */
export interface Command {
  name: string;
  usage: string;
  run: (args: readonly string[], runtime: Runtime) => string;
}

/** HAProxy ends most answers with a newline of their own; the session adds one more. */
export const line = (text: string): string => `${text}\n`;
