import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dispatch } from '../../cli/dispatch.js';
import type { SmokeReport } from '../../shared/contracts/reports/smoke-report.js';
import { serve, type TestServer } from '../support/servers/http.js';
import { inFolder, runCli, testShell } from './terminal.js';

const suite = `version: 1
flows:
  - name: read
    steps:
      - name: status
        http: { url: '/{{ page }}', headers: { x-key: '{{ secrets.KEY }}' } }
        expect:
          status: 200
          json: [{ path: $.state, equals: up }]
`;

let server: TestServer;
let state = 'up';
/** So many requests find it down, whatever the state says. */
let downFor = 0;
let requests = 0;
const keys: (string | string[] | undefined)[] = [];

beforeAll(async () => {
  server = await serve((request, response) => {
    requests++;
    keys.push(request.headers['x-key']);
    const shown = downFor-- > 0 ? 'down' : state;
    response.end(JSON.stringify({ state: shown, key: request.headers['x-key'] }));
  });
});
afterAll(() => server.close());

const given = () => ['smoke', 'smoke.yml', '--base-url', server.url, '--var', 'page=a=b', '--secret', 'KEY'];
const env = { KEY: 'open-sesame-42' };
const files = { 'smoke.yml': suite };

describe('devops-actions smoke', () => {
  test('a suite that passes ends with 0 and a verdict', async () => {
    state = 'up';
    const { code, out } = await runCli(given(), files, { env });
    expect(code).toBe(0);
    expect(out).toMatch(/✓ read[^]*PASS {2}1 passed/);
    expect(keys.at(-1)).toBe('open-sesame-42');
  });

  test('a step that fails ends with 1, and shows its line of the suite, what was expected and what came', async () => {
    state = 'down';
    const { code, out } = await runCli(given(), files, { env });
    expect(code).toBe(1);
    expect(out).toMatch(
      /✗ read › status {2}smoke\.yml:9\n.*json \$\.state\n.*written {3}.*equals: up.*\n.*expected {2}"up"\n.*got {7}"down"\n.*GET .*\n.*again {5}curl .*"\$KEY"/,
    );
    expect(out).toMatch(/FAIL {2}0 passed, 1 failed/);
  });

  test('a secret is never shown, also where the server sends it back', async () => {
    state = 'open-sesame-42';
    const { code, out, err } = await runCli([...given(), '--json'], files, { env });
    expect(code).toBe(1);
    expect(out).toContain('***');
    expect(out + err).not.toContain('open-sesame');
  });

  test('--json writes the report and nothing else on standard output', async () => {
    state = 'up';
    const { code, out, err } = await runCli([...given(), '--json'], files, { env });
    const report = JSON.parse(out) as SmokeReport;
    expect({ code, schema: report.schema, result: report.result }).toEqual({
      code: 0,
      schema: 'devops-actions/smoke-report@1',
      result: 'pass',
    });
    expect(err).toContain('✓ read');
  });

  test('--until-green goes on until the suite passes', async () => {
    [state, downFor] = ['up', 2];
    const before = requests;
    const { code, out } = await runCli([...given(), '--until-green', '90s', '--every', '50ms'], files, {
      env,
    });
    expect(code).toBe(0);
    expect(out).toMatch(/run 1: [^]*PASS/);
    expect(requests - before).toBeGreaterThan(1);
  });

  test('--until-green gives up at its deadline, with 1', async () => {
    state = 'down';
    const before = requests;
    const { code } = await runCli([...given(), '--until-green', '1s', '--every', '50ms'], files, { env });
    expect(code).toBe(1);
    expect(requests - before).toBeGreaterThan(1);
  });

  test('Ctrl-C ends the waiting at once, with 2', async () => {
    state = 'down';
    await inFolder(files, async (folder) => {
      const shell = testShell(folder, { env });
      const stop = setInterval(() => {
        if (shell.written.some((line) => line.startsWith('run 1'))) shell.stop();
      }, 5);
      const code = await dispatch([...given(), '--until-green', '1h', '--every', '30m'], shell);
      clearInterval(stop);
      expect({ code, err: shell.errors }).toEqual({
        code: 2,
        err: ['Interrupted before the suite was green.'],
      });
    });
  });

  test('--reports writes the report into a folder', async () => {
    state = 'up';
    await inFolder(files, async (folder) => {
      await dispatch([...given(), '--reports', 'out'], testShell(folder, { env }));
      expect(await readdir(join(folder, 'out'))).toContain('report.json');
      const report = JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8')) as SmokeReport;
      expect(report.result).toBe('pass');
    });
  });
});

describe('what the caller got wrong ends with 2, says so, and sends nothing', () => {
  const rows: [string, string[], RegExp][] = [
    ['no command', [], /usage/],
    ['an unknown command', ['smoek'], /did you mean "smoke"/],
    ['an unknown option', ['smoke', '--bas-url', 'x'], /did you mean --base-url/],
    ['a missing suite', ['smoke', 'other.yml'], /other\.yml[^]*no such file/],
    ['a second suite, which is not there', ['smoke', 'smoke.yml', 'b.yml'], /b\.yml\n.*no such file/],
    [
      'a variable without a value',
      ['smoke', 'smoke.yml'],
      /\{\{ page \}\}, which has no value[^]*add --var page=…/,
    ],
    ['a secret without a value', ['smoke', 'smoke.yml', '--secret', 'NONE'], /variable NONE has no value/],
    [
      'a secret on the command line',
      ['smoke', 'smoke.yml', '--secret', 'KEY=hunter2'],
      /--secret KEY; the value is read/,
    ],
    ['a bad duration', ['smoke', 'smoke.yml', '--timeout', '5'], /option --timeout[^]*a duration such as/],
    [
      'an option given twice',
      ['smoke', '--base-url', 'a', '--base-url', 'b'],
      /--base-url was given 2 times/,
    ],
    [
      'a wait without a deadline',
      ['smoke', 'smoke.yml', '--every', '1s'],
      /--until-green, which was not given/,
    ],
  ];
  test.each(rows)('%s', async (_what, args, message) => {
    const before = requests;
    const { code, out, err } = await runCli(args, files, { env });
    expect(code).toBe(2);
    expect(out + err).toMatch(message);
    expect(out + err).not.toContain('hunter2');
    expect(requests).toBe(before);
  });
});

describe('progress', () => {
  const polling = `version: 1
flows:
  - name: 'a flow'
    steps:
      - name: wait
        http: { url: '/{{ page }}', headers: { x-key: '{{ secrets.KEY }}' } }
        until: { within: 90s, every: 20ms }
        expect: { json: [{ path: $.state, equals: up }] }
      - name: 'open-sesame-42'
        http: { url: / }
        expect: { status: 404 }
      - { name: never, http: { url: / }, expect: { status: 200 } }
`;

  test('every step is said as it ends, every change while polling, and no secret', async () => {
    [state, downFor] = ['up', 2];
    const { out, err } = await runCli(given(), { 'smoke.yml': polling }, { env });
    expect(out).toMatch(
      /^ {2}… a flow › wait \(attempt 1: 200\)$[^]*^ {2}✓ a flow › wait \(200, [\d.]+ m?s, \d+ attempts\)$/m,
    );
    expect(out).toMatch(/^ {2}✗ a flow › \*\*\* \(200, [\d.]+ m?s\)$/m);
    expect(out).toMatch(/^ {2}- a flow › never \(not run: the step "\*\*\*" before it failed\)$/m);
    expect(out + err).not.toContain('open-sesame');
  });

  test('on a terminal it is drawn over in place, and gone at the end', async () => {
    state = 'up';
    const writes: string[] = [];
    const screen = { columns: () => 80, rows: () => 24, write: (text: string) => void writes.push(text) };
    const overrides = { env, screen: () => screen };
    const { code, out } = await runCli(given(), { 'smoke.yml': suite }, overrides);
    expect(code).toBe(0);
    expect(out).toMatch(/^PASS/);
    expect(writes.join('')).toContain('✓ read › status');
    expect(writes.join('')).not.toContain('open-sesame');
  });
});
