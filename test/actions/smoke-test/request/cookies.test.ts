import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { serveRecording, type RecordingServer } from '../../../support/servers/recording.js';
import { runSuite, suiteOf, verdict } from '../run-suite.js';

let server: RecordingServer;
beforeAll(async () => {
  server = await serveRecording();
});
afterAll(() => server.close());
beforeEach(() => server.reset());

const run = (steps: string, given: Record<string, string> = {}) =>
  runSuite(suiteOf(steps), { 'base-url': server.url, ...given });

describe('cookies', () => {
  beforeEach(() => {
    server.answer = ({ url, headers }, response) => {
      if (url === '/login')
        response.setHeader('set-cookie', [
          'sid=s3ss10n; Path=/; HttpOnly; Secure; SameSite=Lax',
          'theme=dark; Max-Age=60',
        ]);
      response.end(headers.cookie ?? 'none');
    };
  });

  test('are kept through a flow, left out where a step says so, and not shared with other flows', async () => {
    const flow = (name: string) =>
      `
  - name: ${name}
    steps:
      - { name: before, http: { url: /who }, expect: { body: { equals: none } } }
      - { name: login, http: { url: /login }, expect: { status: 200 } }
      - { name: after, http: { url: /who }, expect: { body: { equals: sid=s3ss10n; theme=dark } } }
      - { name: without, http: { url: /who, cookies: false }, expect: { body: { equals: none } } }
      - { name: own, http: { url: /who, headers: { Cookie: sid=mine } }, expect: { body: { equals: sid=mine } } }`.replaceAll(
        'equals: sid=s3ss10n; theme=dark',
        "equals: 'sid=s3ss10n; theme=dark'",
      );
    const suite = `version: 1\nflows:${flow('one')}${flow('two')}\n`;
    expect(verdict(await runSuite(suite, { 'base-url': server.url, concurrency: '1' }))).toBe('passed');
  });

  test.each<[string, string]>([
    [
      '{ sid: { exists: true, equals: s3ss10n, secure: true, http-only: true, same-site: lax, path: /, lasts: session } }',
      'passed',
    ],
    ['{ theme: { lasts: longer, secure: false, http-only: false, matches: "^d" } }', 'passed'],
    ['{ absent: { exists: false } }', 'passed'],
    ['{ theme: { secure: true } }', 'cookie theme: secure: true ≠ secure: false'],
    ['{ theme: { same-site: strict } }', 'cookie theme: same-site: strict ≠ same-site: none named'],
    ['{ theme: { equals: light } }', 'cookie theme: "light" ≠ dark'],
    ['{ sid: { equals: other } }', 'cookie sid: "other" ≠ a value of 7 characters (HttpOnly, not shown)'],
    ['{ absent: { secure: true } }', 'cookie absent: secure: true ≠ no such cookie'],
    ['{ absent: { not-contains: x } }', 'cookie absent: text without "x" ≠ no such cookie'],
  ])('%s: %s', async (cookies, message) => {
    expect(
      verdict(await run(`- { name: login, http: { url: /login }, expect: { cookies: ${cookies} } }`)),
    ).toBe(message);
  });

  test('can be captured', async () => {
    const suite = `
- { name: login, http: { url: /login }, expect: { status: 200 }, capture: { sid: { cookie: sid, secret: true } } }
- { name: use, http: { url: '/{{ sid }}' }, expect: { status: 200 } }`;
    const result = await run(suite);
    expect(verdict(result)).toBe('passed');
    expect(server.asked[1]!.url).toBe('/s3ss10n');
    expect(result.everything).not.toContain('s3ss10n');
    expect(verdict(await run(suite.replace('cookie: sid', 'cookie: nope')))).toMatch(
      /the cookie nope once ≠ it 0 times/,
    );
  });
});
