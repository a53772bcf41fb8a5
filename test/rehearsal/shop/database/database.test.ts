import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardedLookup } from '../../../../shared/http/connect/addresses.js';
import { sqlProbe } from '../../../../shared/probes/sql.js';
import { createAuthority } from '../../../support/servers/certificates.js';
import { startChild, type Child } from '../../../support/runner/child.js';

const authority = createAuthority();
const dir = mkdtempSync(join(tmpdir(), 'shop-database-'));
const accounts = [
  { user: 'shop_staging', schema: 'shop_staging', password: 'pä$$:w/rd' },
  { user: 'staging_reader', schema: 'shop_staging', password: 'reads' },
  { user: 'shop_production', schema: 'shop_production', password: 'other' },
];
let child: Child;

beforeAll(async () => {
  const config = join(dir, 'database.json');
  const tls = authority.issue({ names: ['127.0.0.1'] });
  writeFileSync(config, JSON.stringify({ accounts, tls }));
  child = await startChild('rehearsal/shop/database/database-main.ts', '--config', config);
});
afterAll(async () => {
  child.process.stdin?.end();
  await child.ended;
  rmSync(dir, { recursive: true });
});

/** What the administrator is asked and answers. */
async function order(path: string, body: object): Promise<[number, string]> {
  const answer = await fetch(`${child.ready['adminUrl']!}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.text()];
}

interface Asked {
  query: string;
  user?: string;
  password?: string;
  params?: string[];
  write?: boolean;
  tls?: boolean;
}

/** What the suite's own client, which shares no code with the shop, is told. */
async function ask({
  query,
  user = 'shop_staging',
  password,
  params = [],
  write = false,
  tls = true,
}: Asked) {
  const account = accounts.find((each) => each.user === user);
  const secret = encodeURIComponent(password ?? account?.password ?? '');
  const url = `postgresql://${user}:${secret}@127.0.0.1:${child.ready['port']}/postgres`;
  const step = { url, query, params, write, tls, maxBytes: 100_000 };
  const limits = { timeoutMs: 10_000 };
  const seen = await sqlProbe(guardedLookup(), [authority.ca]).observe(step, limits);
  return seen.ok ? seen.observation.rows : seen.fault.message;
}

const version = 'SELECT version FROM migrations';

describe('the shop’s database', () => {
  it('lets the owner of a schema change it, also after a reset, and shows it to its reader alone', async () => {
    await ask({ query: 'CREATE VIEW migrations AS SELECT 42 AS version', write: true });
    await ask({ query: 'RESET ALL', write: true });
    expect(await ask({ query: version })).toEqual([{ version: 42 }]);
    expect(await ask({ query: version, user: 'staging_reader' })).toEqual([{ version: 42 }]);
    expect(await ask({ query: version, user: 'shop_production' })).toMatch(/does not exist/);
  });

  it('is backed up into an archive that PostgreSQL starts from, and describes its schemas', async () => {
    await ask({ query: 'CREATE TABLE orders (id int PRIMARY KEY)', write: true });
    const file = join(dir, 'backup.tar.gz');
    const [, taken] = await order('/backup', { file });
    expect(JSON.parse(taken)).toEqual({ size: statSync(file).size, sha256: expect.any(String) });
    expect(await order('/prove', { file })).toEqual([200, '{"tables":1}']);
    writeFileSync(file, 'no archive');
    expect((await order('/prove', { file }))[0]).toBe(400);
    const [, schema] = await order('/schema', { schema: 'shop_staging' });
    expect(schema).toContain('orders.id integer NO');
    expect(await order('/schema', { schema: 'shop_production' })).toEqual([200, '{"text":""}']);
  });

  // The client leaves without a word when it is refused, some of these in the middle of a transaction.
  it.each([
    ['a wrong password', { password: 'wrong' }, /password authentication failed .*28P01/],
    ['an unknown user', { user: 'nobody', password: 'any' }, /password authentication failed .*28P01/],
    ['a login without password', { user: 'nobody' }, /asks for a password, and none was given/],
    ['a connection without TLS', { tls: false }, /no encryption.*28000/],
    ['a table that is not there', { query: 'SELECT 1 FROM nothing' }, /does not exist.*42P01/],
    [
      'a write of the reader',
      { user: 'staging_reader', query: 'DROP TABLE orders', write: true },
      /must be owner of table orders.*42501/,
    ],
    [
      'the other account’s schema',
      { user: 'shop_production', query: 'SELECT * FROM shop_staging.migrations' },
      /permission denied/,
    ],
  ] as [string, Partial<Asked>, RegExp][])(
    'refuses %s, and answers the next client',
    async (_, asked, message) => {
      expect(await ask({ query: version, ...asked })).toMatch(message);
      expect(await ask({ query: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
    },
  );

  it('gives clients that come at once a turn each', async () => {
    const users = [...accounts, ...accounts, ...accounts].map(({ user }) => user);
    const answers = await Promise.all(
      users.map((user) => ask({ query: 'SELECT current_user AS who', user })),
    );
    expect(answers).toEqual(users.map((who) => [{ who }]));
  });
});
