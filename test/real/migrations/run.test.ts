import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { goodFiles, openStage, type Stage } from './stage.js';

let at: Stage;
beforeAll(async () => {
  at = await openStage();
});
afterAll(() => at.close());

test('a safe migration is backed up, applied and verified, and the fence is lifted', async () => {
  const shop = at.newShop();
  const { end, printed } = await at.start(at.jobFor(shop, at.newRun())).ended;
  expect([end?.result, printed]).toEqual(['applied', expect.stringContaining('pg_restore --list')]);
  expect(shop.app('SELECT count(stock) FROM items')).toBe('200');
  expect(end?.journal?.backup).toMatchObject({ objects: expect.any(Number), encrypted: false });
  expect(at.refOf(shop)).toBe('');
});

test('one that fails is restored byte for byte, and the failed database is kept beside', async () => {
  const shop = at.newShop();
  const before = shop.dump();
  const migrations = [
    { ...goodFiles[0]!, down: undefined },
    { name: 'db/migrations/0003_bad.sql', up: 'DELETE FROM orders; SELECT 1/0', down: undefined },
  ];
  const { end, printed } = await at.start(at.jobFor(shop, at.newRun(), { migrations })).ended;
  if (end?.result !== 'restored') throw new Error(printed);
  expect(shop.dump()).toBe(before);
  expect(shop.app('SELECT count(*) FROM orders')).toBe('50');
  expect(
    at.server.admin(`SELECT count(*) FROM pg_database WHERE datname LIKE '${shop.name}_failed%'`).trim(),
  ).toBe('1');
});
