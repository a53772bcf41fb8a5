import { connect } from 'node:net';
import type { Clock } from '../../../../shared/time/clock.js';
import type { HttpClient } from '../../../../shared/http/types.js';
import type { Router, Weights } from '../../../../shared/traffic/router.js';
import type { RouterTools } from '../../../../shared/traffic/routers/tools.js';
import type { Machine } from '../../../../shared/traffic/transports/machine.js';

type Ran = { code: number; stdout: string; stderr: string };

/** A machine whose files are a map and whose commands are a function; it connects for real. */
export interface MemoryMachine extends Machine {
  files: Map<string, string>;
  /** Commands that ran, as one line each. */
  ran: string[];
  /** What a command does; the default knows `mv -f FROM TO` and says yes to all else. */
  command: (argv: readonly string[]) => Ran;
}

/** What a command answers. */
export const done = (code = 0, stderr = ''): Ran => ({ code, stdout: '', stderr });

export function memoryMachine(files: Record<string, string>): MemoryMachine {
  const machine: MemoryMachine = {
    files: new Map(Object.entries(files)),
    ran: [],
    command: ([name, , from, to]) => {
      if (name !== 'mv') return done();
      const text = machine.files.get(from!);
      if (text === undefined) return done(1, `mv: cannot stat '${from}': No such file or directory\n`);
      machine.files.delete(from!);
      machine.files.set(to!, text);
      return done();
    },
    readFile: async (path) => machine.files.get(path),
    replaceFile: async (path, text, was) => {
      if (was !== undefined && was !== (machine.files.get(path) ?? '')) return 'changed';
      machine.files.set(path, text);
      return 'replaced';
    },
    run: async (argv) => {
      machine.ran.push(argv.join(' '));
      return machine.command(argv);
    },
    connect: (endpoint) => ('socket' in endpoint ? connect(endpoint.socket) : connect(endpoint)),
  };
  return machine;
}

/** A clock that only moves when someone sleeps. */
export function steppingClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep: async (milliseconds) => void (now += milliseconds),
  };
}

/** Tools for routers that reach nothing but their machines. */
export const tools = (): RouterTools => ({
  http: undefined as unknown as HttpClient,
  clock: steppingClock(),
  workspace: '/nonexistent',
  variable: () => undefined,
});

/** Plans and makes the calls; what they said. */
export async function move(router: Router, target: Weights): Promise<string[]> {
  const calls = router.plan(await router.read(), target);
  for (const call of calls) await router.apply(call);
  return calls.map((call) => `${call.node}: ${call.say}`);
}
