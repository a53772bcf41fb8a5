import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { runSuite, verdict } from '../../actions/smoke-test/run-suite.js';
import { createAuthority } from '../../support/servers/certificates.js';
import { startPostgresql, type Database } from '../../support/servers/databases.js';
import { faults, openEveryKindShop, secrets, type EveryKindShop, type Fault } from './every-kind-shop.js';

const authority = createAuthority();
const client = authority.issue({ names: ['smoke'] });

/** As root, as in containers, Chromium has no sandbox. */
const written = readFileSync(new URL('../../../docs/examples/smoke-every-kind.yml', import.meta.url), 'utf8');
const suite =
  process.getuid?.() === 0
    ? written.replace('wait-for: footer', "sandbox: 'off', wait-for: footer")
    : written;

const files = {
  'ca.pem': authority.ca,
  'mug.txt': 'a blue mug\n',
  'openapi.yaml': `openapi: 3.1.0
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      responses:
        '200': { content: { application/json: { schema: { type: object, required: [id] } } } }
`,
};

let shop: EveryKindShop;
let database: Database;
beforeAll(async () => {
  [shop, database] = await Promise.all([
    openEveryKindShop(authority.issue({ names: ['127.0.0.1'] }), authority.ca, '1.2.3'),
    startPostgresql('scram-sha-256'),
  ]);
  database.admin('CREATE TABLE migrations (version int); INSERT INTO migrations VALUES (42)', 'postgres');
});
afterAll(async () => {
  await Promise.all([shop.close(), database.stop()]);
});

/** Plays the suite, or one of its flows; without `only`, something must look at the version. */
const play = (only?: string, more: Record<string, string> = {}) => {
  const variables = `mtls=${shop.mtls}\ngrpc=${shop.grpc}\nschema=42`;
  const url = `postgresql://admin:admin-secret@127.0.0.1:${database.port}/postgres`;
  const all = { ...secrets, CERT: client.cert, KEY: client.key, DATABASE_URL: url, ...more };
  // Jest loads modules of flows that run side by side wrongly when several want the same one first.
  const given = { 'base-url': shop.url, secrets: JSON.stringify(all), concurrency: '1' };
  const chosen: Record<string, string> =
    only === undefined
      ? { variables, 'expect-version': '1.2.3' }
      : { variables: `${variables}\nversion=1.2.3`, only };
  return runSuite(suite, { ...given, ...chosen }, {}, undefined, files);
};

/** The flows that are red, or why nothing was run. */
async function redFlows(...args: Parameters<typeof play>): Promise<string[]> {
  const run = await play(...args);
  if (!run.report) throw new Error(verdict(run));
  expect(run.report.flows.length).toBeGreaterThan(0);
  return run.report.flows.flatMap(({ name, result }) => (result === 'passed' ? [] : [name]));
}

test('every kind of check is green on a shop that is right', async () => {
  expect(verdict(await play())).toBe('passed');
});

describe('is red when', () => {
  test.each(Object.entries(faults) as [Fault, string][])('%s', async (fault, flow) => {
    shop.fault = fault;
    const red = await redFlows(flow);
    shop.fault = undefined;
    expect(red).toEqual([flow]);
  });

  test('the schema of the database is another, and nothing else is red then', async () => {
    database.admin('UPDATE migrations SET version = 41', 'postgres');
    const red = await redFlows();
    database.admin('UPDATE migrations SET version = 42', 'postgres');
    expect(red).toEqual(['SQL']);
  });

  test('a certificate of another authority is shown at the door', async () => {
    const { cert: CERT, key: KEY } = createAuthority().issue({ names: ['smoke'] });
    expect(await redFlows('mutual TLS', { CERT, KEY })).toEqual(['mutual TLS']);
  });
});
