import type { LoadReport } from '../../rehearsal/load/tally.js';
import type { Child } from '../../test/support/runner/child.js';

/** What a load said of itself last. */
export const lastReport = (load: Child) => JSON.parse(load.lines.at(-1)!) as LoadReport;

/** Ends a child and waits until it did. */
export async function stop(child: Child): Promise<void> {
  child.process.kill('SIGTERM');
  await child.ended;
}
