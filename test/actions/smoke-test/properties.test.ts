import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runOffline, type Answer } from './run-offline.js';

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
        const { runner, report } = await runOffline(spoilt(suite, how), () => came ?? undefined);
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
        const { runner } = await runOffline(lines.join('\n'), () => undefined);
        expect(runner.failure).toMatch(/^smoke-test: Nothing was done: \d+ problem/);
      }),
      { numRuns: 200, seed: 22 },
    );
  });
});
