import { askProduction, mostRequests } from '../../test/actions/gate-check/production.js';
import { ruleRows } from './rules.js';
import type { Benched } from '../row.js';

/** What fifty rules cost, and how often a gate check of an ordinary release asks GitHub, counted by the stand-in. */
export async function gate(): Promise<Benched> {
  const rules = ruleRows();
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
      ...rules,
    ],
    notes: [
      `at most 4 + 2 for each of ${asked.workflows} required workflows + 1 for each of ${asked.runs} runs: ${most}`,
      `asked: ${asked.requests.join(', ')}`,
    ],
  };
}
