import type { Result } from '../request.js';
import type { Frame } from './frame.js';

/** What jobs ended as together; skipped when none of them ran. */
export function together(all: readonly Result[], cancelled: boolean): Result {
  if (cancelled && all.some((result) => result !== 'success')) return 'cancelled';
  if (all.includes('failure')) return 'failure';
  if (all.includes('cancelled')) return 'cancelled';
  return all.every((result) => result === 'skipped') ? 'skipped' : 'success';
}

/** What a workflow ended as, from the results of its jobs. */
export const resultOf = ({ results, cancelled }: Frame): Result =>
  together(
    Object.values(results).map(({ result }) => result),
    cancelled,
  );
