import { takeLock, waitUntilFree } from '../../../shared/traffic/recovery/acquire.js';
import { executable, runExecutable } from '../../../shared/exec/executable.js';
import { awaitTraffic, recordRestored } from './restored.js';
import type { Strategy } from './strategy.js';

/** How long the router and the colours may take to show what the command did, in milliseconds. */
const settleMs = 60_000;
const patienceMs = 10_000;

/** The team's own executable rolls back; what it did is read from the router and the colours before it is believed. */
export const command = {
  name: 'command',

  preflight: (ports) => executable(ports.given.command, ports),

  async run(ports, request) {
    const { control, given } = ports;
    const { bad, good } = request;
    const start = control.clock.now();
    const end = <Result extends string>(result: Result, message: string, trafficMoved: boolean) => ({
      result,
      message,
      trafficMoved,
      durationMs: control.clock.now() - start,
    });
    const free = await waitUntilFree(control, patienceMs, { watch: true });
    if (!free.free) return end('refused', free.why, false);
    // While it is held nobody else moves traffic; whoever finds it after a dead run removes it and moves nothing.
    const { colour } = bad.payload;
    const lock = {
      from: colour,
      to: colour,
      deployment: bad.id,
      payload: bad.payload,
      phase: 'retiring',
    } as const;
    const held = await takeLock(control, lock);
    if (!held) return end('refused', 'another run took the lock at the same moment', false);
    try {
      const { version, digest } = good.payload;
      control.timeline.say(`Rolling back to ${version} by ${given.command}`);
      const args = [control.service, control.environment, version, digest];
      const ran = await runExecutable(given.command, args, ports);
      const patience = ran.ok ? settleMs : 0;
      const seen = await awaitTraffic(ports, request, control.clock.now() + patience);
      if (seen.ok) {
        const restoredAt = control.clock.now();
        const deployment = await recordRestored(ports, request, seen.colour, held.state);
        return {
          ...end('restored', `${version} is live again on ${seen.colour}`, true),
          deployment,
          restoredAt,
          timeline: control.timeline.events,
        };
      }
      const still = await awaitTraffic(ports, { good: bad }, 0);
      const why = ran.ok
        ? `${given.command} succeeded, and ${version} has not all traffic: ${seen.why}`
        : ran.why;
      // Where the bad release has all traffic as before, nothing moved.
      return still.ok && still.colour === colour
        ? end('refused', why, false)
        : end(
            'held',
            `${why}. Who has traffic now is not as before: ${still.ok ? still.colour : still.why}`,
            true,
          );
    } finally {
      await control.lock.remove(held);
    }
  },
} as const satisfies Strategy;
