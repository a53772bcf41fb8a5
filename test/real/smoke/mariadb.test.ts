import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { guardedLookup } from '../../../shared/http/connect/addresses.js';
import { sqlProbe, type SqlProbeStep } from '../../../shared/probes/sql.js';
import { createAuthority } from '../../support/servers/certificates.js';
import { startMariadb, type Database } from '../../support/servers/databases.js';
import { until } from '../../support/until.js';

const authority = createAuthority();
let database: Database;

beforeAll(async () => {
  database = await startMariadb(authority.issue({ names: ['127.0.0.1'] }));
  database.admin(`CREATE USER shop@'127.0.0.1' IDENTIFIED BY 'pä$$:w/rd'`);
  database.admin(`CREATE USER empty@'127.0.0.1'`);
  database.admin(
    `INSTALL SONAME 'auth_ed25519'; CREATE USER modern@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('x')`,
  );
  database.admin(
    `CREATE DATABASE shop CHARACTER SET utf8mb4;
     CREATE TABLE shop.migrations (version int); INSERT INTO shop.migrations VALUES (42);
     CREATE TABLE shop.items (id bigint PRIMARY KEY, name varchar(50), price decimal(10,2), sold boolean, at date, raw blob, flags bit(4), ratio double);
     INSERT INTO shop.items VALUES (1, 'müg 🍵', 9.5, true, '2026-01-02', x'00ff', b'101', 1.5), (2, NULL, NULL, false, NULL, NULL, NULL, NULL);
     GRANT ALL ON shop.* TO shop@'127.0.0.1'`,
  );
});
afterAll(() => database.stop());

const ask = (step: Partial<SqlProbeStep>, timeoutMs = 60_000) =>
  sqlProbe(guardedLookup(), [authority.ca]).observe(
    {
      url: `mysql://shop:${encodeURIComponent('pä$$:w/rd')}@127.0.0.1:${database.port}/shop`,
      query: 'SELECT version FROM migrations',
      params: [],
      write: false,
      tls: true,
      maxBytes: 100_000,
      ...step,
    },
    { timeoutMs },
  );
const rowsOf = async (step: Partial<SqlProbeStep>) => {
  const probed = await ask(step);
  if (!probed.ok) throw new Error(probed.fault.message);
  return probed.observation.rows;
};

test.each([true, false])('answers a statement, with TLS: %p', async (tls) => {
  expect(await rowsOf({ tls })).toEqual([{ version: 42 }]);
  const secured = await rowsOf({ tls, query: "SHOW SESSION STATUS LIKE 'Ssl_version'" });
  expect(String(secured[0]!['Value']) !== '').toBe(tls);
});

test('gives each type as the JSON value that loses nothing', async () => {
  expect(await rowsOf({ query: 'SELECT * FROM items ORDER BY id' })).toEqual([
    { id: 1, name: 'müg 🍵', price: '9.50', sold: 1, at: '2026-01-02', raw: '\\x00ff', flags: 5, ratio: 1.5 },
    { id: 2, name: null, price: null, sold: 0, at: null, raw: null, flags: null, ratio: null },
  ]);
  expect(await rowsOf({ query: 'SELECT 9007199254740993 AS big, COUNT(*) AS n FROM items' })).toEqual([
    { big: '9007199254740993', n: 2 },
  ]);
});

test('takes values apart from the statement, whatever is in them', async () => {
  const params = ["mug'; DROP TABLE items; -- \\' \" ` 🍵", '2', null, ''];
  const query = 'SELECT count(*) AS n, ? AS p, ? AS i, ? AS q, ? AS e FROM items WHERE name = ? OR id = ?';
  expect(await rowsOf({ query, params: [...params, 'müg 🍵', '2'] })).toEqual([
    { n: 2, p: params[0], i: '2', q: null, e: '' },
  ]);
});

test('reads only, unless writing is asked for', async () => {
  const query = 'UPDATE items SET sold = true WHERE id = ?';
  const refused = { kind: 'sql', message: expect.stringMatching(/READ ONLY transaction \(1792\)/) };
  expect(await ask({ query, params: ['2'] })).toMatchObject({ ok: false, fault: refused });
  expect(await ask({ query, params: ['2'], write: true })).toMatchObject({
    ok: true,
    observation: { affected: 1 },
  });
  expect(database.admin('SELECT sold FROM shop.items WHERE id = 2').trim()).toBe('1');
});

test('a user without password, and a mariadb address', async () => {
  expect(
    await rowsOf({ url: `mariadb://empty@127.0.0.1:${database.port}`, query: 'SELECT 1 AS one' }),
  ).toEqual([{ one: 1 }]);
});

test.each<[string, Partial<SqlProbeStep>, string, RegExp]>([
  ['a wrong password', { password: 'wrong' }, 'sql', /Access denied .*\(1045\)/],
  ['a statement that is none', { query: 'SELEC 1' }, 'sql', /error in your SQL syntax/],
  ['several statements', { query: 'SELECT 1; DELETE FROM items' }, 'sql', /error in your SQL syntax/],
  ['an unknown table', { query: 'SELECT * FROM nothing' }, 'sql', /doesn't exist/],
  [
    'LOAD DATA LOCAL',
    { query: "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE items", write: true },
    'sql',
    /./,
  ],
  ['two columns of one name', { query: 'SELECT 1 AS a, 2 AS a' }, 'sql', /two columns are named a/],
  ['too few parameters', { query: 'SELECT ?' }, 'sql', /EXECUTE/],
  [
    'an answer that is too long',
    { query: "SELECT REPEAT('x', 1000) AS x, seq FROM seq_1_to_1000" },
    'too-large',
    /100000 bytes/,
  ],
  ['one value that is too long', { query: "SELECT REPEAT('x', 10000000) AS x" }, 'too-large', /100000 bytes/],
])('%s is a stated failure', async (_, step, kind, message) => {
  const probed = await ask(step);
  expect(probed).toMatchObject({ ok: false, fault: { kind, message: expect.stringMatching(message) } });
  expect(JSON.stringify(probed)).not.toContain('w/rd');
});

test('a method of login that is not known says which are', async () => {
  const url = `mysql://modern:x@127.0.0.1:${database.port}/shop`;
  expect(await ask({ url })).toMatchObject({
    ok: false,
    fault: { kind: 'sql', message: expect.stringMatching(/client_ed25519; known are mysql_native_password/) },
  });
});

test('a statement that takes too long is given up, and the server stops it too', async () => {
  expect(await ask({ query: 'SELECT SLEEP(30)' }, 300)).toMatchObject({ ok: false });
  const running = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'";
  await until(() => database.admin(running).trim() === '0', 'the server stopped the statement');
});

test('a certificate that is not trusted is a failure', async () => {
  const step = {
    url: `mysql://shop:x@127.0.0.1:${database.port}/shop`,
    query: 'SELECT 1',
    params: [],
    write: false,
    tls: true,
    maxBytes: 1_000,
  };
  const probed = await sqlProbe(guardedLookup(), undefined).observe(step, { timeoutMs: 60_000 });
  expect(probed).toMatchObject({ ok: false, fault: { kind: 'tls' } });
});
