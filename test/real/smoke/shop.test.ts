import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inputs } from '../../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../../actions/smoke-test/main.js';
import { startShop, type RunningShop } from '../../../rehearsal/shop/shop.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { createAuthority } from '../../support/servers/certificates.js';
import { startMariadb, startPostgresql, type Database } from '../../support/servers/databases.js';
import { testHost } from '../../support/runner/host.js';

const authority = createAuthority();
const identity = authority.issue({ names: ['127.0.0.1'] });
const workspace = fileURLToPath(new URL('../../../docs/examples', import.meta.url));
const suite = readFileSync(new URL('../../../docs/examples/smoke-go-live.yml', import.meta.url), 'utf8');
const password = 'pä$$:w/rd';

const servers = {
  postgresql: () => startPostgresql('scram-sha-256', identity),
  mysql: () => startMariadb(identity),
};

describe.each(Object.keys(servers) as (keyof typeof servers)[])(
  'the suite of a go-live plan, with %s',
  (scheme) => {
    let database: Database;
    let shop: RunningShop;
    beforeAll(async () => {
      [database, shop] = await Promise.all([
        servers[scheme](),
        startShop({ port: 0, version: '2.1.0', digest: 'sha256:1', colour: 'green' }),
      ]);
      if (scheme === 'postgresql') {
        database.admin(`CREATE USER shop PASSWORD '${password}'`);
        database.admin('CREATE DATABASE shop OWNER shop');
      } else {
        database.admin(
          `CREATE USER shop@'127.0.0.1' IDENTIFIED BY '${password}'; CREATE DATABASE shop; GRANT SELECT ON shop.* TO shop@'127.0.0.1'`,
        );
      }
      database.admin('CREATE TABLE migrations (version int); INSERT INTO migrations VALUES (42);', 'shop');
      if (scheme === 'postgresql') database.admin('GRANT SELECT ON migrations TO shop', 'shop');
    });
    afterAll(() => Promise.all([database.stop(), shop.close()]));

    async function run(changed: { schema?: string; version?: string; timeout?: string } = {}) {
      const given = inputs.parse({
        suite: 'smoke-go-live.yml',
        'base-url': shop.url,
        'expect-version': changed.version ?? '2.1.0',
        timeout: changed.timeout ?? '60s',
        variables: `schema=${changed.schema ?? '42'}`,
        secrets: JSON.stringify({
          DATABASE_URL: `${scheme}://shop:${encodeURIComponent(password)}@127.0.0.1:${database.port}/shop`,
          PASSWORD: 'c0rrect-horse',
        }),
      });
      const host = testHost({ context: { workspace }, random: Math.random });
      const outcome = await runSmokeTest(given, host, createHttpClient, { ca: [authority.ca] });
      expect(JSON.stringify([outcome, host.printed])).not.toMatch(/c0rrect-horse|w%2Frd|w\/rd/);
      return outcome;
    }

    test('passes, step by step', async () => {
      const outcome = await run();
      expect(outcome.report.failures).toEqual([]);
      expect(outcome.report).toMatchObject({ result: 'pass', passed: 10, failed: 0, notRun: 0 });
    });

    test('fails when the migrations are not the expected ones', async () => {
      const { report } = await run({ schema: '43' });
      expect(report.failures).toMatchObject([
        {
          flow: 'database',
          check: 'sql value',
          expected: 'one value, "43"',
          got: '[{"version":42}]',
          request: `sql ${scheme}://127.0.0.1:${database.port}/shop SELECT version FROM migrations`,
          file: 'smoke-go-live.yml',
          line: 1 + suite.split('\n').findIndex((line) => line.includes('sql: { value:')),
        },
      ]);
    });

    test('fails when another version answers', async () => {
      // The suite itself would wait a minute for the new version.
      const { report } = await run({ version: '2.2.0', timeout: '2s' });
      expect(report.result).toBe('fail');
      expect(report.failures.map(({ flow }) => flow)).toEqual(expect.arrayContaining(['health', 'frontend']));
    });
  },
);
