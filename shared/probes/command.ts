import { runCommand, type Command, type Finished } from '../exec/run.js';
import { HttpFailure } from '../http/faults.js';
import { parseJson, type Observed, type Probe } from './probe.js';
import { observeWithin } from './within.js';

/** One program to run, every value resolved. */
export interface CommandProbeStep {
  argv: readonly [string, ...string[]];
  stdin?: string | undefined;
  /** Variables besides those that every command gets. */
  env: Readonly<Record<string, string>>;
}

export interface CommandObservation extends Observed {
  probe: 'command';
  /** Exit code; undefined when a signal ended it. */
  code: number | undefined;
  stderr: string;
}

/** Observes how a program ends and what it prints (its standard output is the text). `cwd` is where it runs. */
export function commandProbe(
  cwd: string | undefined,
  run: (command: Command) => Promise<Finished> = runCommand,
): Probe<CommandProbeStep, CommandObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<CommandObservation>(`command ${step.argv[0]}`, limits, async (signal) => {
        const { code, stdout, stderr, ended } = await run({
          argv: step.argv,
          // The signal ends it in time; this limit is only behind it.
          timeoutMs: limits.timeoutMs + 1_000,
          env: step.env,
          signal,
          ...(step.stdin === undefined ? {} : { input: step.stdin }),
          ...(cwd === undefined ? {} : { cwd }),
        });
        if (ended === 'too much output')
          throw new HttpFailure('too-large', 'it printed too much and was stopped');
        if (ended) throw new HttpFailure(ended, `it was stopped (${ended})`);
        const size = Buffer.byteLength(stdout);
        return { probe: 'command', code, stderr, size, text: () => stdout, json: () => parseJson(stdout) };
      }),
  };
}
