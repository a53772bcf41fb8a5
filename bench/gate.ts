import { askProduction, mostRequests } from '../test/actions/gate-check/production.js';
import type { Benched } from './row.js';

/** How often a gate check of an ordinary release asks GitHub, counted by the stand-in. */
export async function gate(): Promise<Benched> {
  const asked = await askProduction();
  if (!asked.passed) throw new Error('the release did not pass, so nothing was measured');
  const most = mostRequests(asked);
  return {
    rows: [
      {
        subject: 'production policy',
        metric: 'requests',
        value: asked.requests.length,
        unit: 'requests',
        of: most,
      },
    ],
    notes: [
      `at most 4 + 2 for each of ${asked.workflows} required workflows + 1 for each of ${asked.runs} runs: ${most}`,
      `asked: ${asked.requests.join(', ')}`,
    ],
  };
}
