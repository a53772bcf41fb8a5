import type { Probe } from '../../../shared/probes/probe.js';
import type { Clock } from '../../../shared/time/clock.js';

/** A probe that looks at most so often a second, whoever asks; each look has its turn before its own time begins. */
export function paced<Step, Observation>(
  probe: Probe<Step, Observation>,
  clock: Clock,
  perSecond: number | undefined,
): Probe<Step, Observation> {
  if (perSecond === undefined) return probe;
  let next = 0;
  return {
    async observe(step, limits) {
      const now = clock.now();
      const turn = Math.max(next, now);
      next = turn + 1_000 / perSecond;
      if (turn > now) await clock.sleep(turn - now, limits.signal);
      return probe.observe(step, limits);
    },
  };
}
