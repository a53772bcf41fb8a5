import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { guardedLookup } from '../../../shared/http/connect/addresses.js';
import { sqlProbe, type SqlProbeStep } from '../../../shared/probes/sql.js';
import { createAuthority } from '../../support/servers/certificates.js';
import { startPostgresql, type Database } from '../../support/servers/databases.js';
import { until } from '../../support/until.js';

const authority = createAuthority();
const identity = authority.issue({ names: ['127.0.0.1'] });

describe.each(['scram-sha-256', 'md5'] as const)('PostgreSQL with %s', (method) => {
  let database: Database;
  beforeAll(async () => {
    database = await startPostgresql(method, identity);
    database.admin(`CREATE USER shop PASSWORD 'pä$$:w/rd'`);
    database.admin('CREATE DATABASE shop OWNER shop');
    database.admin(
      `CREATE TABLE migrations (version int, applied_at timestamptz DEFAULT now());
       INSERT INTO migrations VALUES (42);
       CREATE TABLE items (id bigint PRIMARY KEY, name text, price numeric(10,2), tags jsonb, sold boolean, at date);
       INSERT INTO items VALUES (1, 'mug', 9.50, '["a","b"]', true, '2026-01-02'), (2, NULL, NULL, NULL, false, NULL);
       GRANT ALL ON items, migrations TO shop`,
      'shop',
    );
  });
  afterAll(() => database.stop());

  const ask = (step: Partial<SqlProbeStep>, timeoutMs = 60_000) =>
    sqlProbe(guardedLookup(), [authority.ca]).observe(
      {
        url: `postgresql://shop:${encodeURIComponent('pä$$:w/rd')}@127.0.0.1:${database.port}/shop`,
        query: 'SELECT version FROM migrations',
        params: [],
        write: false,
        tls: true,
        maxBytes: 100_000,
        ...step,
      },
      { timeoutMs },
    );

  test.each([true, false])('answers a statement, with TLS: %p', async (tls) => {
    expect(await ask({ tls })).toMatchObject({
      ok: true,
      observation: { columns: ['version'], rows: [{ version: 42 }] },
    });
  });

  test('gives each type as the JSON value that loses nothing', async () => {
    const probed = await ask({ query: 'SELECT * FROM items ORDER BY id' });
    expect(probed.ok && probed.observation.rows).toEqual([
      { id: 1, name: 'mug', price: '9.50', tags: ['a', 'b'], sold: true, at: '2026-01-02' },
      { id: 2, name: null, price: null, tags: null, sold: false, at: null },
    ]);
    const large = await ask({
      query: "SELECT 9007199254740993::bigint AS big, 'NaN'::float8 AS none, 1.5::float8 AS half",
    });
    expect(large.ok && large.observation.rows).toEqual([{ big: '9007199254740993', none: 'NaN', half: 1.5 }]);
  });

  test('takes values apart from the statement, whatever is in them', async () => {
    const params = ["mug'; DROP TABLE items; --", '2', null];
    const probed = await ask({
      query: 'SELECT count(*) AS n, $1::text AS p, $3::text AS q FROM items WHERE id = $2',
      params,
    });
    expect(probed.ok && probed.observation.rows).toEqual([{ n: 1, p: params[0], q: null }]);
  });

  test('reads only, unless writing is asked for', async () => {
    const query = 'UPDATE items SET sold = true WHERE id = 2';
    expect(await ask({ query })).toMatchObject({
      ok: false,
      fault: { kind: 'sql', message: expect.stringMatching(/read-only transaction \(25006\)/) },
    });
    expect(await ask({ query, write: true })).toMatchObject({
      ok: true,
      observation: { affected: 1, rows: [] },
    });
    expect(database.admin('SELECT sold FROM items WHERE id = 2', 'shop').trim()).toBe('t');
  });

  test.each<[string, Partial<SqlProbeStep>, string, RegExp]>([
    ['a wrong password', { password: 'wrong' }, 'sql', /password authentication failed/],
    ['a statement that is none', { query: 'SELEC 1' }, 'sql', /syntax error .*\(42601\)/],
    ['several statements', { query: 'SELECT 1; SELECT 2' }, 'sql', /multiple commands/],
    ['an unknown table', { query: 'SELECT * FROM nothing' }, 'sql', /"nothing" does not exist/],
    ['an empty statement', { query: ' ' }, 'sql', /empty/],
    ['COPY', { query: 'COPY items TO STDOUT' }, 'sql', /COPY/],
    ['two columns of one name', { query: 'SELECT 1 AS a, 2 AS a' }, 'sql', /two columns are named a/],
    ['too many parameters', { params: ['1'] }, 'sql', /parameter/],
    [
      'an answer that is too long',
      { query: "SELECT repeat('x', 1000) AS x FROM generate_series(1, 1000)" },
      'too-large',
      /100000 bytes/,
    ],
    [
      'one value that is too long',
      { query: "SELECT repeat('x', 50000000) AS x" },
      'too-large',
      /100000 bytes/,
    ],
  ])('%s is a stated failure', async (_, step, kind, message) => {
    const probed = await ask(step);
    expect(probed).toMatchObject({ ok: false, fault: { kind, message: expect.stringMatching(message) } });
    expect(JSON.stringify(probed)).not.toContain('w/rd');
  });

  test('a statement that takes too long is given up, and the server stops it too', async () => {
    expect(await ask({ query: 'SELECT pg_sleep(30)' }, 300)).toMatchObject({ ok: false });
    const running =
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
    await until(() => database.admin(running).trim() === '0', 'the server stopped the statement');
  });

  test('a certificate that is not trusted, or not for the host, is a failure', async () => {
    const step = {
      url: `postgresql://shop:x@127.0.0.1:${database.port}/shop`,
      query: 'SELECT 1',
      params: [],
      write: false,
      tls: true,
      maxBytes: 1_000,
    };
    expect(await sqlProbe(guardedLookup(), undefined).observe(step, { timeoutMs: 60_000 })).toMatchObject({
      ok: false,
      fault: { kind: 'tls' },
    });
    const other = { ...step, url: step.url.replace('127.0.0.1', 'localhost') };
    expect(
      await sqlProbe(guardedLookup(), [authority.ca]).observe(other, { timeoutMs: 60_000 }),
    ).toMatchObject({ ok: false, fault: { kind: 'tls' } });
  });
});

test('a server without TLS is a failure unless the step does without', async () => {
  const database = await startPostgresql('scram-sha-256');
  try {
    const step = {
      url: `postgresql://admin:admin-secret@127.0.0.1:${database.port}/postgres`,
      query: 'SELECT 1 AS one',
      params: [],
      write: false,
      maxBytes: 1_000,
    };
    const probe = sqlProbe(guardedLookup(), undefined);
    expect(await probe.observe({ ...step, tls: true }, { timeoutMs: 60_000 })).toMatchObject({
      ok: false,
      fault: { kind: 'tls', message: expect.stringContaining('tls: off') },
    });
    expect(await probe.observe({ ...step, tls: false }, { timeoutMs: 60_000 })).toMatchObject({ ok: true });
  } finally {
    await database.stop();
  }
});
