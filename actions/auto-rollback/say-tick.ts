import type { Measurement, Phase, Reading, Tick } from '../../shared/contracts/reports/analysis-report.js';
import type { Log } from '../../shared/runner/host.js';
import type { Timeline } from '../../shared/traffic/timeline.js';

/**
 * Says what changed into the timeline and everything else into the log, so that the timeline stays short enough to be
 * read.
 */
export function sayTick(
  timeline: Pick<Timeline, 'say'>,
  log: Pick<Log, 'info'>,
): (tick: Tick, measurements: readonly Measurement[]) => void {
  const phases = new Map<string, Phase>();
  const readings = new Map<string, Reading['is']>();
  return (tick, measurements) => {
    for (const [name, reading] of Object.entries(tick.readings)) {
      if (reading.is !== (readings.get(name) ?? 'data')) {
        timeline.say(`Source ${name}: ${reading.is}${reading.message ? `, ${reading.message}` : ''}`);
      }
      readings.set(name, reading.is);
    }
    for (const { criterion, phase, message } of measurements) {
      const line = `${criterion}: ${phase.toLowerCase()}, ${message}`;
      if (phases.get(criterion) === phase) log.info(line);
      else timeline.say(line);
      phases.set(criterion, phase);
    }
  };
}
