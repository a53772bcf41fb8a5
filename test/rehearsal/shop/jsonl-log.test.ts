import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonlLog } from '../../../rehearsal/shop/jsonl-log.js';
import { Store } from '../../../rehearsal/shop/store.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a log shared by two processes', () => {
  function open(): { log: JsonlLog<string>; seen: string[] } {
    const seen: string[] = [];
    return { log: new JsonlLog<string>(join(folder, 'log.jsonl'), (record) => seen.push(record)), seen };
  }

  it('gives both the same records in the same order, each once', () => {
    const [one, two] = [open(), open()];
    one.log.append('a');
    two.log.append('b');
    one.log.append('ç');
    two.log.catchUp();
    expect(one.seen).toEqual(['a', 'b', 'ç']);
    expect(two.seen).toEqual(one.seen);
  });

  it('waits for the rest of a line another process is still writing', () => {
    const one = open();
    appendFileSync(join(folder, 'log.jsonl'), '"hal');
    one.log.catchUp();
    expect(one.seen).toEqual([]);
    appendFileSync(join(folder, 'log.jsonl'), 'f"\n');
    one.log.catchUp();
    expect(one.seen).toEqual(['half']);
  });

  it('loses only the line a killed process left half written', () => {
    const one = open();
    appendFileSync(join(folder, 'log.jsonl'), '"torn');
    one.log.append('next');
    expect(one.seen).toEqual(['next']);
  });
});

describe('a store shared by two versions', () => {
  const user = (id: string): Parameters<Store['addUser']>[0] => ({
    id,
    tenant: 'acme',
    email: 'Ana@shop.example',
    salt: 's',
    hash: 'h',
  });

  it('lets only one of two rival registrations win, the same for both', () => {
    const blue = new Store(folder);
    const green = new Store(folder);
    // Blue has looked and found nobody; green registers before blue writes.
    expect(blue.findUser('acme', 'ana@shop.example')).toBeUndefined();
    expect(green.addUser(user('g'))).toBe(true);
    expect(blue.addUser(user('b'))).toBe(false);
    expect(blue.findUser('acme', 'ana@shop.example')?.id).toBe('g');
    blue.close();
    green.close();
  });

  it('keeps one address per tenant, whatever its case', () => {
    const store = new Store(undefined);
    expect(store.addUser(user('1'))).toBe(true);
    expect(store.addUser({ ...user('2'), email: 'ana@SHOP.example' })).toBe(false);
    expect(store.addUser({ ...user('3'), tenant: 'globex' })).toBe(true);
  });

  it('writes one JSON line for each record', () => {
    const store = new Store(folder);
    store.addUser(user('1'));
    store.close();
    expect(JSON.parse(readFileSync(join(folder, 'users.jsonl'), 'utf8').trim())).toEqual(user('1'));
  });
});
