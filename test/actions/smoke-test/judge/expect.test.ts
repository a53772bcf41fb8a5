import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { captureFrom } from '../../../../actions/smoke-test/run/capture.js';
import { createEvaluators } from '../../../../actions/smoke-test/plan/evaluators.js';
import { judge, type Judging } from '../../../../actions/smoke-test/judge/expect.js';
import { expectSchema } from '../../../../actions/smoke-test/suite/schema/expect-schema.js';
import { hasInexact } from '../../../../actions/smoke-test/judge/json-values.js';
import { loadJsonPath } from '../../../../shared/probes/evaluators/json-path.js';
import type { HttpObservation } from '../../../../shared/probes/http.js';

let judging: Judging;
beforeAll(async () => {
  const { compiled } = createEvaluators({ jsonPath: await loadJsonPath() }, new Map());
  judging = { ...compiled, lookup: () => undefined, excerpt: (text) => text };
});

const answer = (body: string, more: Partial<HttpObservation> = {}): HttpObservation => ({
  probe: 'http',
  url: 'http://127.0.0.1/',
  status: 200,
  headers: {},
  durationMs: 10,
  size: Buffer.byteLength(body),
  text: () => body,
  sha256: () => createHash('sha256').update(body).digest('hex'),
  md5: () => createHash('md5').update(body).digest('hex'),
  json: () => {
    try {
      return { ok: true, value: JSON.parse(body) as unknown };
    } catch {
      return { ok: false, reason: 'a body that is not JSON' };
    }
  },
  ...more,
});
const failures = (expectations: object, observed: HttpObservation) =>
  judge(expectSchema.parse(expectations), observed, judging).map(
    ({ check, path }) => `${check} at ${path.slice(1).join('.')}`,
  );

describe('status', () => {
  test.each<[object, number, boolean]>([
    [{ status: 200 }, 200, true],
    [{ status: 200 }, 201, false],
    [{ 'status-in': [200, 204] }, 204, true],
    [{ 'status-in': [200, 204] }, 201, false],
    [{ latency: '< 1s' }, 299, true],
    [{ latency: '< 1s' }, 300, false],
    [{ latency: '< 1s' }, 199, false],
    [{ status: 500 }, 500, true],
  ])('%j of %i: %p', (expectations, status, holds) => {
    expect(failures(expectations, answer('', { status })).length === 0).toBe(holds);
  });
});

describe('headers', () => {
  const observed = answer('', {
    headers: { 'x-one': ['abc'], 'x-many': ['abc', 'def'], 'x-like': ['ab', 'bc'], 'x-none': [''] },
  });
  /** The same values, each of a cookie of the header's name. */
  const cookies = answer('', {
    headers: {
      'set-cookie': Object.entries(observed.headers).flatMap(([name, values]) =>
        values.map((value) => `${name}=${value}`),
      ),
    },
  });
  test.each<[string, object, boolean]>([
    ['X-One', { exists: true }, true],
    ['x-absent', { exists: true }, false],
    ['x-absent', { exists: false }, true],
    ['x-one', { exists: false }, false],
    ['x-one', { equals: 'abc' }, true],
    ['x-one', { equals: 'ab' }, false],
    ['x-one', { equals: 'ABC' }, false],
    ['x-none', { equals: '' }, true],
    ['x-many', { equals: 'abc' }, false],
    ['x-many', { contains: 'de' }, false],
    ['x-many', { contains: 'cd' }, false],
    ['x-many', { contains: 'de', 'any-value': true }, true],
    ['x-many', { contains: 'cd', 'any-value': true }, false],
    ['x-many', { matches: '^d' }, false],
    ['x-many', { matches: '^d', 'any-value': true }, true],
    ['x-many', { matches: '^[ad]' }, true],
    ['x-many', { contains: 'de', matches: '^a', 'any-value': true }, true],
    ['x-like', { contains: 'b' }, true],
    ['x-like', { contains: 'c' }, false],
    ['x-like', { 'not-contains': 'c' }, false],
    ['x-many', { 'not-contains': 'x' }, true],
    ['x-many', { 'not-contains': 'e' }, false],
    ['x-absent', { 'not-contains': 'e' }, false],
    ['x-one', { matches: '^a.c$' }, true],
    ['x-one', { matches: '^b' }, false],
    ['x-one', { contains: 'a', matches: '^b' }, false],
    ['x-absent', { exists: false, equals: 'a' }, false],
  ])('%s %j: %p', (name, matcher, holds) => {
    expect(failures({ headers: { [name]: matcher } }, observed).length === 0).toBe(holds);
    expect(failures({ cookies: { [name.toLowerCase()]: matcher } }, cookies).length === 0).toBe(holds);
  });

  test('what not all of several values meet is said, both ways', () => {
    const message = (expectations: object) =>
      judge(expectSchema.parse(expectations), observed, judging).map(
        ({ expected, got, undecided }) => `${expected} ≠ ${got}${undecided ? ', undecided' : ''}`,
      );
    const matcher = { headers: { 'x-many': { contains: 'd' } } };
    const got = 'sent 2 times, and not alike: abc, def';
    expect(message(matcher)).toEqual([`text that contains "d" ≠ ${got}`]);
    expect(message({ not: matcher })).toEqual([`not text that contains "d" ≠ ${got}`]);
  });

  test.each([{ exists: true }, { equals: 'a' }, { 'not-contains': 'a' }])(
    'any-value beside %j, which it does not change, is refused',
    (matcher) => {
      for (const named of ['headers', 'cookies']) {
        const parsed = expectSchema.safeParse({ [named]: { a: { ...matcher, 'any-value': true } } });
        expect(parsed.error?.issues.map(({ message }) => message).join()).toContain('any-value');
      }
    },
  );

  test.each<[string, object, boolean]>([
    ['x-one', { equals: 'abd' }, true],
    ['x-one', { equals: 'abc' }, false],
    ['x-many', { equals: 'abc' }, false],
    ['x-many', { equals: 'def' }, false],
    ['x-many', { equals: 'abd' }, false],
    ['x-many', { contains: 'x' }, true],
    ['x-many', { contains: 'a' }, false],
    ['x-many', { contains: 'd' }, false],
    ['x-many', { contains: 'd', 'any-value': true }, false],
    ['x-many', { contains: 'x', 'any-value': true }, true],
    ['x-many', { 'not-contains': 'e' }, false],
    ['x-many', { 'not-contains': 'x' }, false],
    ['x-like', { 'not-contains': 'b' }, true],
    ['x-like', { contains: 'b' }, false],
    ['x-many', { matches: '^x' }, true],
    ['x-many', { matches: '^a' }, false],
    ['x-many', { matches: '^d' }, false],
    ['x-many', { contains: 'x', matches: '^d' }, false],
    ['x-absent', { equals: 'a' }, false],
    ['x-absent', { contains: 'a' }, false],
    ['x-absent', { 'not-contains': 'a' }, false],
    ['x-absent', { matches: 'a' }, false],
  ])('not %s %j: %p', (name, matcher, holds) => {
    expect(failures({ not: { headers: { [name]: matcher } } }, observed).length === 0).toBe(holds);
    expect(failures({ not: { cookies: { [name]: matcher } } }, cookies).length === 0).toBe(holds);
  });
});

describe('JSON', () => {
  const observed = answer('{"a":{"b":[1,2,2]},"s":"text","n":null,"z":0,"o":{"x":1,"y":[{}]}}');
  test.each<[object, boolean]>([
    [{ path: '$.a.b[*]', count: 3 }, true],
    [{ path: '$.a.b', count: 1 }, true],
    [{ path: '$.a.b', count: 3 }, false],
    [{ path: '$.a.c', count: 0 }, true],
    [{ path: '$.n', exists: true }, true],
    [{ path: '$.n', exists: false }, false],
    [{ path: '$.n', equals: null }, true],
    [{ path: '$.absent', equals: null }, false],
    [{ path: '$.z', equals: false }, false],
    [{ path: '$.o', equals: { y: [{}], x: 1 } }, true],
    [{ path: '$.o', equals: { x: 1 } }, false],
    [{ path: '$.o', equals: { x: 1, y: [{}], z: null } }, false],
    [{ path: '$.a.b', equals: [1, 2, 2] }, true],
    [{ path: '$.a.b', equals: [2, 1, 2] }, false],
    [{ path: '$.a.b[*]', 'contains-value': 2 }, true],
    [{ path: '$.a.b', 'contains-value': 2 }, false],
    [{ path: '$.a.b[*]', 'contains-value': 2, count: 2 }, false],
    [{ path: '$.a.b[*]', values: [1, 2, 2] }, true],
    [{ path: '$.a.b[*]', values: [2, 1, 2] }, false],
    [{ path: '$.a.b[*]', values: [1, 2] }, false],
    [{ path: '$.a.b', values: [[1, 2, 2]] }, true],
    [{ path: '$.a.c', values: [] }, true],
    [{ path: '$.s', matches: '^te' }, true],
    [{ path: '$.s', matches: '^x' }, false],
    [{ path: '$.z', matches: '0' }, false],
    [{ path: '$.a.b[*]', matches: '.' }, false],
  ])('%j: %p', (matcher, holds) => {
    expect(failures({ json: [matcher] }, observed).length === 0).toBe(holds);
  });

  test.each<[object, boolean]>([
    [{ path: '$.s', equals: 'texts' }, true],
    [{ path: '$.a.b[*]', equals: 1 }, false],
    [{ path: '$.a.b[*]', values: [1, 2] }, true],
    [{ path: '$.a.b[*]', values: [1, 2, 2] }, false],
    [{ path: '$.a.b[*]', values: [] }, true],
    [{ path: '$.absent[*]', values: [1] }, false],
    [{ path: '$.absent[*]', values: [] }, false],
    [{ path: '$.a.b[*]', 'contains-value': 3 }, true],
    [{ path: '$.a.b[*]', 'contains-value': 2 }, false],
    [{ path: '$.absent[*]', 'contains-value': 2 }, false],
    [{ path: '$.absent', matches: 'x' }, false],
  ])('not %j: %p', (matcher, holds) => {
    expect(failures({ not: { json: [matcher] } }, observed).length === 0).toBe(holds);
  });

  test('what nodes have in common is looked at once, however deep they lie in each other', () => {
    let read = 0;
    const inner = Object.defineProperty({}, 'n', { enumerable: true, get: () => read++ });
    expect(hasInexact([inner, [inner], [[inner]]])).toBe(false);
    expect(read).toBe(1);
    expect(hasInexact([inner, [inner, 2 ** 53]])).toBe(true);
  });

  test('every failure leads to its own place in the step', () => {
    const json = [
      { path: '$.s', equals: 'text' },
      { path: '$.z', equals: 1, count: 2 },
    ];
    expect(
      failures(
        { status: 201, json, body: { contains: 'x', 'not-contains': 'text' }, latency: '< 10ms' },
        observed,
      ),
    ).toEqual([
      'status at status',
      'json $.z at json.1.count',
      'json $.z at json.1.equals',
      'body at body.not-contains',
      'latency at latency',
    ]);
  });
});

describe('whatever comes', () => {
  test('equals holds exactly for the same JSON', () => {
    const canonical = (value: unknown): string =>
      value !== null && typeof value === 'object'
        ? Array.isArray(value)
          ? `[${value.map(canonical).join()}]`
          : `{${Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`)
              .join()}}`
        : JSON.stringify(value);
    const small = fc
      .jsonValue({ maxDepth: 2, noUnicodeString: true })
      .filter((value) => !/e\+|\d{16}|\{\{/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(small, fc.option(small, { nil: undefined }), (document, other) => {
        const wanted = other === undefined ? (JSON.parse(JSON.stringify(document)) as unknown) : other;
        const holds =
          failures({ json: [{ path: '$', equals: wanted }] }, answer(JSON.stringify(document))).length === 0;
        expect(holds).toBe(canonical(wanted) === canonical(document));
      }),
    );
  });

  test('an expectation and its opposite never both hold, and both fail only for what has no answer', () => {
    const matchers = fc.oneof(
      fc.record({ path: fc.constantFrom('$.a', '$.b', '$.list[*]'), equals: fc.constantFrom(1, 'x', null) }),
      fc.record({
        path: fc.constantFrom('$.a', '$.b', '$.list[*]'),
        count: fc.integer({ min: 0, max: 3 }),
      }),
      fc.record({ path: fc.constantFrom('$.a', '$.list[*]'), matches: fc.constantFrom('x', '^y$') }),
      fc.record({ path: fc.constantFrom('$.a', '$.list[*]'), 'contains-value': fc.constantFrom(1, 'x') }),
      fc.record({ path: fc.constantFrom('$.a', '$.list[*]'), values: fc.constantFrom([1], [1, 'x'], []) }),
    );
    const documents = fc.record(
      { a: fc.constantFrom(1, 'x', null), list: fc.array(fc.constantFrom(1, 'x'), { maxLength: 3 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(matchers, fc.option(documents, { nil: undefined }), (matcher, document) => {
        const observed = answer(document === undefined ? 'no JSON' : JSON.stringify(document));
        const holds = failures({ json: [matcher] }, observed).length === 0;
        const opposite = failures({ not: { json: [matcher] } }, observed).length === 0;
        expect(holds && opposite).toBe(false);
        if ('count' in matcher && document !== undefined) expect(holds).toBe(!opposite);
      }),
    );
  });

  test('judging a body never throws and never passes one that lacks what is expected', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 100, max: 599 }), (body, status) => {
        const needle = 'needle-that-is-not-there';
        const expectations = {
          'status-in': [status],
          body: { contains: needle },
          json: [{ path: '$..needle', exists: true }],
        };
        expect(failures(expectations, answer(body, { status })).length).toBe(2);
      }),
    );
  });
});

describe('captures', () => {
  const observed = answer('{"id":7,"list":[1,2],"big":9007199254740993}', {
    headers: { 'x-a': ['v'], 'x-b': ['1', '2'] },
  });
  const capture = (rule: object) => captureFrom({ it: { secret: false, ...rule } }, observed, judging);
  test.each<[object, unknown]>([
    [{ json: '$.id' }, 7],
    [{ json: '$.list' }, [1, 2]],
    [{ header: 'X-A' }, 'v'],
    [{ regex: '"id":(\\d)' }, '7'],
    [{ regex: '"id":\\d' }, '"id":7'],
  ])('%j gives %j', (rule, value) => {
    expect(capture(rule)).toEqual({
      values: [{ name: 'it', value, secret: false }],
      findings: [],
      secrets: [],
    });
  });

  test.each([
    { json: '$.nope' },
    { json: '$.list[*]' },
    { json: '$.big' },
    { header: 'x-b' },
    { header: 'x-c' },
    { regex: 'nope' },
    { regex: 'id(x)?' },
  ])('%j gives none, and says so', (rule) => {
    expect(capture(rule)).toMatchObject({
      values: [],
      findings: [{ check: 'capture it', path: ['capture', 'it'] }],
    });
  });
});

test.each<[object, unknown[]]>([
  [{ header: 'x-b' }, ['1', '2']],
  [{ json: '$.list[*]' }, [1, 2]],
  [{ cookie: 'sid' }, ['a', 'b']],
])('what a secret capture finds too much of is secret all the same: %j', (rule, found) => {
  const observed = answer('{"list":[1,2]}', {
    headers: { 'x-b': ['1', '2'], 'set-cookie': ['sid=a', 'sid=b'] },
  });
  expect(captureFrom({ it: { secret: true, ...rule } }, observed, judging).secrets).toEqual(found);
  expect(captureFrom({ it: { secret: false, ...rule } }, observed, judging).secrets).toEqual([]);
});

describe('cookies that are deleted', () => {
  const date = 'Sun, 22 Nov 2026 12:00:00 GMT';
  const rows: [string, boolean][] = [
    ['sid=; Max-Age=0', true],
    ['sid=x; Max-Age=-1; Expires=Mon, 23 Nov 2026 12:00:00 GMT', true],
    ['sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', true],
    ['sid=; Expires=Sun, 22 Nov 2026 11:00:00 GMT', true],
    ['sid=x; Expires=Sun, 22 Nov 2026 13:00:00 GMT', false],
    ['sid=x; Max-Age=5; Expires=Thu, 01 Jan 1970 00:00:00 GMT', false],
    ['sid=x', false],
  ];
  test.each(rows)('%s: %p; neither set nor absent, and nothing to capture', (header, deleted) => {
    const observed = answer('', { headers: { 'set-cookie': [header], date: [date] } });
    const holds = (matcher: object) => failures({ cookies: { sid: matcher } }, observed).length === 0;
    expect([holds({ exists: true }), holds({ exists: false }), holds({ lasts: 'deleted' })]).toEqual([
      !deleted,
      false,
      deleted,
    ]);
    expect(failures({ not: { cookies: { sid: { exists: false } } } }, observed).length === 0).toBe(!deleted);
    const { values } = captureFrom({ it: { cookie: 'sid', secret: false } }, observed, judging);
    expect(values.length).toBe(deleted ? 0 : 1);
  });

  test('by their dates when the answer has none of its own', () => {
    const observed = answer('', {
      headers: { 'set-cookie': ['sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'] },
    });
    expect(failures({ cookies: { sid: { lasts: 'deleted' } } }, observed)).toEqual([]);
  });
});

test('of a header that is a credential, only what is none of it is shown', () => {
  const observed = answer('', {
    headers: {
      'set-cookie': ['sid=s3cret=; Path=/; HttpOnly', 's3cret'],
      'x-api-key': ['s3cret'],
      'x-app': ['plain'],
    },
  });
  const names = Object.keys(observed.headers);
  const headers = Object.fromEntries(names.map((name) => [name, { contains: 'x-y' }]));
  const got = judge(expectSchema.parse({ headers }), observed, judging).map((finding) => finding.got);
  expect(got).toEqual(['sent 2 times: sid=***; Path=/; HttpOnly, ***', '***', 'plain']);
});

describe('sha256', () => {
  const hash = 'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD';
  test('is compared whatever the case of its digits, and negated', () => {
    expect(failures({ sha256: hash }, answer('abc'))).toEqual([]);
    expect(failures({ sha256: hash.toLowerCase() }, answer('abd'))).toEqual(['sha256 at sha256']);
    expect(failures({ not: { sha256: hash } }, answer('abc'))).toEqual(['not sha256 at not.sha256']);
    expect(failures({ not: { sha256: hash } }, answer('abd'))).toEqual([]);
  });

  test('is 64 hexadecimal digits', () => {
    expect(expectSchema.safeParse({ sha256: 'ba7816' }).success).toBe(false);
  });
});
