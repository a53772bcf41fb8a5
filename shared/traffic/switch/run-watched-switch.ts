import type { Lock } from '../../ledger/refs/lock.js';
import type { Held } from '../../ledger/refs/state.js';
import { describeFailures } from '../colour/failures.js';
import { watchEntry } from '../colour/watch-entry.js';
import type { SwitchPorts } from '../control.js';
import { runSwitch } from './run-switch.js';
import { type SwitchEnd, type Orders } from './end-switch.js';

/**
 * Runs a lock's switch to its end while new connections through the entry are counted; the timeline keeps those that
 * failed.
 */
export async function runWatchedSwitch(
  control: SwitchPorts,
  held: Held<Lock>,
  orders: Orders,
): Promise<SwitchEnd> {
  const { timeline, config } = control;
  const watching = watchEntry(control, config, timeline.failures, () => timeline.course.at(-1)?.at);
  try {
    return await runSwitch(control, held, orders);
  } finally {
    await watching.stop();
    const failures = describeFailures(timeline.failures.seen);
    if (failures) timeline.say(failures);
  }
}
