import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bounded, withBudget } from '../../../shared/probes/evaluators/bounded.js';
import { loadJsonPath, type CompiledPath } from '../../../shared/probes/evaluators/json-path.js';
import { compilePattern, escapePattern, type Pattern } from '../../../shared/probes/evaluators/pattern.js';
import { cpuMs } from '../../support/cpu-time.js';

describe('a bounded evaluation', () => {
  test('gives its value', () => {
    expect(bounded(1_000, () => 42)).toEqual({ ok: true, value: 42 });
  });

  test('that does not end is stopped', () => {
    const endless = () => {
      for (;;);
    };
    expect(bounded(20, endless)).toEqual({
      ok: false,
      reason: 'it was stopped after 20 ms of processor time',
    });
  });

  test('that got no processor for a while, as on a busy machine, is not stopped for that', () => {
    const idle = new Int32Array(new SharedArrayBuffer(4));
    const waits = () => Atomics.wait(idle, 0, 0, 200);
    expect(bounded(20, waits)).toEqual({ ok: true, value: 'timed-out' });
    expect(withBudget(30, () => [bounded(20, waits), bounded(20, () => 'next')])).toEqual([
      { ok: true, value: 'timed-out' },
      { ok: true, value: 'next' },
    ]);
  });

  test('that throws gives the reason, and the next one works', () => {
    const throws = () => {
      throw new Error('no');
    };
    expect(bounded(1_000, throws)).toEqual({ ok: false, reason: 'no' });
    expect(bounded(1_000, () => 'yes')).toEqual({ ok: true, value: 'yes' });
  });
});

describe('a budget of several evaluations', () => {
  const endless = () => {
    for (;;);
  };
  const usedUp = { ok: false, reason: 'the 30 ms that may be spent on one answer were used up' };

  test('lets each have its limit while there is something left, and begins none afterwards', () => {
    let begun = 0;
    expect(withBudget(60_000, () => [bounded(20, endless), bounded(1_000, () => 1)])).toEqual([
      { ok: false, reason: 'it was stopped after 20 ms of processor time' },
      { ok: true, value: 1 },
    ]);
    expect(withBudget(30, () => [bounded(1_000, endless), bounded(1_000, () => begun++)])).toEqual([
      usedUp,
      usedUp,
    ]);
    const many = withBudget(50, () => Array.from({ length: 20 }, () => bounded(20, endless)));
    expect(many.filter((one) => !one.ok && one.reason.includes('20 ms')).length).toBeLessThan(4);
    expect(begun).toBe(0);
  });

  test('ends with its work, even when that throws', () => {
    const work = () => {
      bounded(1_000, endless);
      throw new Error('no');
    };
    expect(() => withBudget(30, work)).toThrow('no');
    expect(bounded(1_000, () => 1)).toEqual({ ok: true, value: 1 });
    expect(withBudget(30, () => bounded(1_000, () => 2))).toEqual({ ok: true, value: 2 });
  });
});

describe('a pattern', () => {
  const pattern = (source: string): Pattern => {
    const compiled = compilePattern(source);
    if (!compiled.ok) throw new Error(compiled.reason);
    return compiled.pattern;
  };

  test('finds the first match with its groups', () => {
    expect(pattern('v(\\d+)(x)?').find('a v12 v13')).toEqual({
      ok: true,
      value: { text: 'v12', groups: ['12', undefined] },
    });
    expect(pattern('b').find('a')).toEqual({ ok: true, value: undefined });
  });

  test('with catastrophic backtracking ends in a stated failure, not in a wait', () => {
    const startedAt = cpuMs();
    expect(pattern('^(\\w+\\s?)+$').find(`${'word '.repeat(12)}!`)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('stopped'),
    });
    expect(cpuMs() - startedAt).toBeLessThan(2_000);
  });

  test('looks into a list of texts until one matches, within one limit for all of them', () => {
    const slow = `${'a'.repeat(40)}!`;
    const startedAt = cpuMs();
    expect(pattern('^(a+)+$').matchesAny(Array<string>(50).fill(slow))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('stopped'),
    });
    expect(cpuMs() - startedAt).toBeLessThan(2_000);
    expect(pattern('^(a+)+$').matchesAny(['b', 'aa', slow])).toEqual({ ok: true, value: true });
    expect(pattern('^a$').matchesAny(['b', 'aa'])).toEqual({ ok: true, value: false });
  });

  test.each(['(', 'a{2,1}', '\\p{Nope}', 'x'.repeat(1_001)])('that is none is refused: %.10s', (source) => {
    expect(compilePattern(source).ok).toBe(false);
  });

  test('made of escaped text matches that text and nothing else', () => {
    const text = '1.2.3+b(4)[5]{6}^$|?*\\/-';
    expect(pattern(`^${escapePattern(text)}$`).find(text)).toMatchObject({ value: { text } });
    expect(pattern(`^${escapePattern('1.2')}$`).find('1x2')).toEqual({ ok: true, value: undefined });
  });
});

describe('a JSONPath', () => {
  let compile: (source: string) => CompiledPath;
  beforeAll(async () => {
    compile = await loadJsonPath();
  });
  const values = (source: string, document: unknown) => {
    const compiled = compile(source);
    if (!compiled.ok) throw new Error(compiled.reason);
    return compiled.path.values(document);
  };
  const store = {
    book: [
      { title: 'A', price: 8 },
      { title: 'B', price: 12, isbn: null },
    ],
    bicycle: { price: 19 },
  };

  test.each<[path: string, expected: unknown[]]>([
    ['$.book[0].title', ['A']],
    ['$.book[-1].title', ['B']],
    ['$.book[*].price', [8, 12]],
    ['$..price', [19, 8, 12]],
    ['$.book[?@.price < 10].title', ['A']],
    ['$.book[?@.isbn].title', ['B']],
    ['$.book[?search(@.title, "^B")].price', [12]],
    ['$.book[?length(@.title) == 1].price', [8, 12]],
    ['$.book[1].isbn', [null]],
    ['$.car', []],
    ['$[0]', []],
  ])('%s gives its node list', (path, expected) => {
    const found = values(path, store);
    expect(found.ok && [...found.value].sort()).toEqual([...expected].sort());
  });

  test.each<[path: string, expected: number[]]>([
    ['$[?@ == 0.5]', [0.5]],
    ['$[?@ == 0.5e1]', [5]],
    ['$[?@ > 0.45 && @ < 0.6]', [0.5]],
    ['$[?@ == -0.5]', [-0.5]],
    ['$[?@ == 0e1]', [0]],
  ])('%s compares with a number below one', (path, expected) => {
    expect(values(path, [0, 0.4, 0.5, 5, -0.5])).toEqual({ ok: true, value: expected });
  });

  test('compares with every number as JSON has it', () => {
    const digits = fc.stringMatching(/^\d{1,6}$/);
    const exponent = fc.option(fc.integer({ min: -30, max: 30 }));
    const number = fc
      .tuple(fc.constantFrom('', '-'), fc.constantFrom('0', '1', '20'), fc.option(digits), exponent)
      .map(([sign, whole, part, power]) =>
        [sign, whole, part === null ? '' : `.${part}`, power === null ? '' : `E${power}`].join(''),
      );
    fc.assert(
      fc.property(number, number, (one, two) => {
        const [a, b] = [JSON.parse(one), JSON.parse(two)] as [number, number];
        const numbers = [a, b];
        for (const [operator, holds] of [
          ['==', (value: number) => value === b],
          ['<', (value: number) => value < b],
        ] as const)
          expect(values(`$[?@ ${operator} ${two}]`, numbers)).toEqual({
            ok: true,
            value: numbers.filter(holds),
          });
      }),
    );
  });

  test('leaves names and texts with digits as they are', () => {
    const document = { a01: 1, '😀01': 2, é0: [{ b: '0.5' }, { b: '01' }, { b: "'-01" }] };
    expect(values('$.a01', document)).toEqual({ ok: true, value: [1] });
    expect(values('$.😀01', document)).toEqual({ ok: true, value: [2] });
    expect(values("$['a01']", document)).toEqual({ ok: true, value: [1] });
    expect(values('$.é0[?@.b == "0.5"].b', document)).toEqual({ ok: true, value: ['0.5'] });
    expect(values("$.é0[?@.b == '01' && 0.5 < 1].b", document)).toEqual({ ok: true, value: ['01'] });
    expect(values("$.é0[?@.b == '\\'-01'].b", document)).toEqual({ ok: true, value: ["'-01"] });
  });

  test.each(['01', '-01', '-00.5', '00.5', '0.', '.5'])('%s is no number of a path', (number) => {
    expect(compile(`$[?@ == ${number}]`).ok).toBe(false);
  });

  test.each(['book', '$.', '$[', '$.book[?@.a ==]', '$.book[?nope(@.a)]', '$ .a ', '$.a['])(
    '%s is none',
    (path) => {
      expect(compile(path).ok).toBe(false);
    },
  );

  test.each(['(?i)b', '[[:alpha:]]', '(', '\\\\bB'])(
    'has no answer where its pattern %s is none',
    (pattern) => {
      for (const name of ['match', 'search']) {
        const path = `$.book[?${name}(@.title, "${pattern}")]`;
        expect(values(path, store)).toEqual({
          ok: false,
          reason: expect.stringContaining('not a valid I-Regexp'),
        });
      }
    },
  );

  test('looks for patterns in texts only, however often it was asked before', () => {
    expect(values('$[?match(@, "1")]', ['1', 1, ['1'], null])).toEqual({ ok: true, value: ['1'] });
    expect(values('$[?search(@, "1")]', [1, ['1'], '21'])).toEqual({ ok: true, value: ['21'] });
    expect(values('$[?match(@, $[0])]', [1, '1'])).toEqual({ ok: true, value: [] });
  });

  test('with a catastrophic pattern in a filter ends in a stated failure', () => {
    expect(values("$[?search(@, '(a+)+$')]", [`${'a'.repeat(40)}!`])).toMatchObject({ ok: false });
  });

  test('that finds too much, or would have to go too deep, is a stated failure', () => {
    const wide = Array.from({ length: 10_001 }, (_, i) => i);
    expect(values('$[*]', wide)).toEqual({ ok: false, reason: 'it finds more than 10000 nodes' });
    let deep: unknown = 1;
    for (let i = 0; i < 2_000; i++) deep = [deep];
    expect(values('$..[?@ == 1]', deep).ok).toBe(false);
  });
});
