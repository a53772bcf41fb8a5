import { describe, expect, test } from '@jest/globals';
import { runOffline, type Answer } from '../run-offline.js';
import { runSuite } from '../run-suite.js';
import { serve } from '../../../support/servers/http.js';

const fine: Answer = { status: 200, headers: {}, body: '{"thing":{"id":1}}' };
const ask = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  http: { url: `/${name}` },
  expect: { status: 200 },
  ...more,
});
const suite = (...steps: Record<string, unknown>[]) => ({
  version: 1,
  flows: [
    { name: 'broken', steps: [...steps, ask('never')], after: [ask('clean')] },
    { name: 'other', steps: [ask('one'), ask('two')] },
  ],
});

/** Runs the suite with a server that answers /ask in its own way, and tells what was asked of it. */
async function run(
  step: Record<string, unknown>,
  answer: () => Answer,
  ...before: Record<string, unknown>[]
) {
  const asked: string[] = [];
  const server = ({ url }: { url: string }) => {
    asked.push(new URL(url).pathname);
    return url.endsWith('/ask') ? answer() : fine;
  };
  const { runner, report } = await runOffline(suite(...before, step), server, {
    secrets: JSON.stringify({ KEY: 'hunter2-long' }),
  });
  return { asked, runner, report: report! };
}

describe('a fault of the smoke test itself', () => {
  const inTransport = () => {
    throw new TypeError('no such hunter2-long');
  };
  const inJudging = () => ({ ...fine, headers: undefined as never });

  test.each([
    ['in a probe', inTransport, 'network', 'TypeError: no such ***'],
    ['while an answer is judged', inJudging, 'fault of the smoke test', 'TypeError: Cannot read properties'],
  ])(
    '%s fails its step, is said with its stack, and everything else is run',
    async (_, answer, check, message) => {
      const step = ask('ask', { expect: { json: [{ path: '$.thing.id', equals: 1 }] } });
      const { asked, runner, report } = await run(step, answer);
      expect(report).toMatchObject({ result: 'fail', passed: 3, failed: 1, notRun: 1 });
      expect(report.failures).toMatchObject([
        { flow: 'broken', step: 'ask', check, got: expect.stringContaining(message) },
      ]);
      expect(asked.sort()).toEqual(['/ask', '/clean', '/one', '/two']);
      const stack = runner.debugged.find((line) => /TypeError.*\n\s+at /s.test(line));
      expect(stack).not.toContain('hunter2');
      expect(stack).toBeDefined();
    },
  );

  test('is tried again like any fault of the network', async () => {
    let left = 2;
    const step = ask('ask', { retry: { times: 3, delay: '1ms' } });
    const { report } = await run(step, () => (left-- > 0 ? inTransport() : fine));
    expect(report).toMatchObject({ result: 'pass', passed: 5 });
  });
});

test('a value that is unfit for an expectation is asked for once, and what was done is cleaned up', async () => {
  const thing = ask('thing', { capture: { thing: { json: '$.thing' } } });
  const step = ask('ask', {
    expect: { headers: { 'x-id': { equals: '{{ thing }}' } } },
    until: { within: '5s', every: '1s' },
  });
  const { asked, report } = await run(step, () => ({ ...fine, headers: { 'x-id': ['1'] } }), thing);
  expect(report.failures).toMatchObject([{ kind: 'suite', check: 'references' }]);
  expect(asked.filter((path) => path === '/ask')).toHaveLength(1);
  expect(asked).toContain('/clean');
});

test('a redirect whose credentials are not percent-encoded ends no more than its step', async () => {
  const seen: string[] = [];
  const hostile = await serve((request, response) => {
    seen.push(request.url!);
    const location = `http://a%zz:b@${request.headers.host}/`;
    if (request.url === '/ask') response.writeHead(302, { location }).end();
    else response.end('ok');
  });
  const step = { ...ask('ask'), http: { url: '/ask', redirects: 3 } };
  const { report } = await runSuite(JSON.stringify(suite(step)), { 'base-url': hostile.url });
  expect(report).toMatchObject({ result: 'fail', passed: 3, failed: 1, notRun: 1 });
  expect(report!.failures[0]!.got).toContain('is not percent-encoded');
  expect(seen.sort()).toEqual(['/ask', '/clean', '/one', '/two']);
  await hostile.close();
});
