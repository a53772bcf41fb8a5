import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardedLookup } from '../../../../shared/http/connect/addresses.js';
import { sqlProbe } from '../../../../shared/probes/sql.js';
import { createAuthority } from '../../../support/servers/certificates.js';
import { startChild, type Child } from '../../../support/runner/child.js';

const authority = createAuthority();
const dir = mkdtempSync(join(tmpdir(), 'shop-database-'));
const accounts = [
  { user: 'shop_staging', password: 'pä$$:w/rd' },
  { user: 'shop_production', password: 'other' },
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

async function migrate(user: string, version: number): Promise<[number, string]> {
  const body = JSON.stringify({ user, version });
  const answer = await fetch(child.ready['adminUrl']!, { method: 'POST', body });
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
  it('tells each account the version of its own schema, and migrates it upwards only', async () => {
    expect(await ask({ query: version })).toEqual([{ version: 0 }]);
    expect(await migrate('shop_staging', 42)).toEqual([200, '{"version":42}']);
    expect(await ask({ query: version })).toEqual([{ version: 42 }]);
    expect(await ask({ query: version, user: 'shop_production' })).toEqual([{ version: 0 }]);
    expect(await migrate('shop_staging', 41)).toEqual([200, '{"version":42}']);
    expect(await ask({ query: version })).toEqual([{ version: 42 }]);
  });

  it('has really run the SQL of each migration', async () => {
    await migrate('shop_production', 43);
    const found = await ask({
      query:
        'SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = $2 ORDER BY 1',
      params: ['orders', 'shop_production'],
      user: 'shop_production',
    });
    expect(found).toEqual(['customer', 'id', 'status', 'total'].map((name) => ({ column_name: name })));
  });

  // The client leaves without a word when it is refused, some of these in the middle of a transaction.
  it.each([
    ['a wrong password', { password: 'wrong' }, /password authentication failed .*28P01/],
    ['an unknown user', { user: 'nobody', password: 'any' }, /password authentication failed .*28P01/],
    ['a login without password', { user: 'nobody' }, /asks for a password, and none was given/],
    ['a connection without TLS', { tls: false }, /no encryption.*28000/],
    ['a table that is not there', { query: 'SELECT 1 FROM nothing' }, /does not exist.*42P01/],
    ['a write', { query: 'UPDATE migrations SET version = 9', write: true }, /permission denied.*42501/],
    [
      'the other account’s schema',
      { query: 'SELECT * FROM shop_production.migrations' },
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

  it('says which migrations there are when a release wants another', async () => {
    expect(await migrate('shop_staging', 99)).toEqual([
      400,
      'no migration leads to schema 99; known are 41, 42, 43',
    ]);
    expect(await migrate('shop', 42)).toEqual([400, 'there is no account shop']);
  });
});
