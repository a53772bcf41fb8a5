import type { Result } from '../request.js';
import type { Frame } from './frame.js';

/** What a workflow ended as, from the results of its jobs; skipped when none of them ran. */
export function resultOf({ results, cancelled }: Frame): Result {
  const all = Object.values(results).map(({ result }) => result);
  if (cancelled && all.some((result) => result !== 'success')) return 'cancelled';
  if (all.includes('failure')) return 'failure';
  if (all.includes('cancelled')) return 'cancelled';
  return all.every((result) => result === 'skipped') ? 'skipped' : 'success';
}
