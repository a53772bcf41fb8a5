import { toOutcome } from '../outcome.js';
import type { Mode } from './mode.js';

/** Judges, and says what would run with which locks, on tables of which size where a connection is named. */
export const plan: Mode = async (input, host, { report }) => {
  const name = input['sizes-from'];
  if (name === undefined) return toOutcome(report);
  const { connectionOf } = await import('../apply/open.js');
  const { openSession } = await import('../../../shared/database/session.js');
  const { withSizes } = await import('../sizes.js');
  const { address } = connectionOf(host, name, 'sizes-from');
  const session = await openSession(address, 'migration-check plan');
  try {
    return toOutcome({ ...report, plan: await withSizes(report.plan, session) });
  } finally {
    await session.close();
  }
};
