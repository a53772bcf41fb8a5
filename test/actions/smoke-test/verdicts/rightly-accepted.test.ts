import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serveRecording, type RecordingServer } from '../../../support/servers/recording.js';
import { runSuite, suiteOf, verdict } from '../run-suite.js';

let server: RecordingServer;
beforeAll(async () => {
  server = await serveRecording();
});
afterAll(() => server.close());

/** What comes of one look at a document. */
async function look(document: unknown, expectation: string): Promise<string> {
  server.answer = (_asked, response) => response.end(JSON.stringify(document));
  const step = `- { name: look, http: { url: / }, expect: { json: [${expectation}] } }`;
  return verdict(await runSuite(suiteOf(step), { 'base-url': server.url }));
}

test.each([
  "{ path: $, equals: { matches: '[a' } }",
  "{ path: $, contains-value: { matches: '[a' } }",
  "{ path: $, values: [{ matches: '[a' }] }",
])('a value with the name of an expectation is a value: %s', async (expectation) => {
  expect(await look({ matches: '[a' }, expectation)).toBe('passed');
  expect(await look({ matches: 'a' }, expectation)).toContain('≠');
});

test('a regular expression of a JSON value is looked at all the same', async () => {
  const message = await look({}, "{ path: $.a, matches: '[a' }");
  expect(message).toMatch(/refused[^]*smoke\.yml:\d+:\d+ — flows\.0\.steps\.0\.expect\.json\.0\.matches/);
});

test.each([
  "{ path: '$[?@ == 9007199254740991]', count: 0 }",
  "{ path: '$[?@ < 0.1234567890123456]', count: 0 }",
  '{ path: "$[?@ == \'9007199254740993\']", count: 1 }',
  '{ path: $.a9007199254740993, exists: false }',
])('digits that are no number beyond 2^53 are no fault: %s', async (expectation) => {
  expect(await look({ id: '9007199254740993' }, expectation)).toBe('passed');
});

test('a number that is too great to be read is equal to nothing', async () => {
  server.answer = (_asked, response) => response.end('{ "n": 1e400 }');
  const step = '- { name: look, http: { url: / }, expect: { not: { json: [{ path: $.n, equals: 1 }] } } }';
  expect(verdict(await runSuite(suiteOf(step), { 'base-url': server.url }))).toContain('beyond 2^53');
});
