import { expect, it } from '@jest/globals';
import { askProduction, mostRequests } from './production.js';

it('a production policy of five gates asks GitHub at most 4 times, twice for each required workflow and once for each run to be proved', async () => {
  const asked = await askProduction();
  expect(asked.passed).toBe(true);
  expect(asked.requests.length).toBeLessThanOrEqual(mostRequests(asked));
  expect(asked.requests.filter((operation) => operation === 'GateEvidence')).toHaveLength(1);
});
