import type { Clock } from '../../shared/time/clock.js';

/** How long to go on, and how long to wait after a run that was not green; milliseconds. */
export interface Patience {
  withinMs: number;
  everyMs: number;
}

/** The last run, and whether a stop ended the waiting for a green one. */
export interface Waited<Run> {
  run: Run;
  interrupted: boolean;
}

/** What is repeated: a run, whether it was green, and who hears of one that was not. */
export interface Repeated<Run> {
  attempt: () => Promise<Run>;
  isGreen: (run: Run) => boolean;
  onRed: (run: Run) => void;
}

/** Repeats a whole run until it is green or no further one can begin before the deadline. */
export async function untilGreen<Run>(
  { withinMs, everyMs }: Patience,
  clock: Clock,
  signal: AbortSignal,
  { attempt, isGreen, onRed }: Repeated<Run>,
): Promise<Waited<Run>> {
  const startedAt = clock.now();
  const left = () => withinMs - (clock.now() - startedAt);
  for (;;) {
    const run = await attempt();
    if (isGreen(run) || signal.aborted) return { run, interrupted: signal.aborted };
    if (left() <= everyMs) return { run, interrupted: false };
    onRed(run);
    await clock.sleep(everyMs, signal);
    if (signal.aborted) return { run, interrupted: true };
  }
}
