import { Buffer } from 'node:buffer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { action, runSmokeTest } from '../../../actions/smoke-test/main.js';
import type { SmokeReport } from '../../../shared/contracts/smoke-report.js';
import type { HttpClient, HttpResult } from '../../../shared/http/types.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { testRunner, type TestRunner } from '../../support/runner-port.js';

let workspace: string;
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'smoke-properties-'));
});
afterAll(() => rm(workspace, { recursive: true }));

interface Answer {
  status: number;
  headers: Record<string, string[]>;
  body: string;
}

type Server = (request: Parameters<HttpClient['send']>[0]) => Answer | undefined;

/** Runs the whole action with a client that answers at once; undefined is no answer. */
async function runWith(suite: unknown, server: Server, given: Record<string, string> = {}) {
  await writeFile(join(workspace, 'smoke.yml'), typeof suite === 'string' ? suite : JSON.stringify(suite));
  const send = async (request: Parameters<HttpClient['send']>[0]): Promise<HttpResult> => {
    const answer = server(request);
    if (!answer)
      return { ok: false, fault: { kind: 'reset', message: `${request.url} closed the connection` } };
    const body = Buffer.from(answer.body);
    return { ok: true, response: { ...answer, url: request.url, body, durationMs: 1 } };
  };
  const client: HttpClient = { send, close: () => undefined };
  const offline = {
    ...action,
    run: (inputs: Parameters<typeof action.run>[0], host: Parameters<typeof action.run>[1]) =>
      runSmokeTest(inputs, host, () => client),
  };
  const inputs = Object.entries({ suite: 'smoke.yml', 'base-url': 'http://shop.test', ...given });
  const runner = testRunner({
    GITHUB_WORKSPACE: workspace,
    ...Object.fromEntries(inputs.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  });
  await runAction(offline as unknown as ActionDefinition, 'main', runner);
  const file = runner.files.get(runner.outputs.get('report') ?? '') ?? '{}';
  const report = JSON.parse(file) as SmokeReport;
  return { runner, report: report.schema === 'devops-actions/smoke-report@1' ? report : undefined };
}

const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 201, 204, 301, 404, 500),
  headers: fc.record({
    'content-type': fc.constantFrom(['application/json'], ['text/html; charset=utf-16'], ['text/xml'], []),
    'x-app': fc.array(fc.string(), { maxLength: 2 }),
    'set-cookie': fc.array(fc.string(), { maxLength: 2 }),
  }),
  body: fc.oneof(
    fc.string({ unit: 'binary' }),
    json.map((value) => JSON.stringify(value)),
    fc.constantFrom(
      '<p>a</p>',
      '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      '[[[[',
      '{"a":1e999}',
      '\uFEFF{}',
    ),
  ),
});

describe('random suites and random answers', () => {
  const small = fc.constantFrom<unknown>(1, 'a', null, true, [], { a: 1 }, [{ a: 1 }, 'x'], 2 ** 40, -0.5);
  const word = fc.constantFrom('a', 'ok', 'x y', 'ünï', '{{ uuid }}', '{{ v }}');
  const some = <T extends Record<string, fc.Arbitrary<unknown>>>(fields: T) =>
    fc.record(fields, { requiredKeys: [] }).filter((made) => Object.keys(made).length > 0);
  const matcher = some({
    contains: word,
    'not-contains': word,
    equals: word,
    matches: fc.constantFrom('a+', '^(a+)+$', '{{ v }}'),
  });
  const bare = {
    headers: fc.dictionary(fc.constantFrom('x-app', 'Content-Type'), matcher, { minKeys: 1, maxKeys: 2 }),
    json: fc.array(
      fc.record({
        path: fc.constantFrom('$', '$.a', '$..*', '$[?@.a == 1]'),
        exists: fc.boolean(),
        equals: small,
      }),
      { minLength: 1, maxLength: 2 },
    ),
    css: fc.constant([{ selector: 'p', count: 1 }]),
    xpath: fc.constant([{ path: '//p', exists: true }]),
    body: matcher,
  };
  const expectation = fc.oneof(
    { weight: 2, arbitrary: fc.constant({ status: 200 }) },
    {
      weight: 1,
      arbitrary: some({
        status: fc.constantFrom(200, 404),
        ...bare,
        latency: fc.constant('< 5s'),
        not: some(bare),
      }),
    },
  );
  const step = fc.record(
    {
      http: fc.record(
        {
          url: fc.constantFrom('/', '/a?b', 'http://other.test/', '/{{ v }}'),
          method: fc.constantFrom('GET', 'POST'),
          json: small,
          headers: fc.dictionary(fc.constantFrom('a', 'b'), word, { maxKeys: 1 }),
        },
        { requiredKeys: ['url'] },
      ),
      expect: expectation,
      capture: fc.dictionary(
        fc.constantFrom('c', 'd'),
        fc.oneof(
          fc.constant({ json: '$.a', secret: true }),
          fc.constant({ regex: '(a)?' }),
          fc.constant({ header: 'x-app' }),
        ),
        { maxKeys: 1 },
      ),
      retry: fc.constant({ times: 1, delay: '0' }),
    },
    { requiredKeys: ['http', 'expect'] },
  );
  const steps = (prefix: string) =>
    fc
      .array(step, { minLength: 1, maxLength: 2 })
      .map((all) => all.map((one, index) => ({ name: `${prefix}${index}`, ...one })));
  const flow = fc.record(
    {
      steps: steps('s'),
      before: steps('b'),
      after: steps('a'),
      rows: fc.constant({ inline: [{ a: 1 }, { a: null }] }),
      timeout: fc.constant('5s'),
      budget: fc.constant({ p95: '< 1s' }),
    },
    { requiredKeys: ['steps'] },
  );
  const valid = fc.record(
    {
      version: fc.constant(1),
      variables: fc.constant({ v: 'a' }),
      before: steps('b'),
      after: steps('a'),
      budgets: fc.constantFrom({ p95: '< 1s' }, { failures: 3 }),
      flows: fc
        .array(flow, { minLength: 1, maxLength: 3 })
        .map((all) => all.map((one, index) => ({ name: `f${index}`, ...one }))),
    },
    { requiredKeys: ['version', 'variables', 'flows'] },
  );
  const isolated = fc.record({ own: steps('o'), others: steps('x') }).map(({ own, others }) => ({
    version: 1,
    variables: { v: 'a' },
    tenants: { t: { k: '1' }, u: { k: '2' } },
    isolation: {
      own: own.map((one) => ({ ...one, capture: { id: { regex: '[^]?' } } })),
      others: others.map(({ name, expect: expected }) => ({
        name,
        http: { url: '/{{ other.k }}' },
        expect: expected,
      })),
    },
  }));
  /** Where a suite is spoilt, and by what: a key or value that may not stand there. */
  const spoil = fc.option(
    fc.record({
      turns: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
      by: fc.constantFrom<unknown>(null, 0, '', 'x', '{{', '{{ no }}', [], {}, { x: 1 }, '(', '$[', -1, true),
    }),
    { freq: 2, nil: undefined },
  );

  function spoilt(suite: unknown, how: { turns: number[]; by: unknown } | undefined): unknown {
    const copy = JSON.parse(JSON.stringify(suite)) as Record<string, unknown>;
    let at = copy;
    for (const turn of how?.turns ?? []) {
      const keys = Object.keys(at);
      const key = keys[turn % keys.length];
      if (key === undefined) break;
      const child = at[key];
      if (typeof child !== 'object' || child === null) {
        at[key] = how!.by;
        break;
      }
      at = child as Record<string, unknown>;
    }
    return copy;
  }

  test('end in a verdict or in problems with the file, never in a crash', async () => {
    const seen = { pass: 0, fail: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.oneof(valid, isolated), spoil, fc.option(answer), async (suite, how, came) => {
        const { runner, report } = await runWith(spoilt(suite, how), () => came ?? undefined);
        if (!report) expect(runner.failure).toMatch(/^smoke-test: Nothing was done: \d+ problem/);
        else expect(report.result === 'pass').toBe(runner.failure === undefined);
        seen[report ? (report.result as 'pass' | 'fail') : 'refused']++;
        expect(runner.outputs.get('result')).toBe(report?.result ?? 'error');
      }),
      { numRuns: 400, seed: 21 },
    );
    expect(Math.min(seen.pass + seen.fail, seen.refused)).toBeGreaterThan(100);
  });

  test('of any text, however broken, end in problems with the file', async () => {
    const line = fc.constantFrom(
      'version: 1',
      'flows:',
      '  - name: a',
      '    steps:',
      '      - {',
      '}',
      'a: &x',
      '*x',
      '"',
      '\t',
      '- -',
      '? a',
      '!!set',
      '%YAML 1.1',
      '---',
      'http:',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const { runner } = await runWith(lines.join('\n'), () => undefined);
        expect(runner.failure).toMatch(/^smoke-test: Nothing was done: \d+ problem/);
      }),
      { numRuns: 200, seed: 22 },
    );
  });

  test('that are well formed are run, and each expectation is judged as it is written', async () => {
    const value = fc.constantFrom('a', 'b', 'ab', 'c');
    const one = fc.oneof(
      fc
        .constantFrom(200, 404)
        .map((status) => ({ write: { status }, holds: (came: Answer) => came.status === status })),
      value.map((text) => ({
        write: { headers: { 'x-app': { equals: text } } },
        holds: (came: Answer) => came.headers['x-app']?.length === 1 && came.headers['x-app'][0] === text,
      })),
      value.map((text) => ({
        write: { headers: { 'x-app': { 'not-contains': text } } },
        holds: (came: Answer) =>
          came.headers['x-app'] !== undefined &&
          came.headers['x-app'].every((header) => !header.includes(text)),
      })),
      value.map((text) => ({
        write: { body: { contains: text } },
        holds: (came: Answer) => came.body.includes(text),
      })),
      value.map((text) => ({
        write: { json: [{ path: '$.v', equals: text }] },
        holds: (came: Answer) => valueOf(came.body) === text,
      })),
      value.map((text) => ({
        write: { not: { body: { contains: text } } },
        holds: (came: Answer) => !came.body.includes(text),
      })),
    );
    const valueOf = (body: string): unknown => {
      try {
        return (JSON.parse(body) as { v?: unknown }).v;
      } catch {
        return undefined;
      }
    };
    const came: fc.Arbitrary<Answer> = fc.record({
      status: fc.constantFrom(200, 404),
      headers: fc.oneof(
        fc.constant({}),
        fc.array(value, { minLength: 1, maxLength: 2 }).map((values) => ({ 'x-app': values })),
      ) as fc.Arbitrary<Record<string, string[]>>,
      body: fc.oneof(
        value,
        value.map((v) => JSON.stringify({ v })),
        fc.constant(''),
      ),
    });
    const flow = fc.array(fc.record({ one, came }), { minLength: 1, maxLength: 2 });
    let [passed, failed] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(flow, { minLength: 1, maxLength: 2 }), async (flows) => {
        const suite = {
          version: 1,
          flows: flows.map((steps, f) => ({
            name: `f${f}`,
            steps: steps.map(({ one: { write } }, s) => ({
              name: `s${s}`,
              http: { url: `/${f}/${s}` },
              expect: 'status' in write ? write : { ...write, 'status-in': [200, 404] },
            })),
          })),
        };
        const { report, runner } = await runWith(suite, ({ url }) => {
          const [, f, s] = new URL(url).pathname.split('/').map(Number);
          return flows[f!]![s!]!.came;
        });
        const held = flows.map((steps) => steps.map(({ one: { holds }, came: got }) => holds(got)));
        const all = held.flat().every(Boolean);
        if (all) passed++;
        else failed++;
        expect(runner.outputs.get('result')).toBe(all ? 'pass' : 'fail');
        expect(report!.flows.map(({ steps }) => steps.map(({ result }) => result))).toEqual(
          held.map((steps) => {
            const first = steps.indexOf(false);
            return steps.map((_, s) =>
              first < 0 || s < first ? 'passed' : s === first ? 'failed' : 'not-run',
            );
          }),
        );
      }),
      { numRuns: 300, seed: 23 },
    );
    expect(Math.min(passed, failed)).toBeGreaterThan(20);
  });
});

describe('a secret', () => {
  const encodings: ((secret: string) => string)[] = [
    (secret) => secret,
    (secret) => encodeURIComponent(Buffer.from(secret).toString()),
    (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
    (secret) => Buffer.from(secret).toString('base64'),
    (secret) => JSON.stringify(secret),
  ];

  test('given or captured, however it comes back, is in nothing that is written', async () => {
    const steps = (fails: boolean) => [
      {
        name: 'send',
        http: {
          method: 'POST',
          url: '/in/{{ secrets.KEY }}?q={{ secrets.KEY }}',
          query: { k: '{{ secrets.KEY }}' },
          headers: { 'x-key': 'Bearer {{ secrets.KEY }}' },
          json: { key: '{{ secrets.KEY }}' },
        },
        expect: { status: 200 },
        capture: { token: { json: '$.token', secret: true } },
      },
      {
        name: 'use',
        http: { url: '/use', query: { t: '{{ token }}' }, form: { t: '{{ token }}' }, method: 'POST' },
        expect: fails
          ? {
              body: { equals: '{{ token }}{{ secrets.KEY }}' },
              headers: { 'x-echo': { equals: '{{ token }}' } },
            }
          : { status: 200 },
      },
    ];
    const text = fc
      .string({ unit: 'grapheme', minLength: 8, maxLength: 30 })
      .filter((value) => value.trim().length >= 8 && !value.includes('\n') && !value.includes('\r'));
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.nat(encodings.length - 1),
        fc.boolean(),
        async (key, token, index, fails) => {
          const encode = encodings[index]!;
          const { runner, report } = await runWith(
            { version: 1, flows: [{ name: 'f', rows: { inline: [{ k: key }] }, steps: steps(fails) }] },
            ({ url }): Answer =>
              url.includes('/in/')
                ? { status: 200, headers: {}, body: JSON.stringify({ token }) }
                : {
                    status: fails ? 500 : 200,
                    headers: { 'x-echo': [encode(key)] },
                    body: `it was ${encode(key)} and ${encode(token)}`,
                  },
            { secrets: JSON.stringify({ KEY: key }), har: 'true' },
          );
          expect(report!.result).toBe(fails ? 'fail' : 'pass');
          const spellings = [key, token].flatMap((secret) => encodings.map((encode) => encode(secret)));
          const leaks = textsOf(runner).filter((written) => spellings.some((one) => written.includes(one)));
          expect(leaks).toEqual([]);
        },
      ),
      { numRuns: 80, seed: 24 },
    );
  });
});

/** Every text that was written anywhere; files of JSON also as the texts inside them. */
function textsOf(runner: TestRunner): string[] {
  const inside = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : value !== null && typeof value === 'object'
        ? Object.entries(value).flatMap(([key, child]) => [key, ...inside(child)])
        : [];
  const files = [...runner.files.values()];
  return [
    ...runner.printed,
    ...runner.debugged,
    ...runner.annotations.flatMap(({ message, title = '' }) => [message, title]),
    runner.failure ?? '',
    runner.summary,
    ...runner.outputs.values(),
    ...files,
    ...files.filter((file) => file.startsWith('{')).flatMap((file) => inside(JSON.parse(file))),
  ];
}
