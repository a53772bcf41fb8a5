import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpClient } from '../../../../shared/http/client.js';
import { inputs } from '../../../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../../../actions/smoke-test/main.js';
import { createAuthority } from '../../../support/servers/certificates.js';
import { testHost } from '../../../support/runner/host.js';
import { serve } from '../../../support/servers/http.js';
import { serveHttp2 } from '../../../support/servers/http2.js';
import { inFolder } from '../../../cli/terminal.js';
import { suiteOf } from '../run-suite.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

interface Entry {
  time: number;
  request: { httpVersion: string };
  response: { httpVersion: string };
  timings: { blocked: number; connect: number; send: number; wait: number; receive: number };
}

/** The HAR entries of one flow whose steps all ask and fail, in flows of their own. */
async function entriesOf(urls: readonly string[], http: string, ca: string[] = []): Promise<Entry[]> {
  const flows = urls.map((url, index) =>
    suiteOf(`- { name: ask, http: { url: '${url}', ${http} }, expect: { status: 418 } }`)
      .replace('version: 1\nflows:\n', '')
      .replace('name: flow', `name: flow ${index}`),
  );
  return inFolder({ 'smoke.yml': `version: 1\nflows:\n${flows.join('')}` }, async (workspace) => {
    const given = inputs.parse({ suite: 'smoke.yml', har: 'true', concurrency: '1' });
    const outcome = await runSmokeTest(given, testHost({ context: { workspace } }), (options) =>
      createHttpClient({ ...options, ca }),
    );
    return (JSON.parse(outcome.files!['har']!.text) as { log: { entries: Entry[] } }).log.entries;
  });
}

const sum = ({ timings }: Entry) =>
  timings.blocked + timings.connect + timings.send + timings.wait + timings.receive;

test('times are those of the exchange: waiting for the answer and receiving it are told apart', async () => {
  const server = await serve(async (_request, response) => {
    await sleep(60);
    response.write('a');
    await sleep(600);
    response.end('b');
  });
  closing.push(server.close);
  const [first, second] = await entriesOf([server.url, server.url], 'method: POST, body: x');
  expect(first!.timings.connect).toBeGreaterThan(0);
  expect(first!.timings.wait).toBeGreaterThanOrEqual(50);
  // A busy process may hear of the first byte late.
  expect(first!.timings.receive).toBeGreaterThanOrEqual(100);
  expect(Math.abs(sum(first!) - first!.time)).toBeLessThan(0.01);
  // The second goes over the connection of the first.
  expect(server.connections()).toBe(1);
  expect(second!.timings.connect).toBeLessThan(first!.timings.wait);
  expect(first).toMatchObject({
    request: { httpVersion: 'HTTP/1.1' },
    response: { httpVersion: 'HTTP/1.1' },
  });
});

test('what came before the last redirect was spent blocked', async () => {
  const server = await serve(async (request, response) => {
    if (request.url !== '/') return void response.end('there');
    await sleep(60);
    response.writeHead(302, { location: '/there' }).end();
  });
  closing.push(server.close);
  const [entry] = await entriesOf([server.url], 'redirects: 1');
  expect(entry!.timings.blocked).toBeGreaterThanOrEqual(50);
  expect(Math.abs(sum(entry!) - entry!.time)).toBeLessThan(0.01);
});

test('the version is the one that was negotiated, and the handshake is part of connecting', async () => {
  const authority = createAuthority();
  const identity = authority.issue({ names: ['127.0.0.1'] });
  const modern = await serveHttp2((stream) => {
    stream.respond({ ':status': 200 });
    stream.end('2');
  }, identity);
  const older = await serve((_request, response) => void response.end('1.1'), identity);
  closing.push(modern.close, older.close);
  const entries = await entriesOf([modern.url, older.url], 'timeout: 60s', [authority.ca]);
  expect(entries.map(({ response }) => response.httpVersion)).toEqual(['HTTP/2', 'HTTP/1.1']);
  for (const { timings } of entries) expect(timings.connect).toBeGreaterThan(0.5);
});

test('without an answer there is no version and no time of its parts', async () => {
  const server = await serve((_request, response) => void response.destroy());
  closing.push(server.close);
  const [entry] = await entriesOf([server.url], 'timeout: 60s');
  expect(entry).toMatchObject({ response: { httpVersion: '' }, timings: { connect: -1, receive: 0 } });
});
