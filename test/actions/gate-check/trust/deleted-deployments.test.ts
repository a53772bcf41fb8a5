import { expect, it } from '@jest/globals';
import { findLive } from '../../../../actions/gate-check/evidence/ledger/live.js';
import type { DeploymentRecord } from '../../../../shared/ledger/record.js';
import { record } from '../facts.js';

const live = (...records: DeploymentRecord[]) =>
  findLive((some) => Promise.resolve([...some] as never), records);

const older = record({
  id: 1,
  changes: [
    ['success', 120],
    ['inactive', 60],
  ],
});
const newest = record({ id: 2, changes: [['success', 60]] });

it('Delete the Deployment of what is live, so that older code looks newer: it is not known what is live', async () => {
  expect((await live(older, newest))?.id).toBe(2);
  await expect(live(older)).rejects.toThrow('no Deployment says what is live since');
});

it('a service without any Deployment looks like a new one', async () => {
  expect(await live()).toBeUndefined();
});
