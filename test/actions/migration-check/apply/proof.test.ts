import { expect, test } from '@jest/globals';
import { proveNoWrites, type Since } from '../../../../actions/migration-check/apply/proof.js';
import type { Mark } from '../../../../shared/ledger/refs/migration.js';

const mark: Mark = {
  system: '7',
  database: { oid: '16384', row: '700' },
  nextXid: '701',
  closed: true,
  superusers: ['postgres'],
};
const since: Since = {
  system: '7',
  database: { oid: '16384', row: '700' },
  closed: true,
  others: [],
  foreign: ['702'],
};

test('transactions prove it without any fence', () => {
  const proof = proveNoWrites(
    { ...mark, closed: false },
    { ...since, closed: false, database: { oid: '16384', row: '999' }, foreign: [] },
  );
  expect(proof).toMatchObject({ proved: true, by: 'transactions' });
});

test('connections prove it whatever the transactions were, and name the superusers', () => {
  expect(proveNoWrites(mark, since)).toMatchObject({
    proved: true,
    by: 'connections',
    message: expect.stringContaining('superusers: postgres'),
  });
  expect(proveNoWrites(mark, { ...since, foreign: undefined })).toMatchObject({ by: 'connections' });
});

test.each<[string, Partial<Mark>, Partial<Since>, RegExp]>([
  ['another server', {}, { system: '8', foreign: [] }, /another database/],
  ['another database', {}, { database: { oid: '1', row: '700' }, foreign: [] }, /another database/],
  ['somebody who is connected', {}, { others: ['app'], foreign: [] }, /others are connected: app/],
  ['others who could connect at the back-up', { closed: false }, {}, /could connect when the back-up/],
  ['others who can connect now', {}, { closed: false }, /others can connect now/],
  ['a grant meanwhile', {}, { database: { oid: '16384', row: '703' } }, /right to connect was changed/],
  ['too many transactions and no fence', { closed: false }, { foreign: undefined }, /too many transactions/],
  ['unknown transactions and no fence', { closed: false }, { foreign: ['1', '2'] }, /2 of the transactions/],
])('%s is no proof', (_, ofMark, ofSince, why) => {
  expect(proveNoWrites({ ...mark, ...ofMark }, { ...since, ...ofSince })).toEqual({
    proved: false,
    why: expect.stringMatching(why),
  });
});
