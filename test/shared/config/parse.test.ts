import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { parseConfig } from '../../../shared/config/parse.js';
import type { Problem } from '../../../shared/config/problem.js';
import { cpuMs } from '../../support/cpu-time.js';

const step = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('http'), url: z.string(), retries: z.int().optional() }),
  z.strictObject({ type: z.literal('tcp'), port: z.int() }),
]);
const schema = z.strictObject({
  name: z.string(),
  severity: z.enum(['critical', 'high', 'low']).optional(),
  limits: z.strictObject({ timeout: z.int(), budget: z.number().lt(1).optional() }).optional(),
  steps: z.array(step).min(1).max(3).optional(),
  services: z
    .record(z.string().regex(/^[a-z]+$/, 'a lower-case word'), z.strictObject({ owner: z.string() }))
    .optional(),
});

function problemsOf(text: string, by: z.ZodType = schema): Problem[] {
  const parsed = parseConfig(text, 'config.yml', by);
  return parsed.ok ? [] : parsed.problems;
}

const places = (text: string, by?: z.ZodType) =>
  problemsOf(text, by).map(({ line, column, path }) => `${line}:${column} ${path}`);

describe('a file that is right', () => {
  it('gives its value and the place of every path in it', () => {
    const parsed = parseConfig('name: shop\nsteps:\n  - type: tcp\n    port: 80\n', 'config.yml', schema);
    if (!parsed.ok) throw new Error('it is right');
    expect(parsed.value).toEqual({ name: 'shop', steps: [{ type: 'tcp', port: 80 }] });
    expect(parsed.placeOf(['steps', 0, 'port'])).toEqual({ line: 4, column: 11 });
    expect(parsed.placeOf(['steps'])).toEqual({ line: 3, column: 3 });
    expect(parsed.placeOf(['name'])).toEqual({ line: 1, column: 7 });
  });

  it.each([
    ['JSON', '{"name": "a/b", "limits": {"timeout": 5}}'],
    ['JSON indented by tabs', '{\n\t"name": "a\\/b",\n\t"limits": {\n\t\t"timeout": 5\n\t}\n}\n'],
    ['YAML after a byte order mark', '\uFEFFname: a/b\nlimits: { timeout: 5 }\n'],
    ['YAML with Windows line ends', 'name: a/b\r\nlimits:\r\n  timeout: 5\r\n'],
    ['one document between marks', '---\nname: a/b\nlimits: { timeout: 5 }\n...\n'],
  ])('may be %s', (_, text) => {
    expect(parseConfig(text, 'f', schema)).toMatchObject({
      ok: true,
      value: { name: 'a/b', limits: { timeout: 5 } },
    });
  });

  it('reads yes, no and on as text, and a repeated alias as its value', () => {
    expect(parseConfig('[yes, no, on, &a off, *a]', 'f', z.array(z.string()))).toMatchObject({
      value: ['yes', 'no', 'on', 'off', 'off'],
    });
  });
});

describe('a file with many mistakes', () => {
  const text = [
    'nmae: shop',
    'severity: hihg',
    'limits:',
    '  timeout: soon',
    '  budget: 1',
    '  bugdet: 0.5',
    'steps:',
    '  - type: http',
    '    ulr: https://a',
    '  - type: htp',
    '  - 4',
    'services:',
    '  Shop: { owner: a }',
    '  cart: { onwer: b }',
    '',
  ].join('\n');

  it('names all of them at once, each at its line and column', () => {
    expect(places(text).sort()).toEqual(
      [
        '1:1 name',
        '1:1 nmae',
        '2:11 severity',
        '4:12 limits.timeout',
        '5:11 limits.budget',
        '6:3 limits.bugdet',
        '8:5 steps.0.url',
        '9:5 steps.0.ulr',
        '10:11 steps.1.type',
        '11:5 steps.2',
        '13:3 services.Shop',
        '14:9 services.cart.owner',
        '14:11 services.cart.onwer',
      ].sort(),
    );
  });

  it.each([
    ['nmae', 'name'],
    ['severity', 'high'],
    ['limits.bugdet', 'budget'],
    ['steps.0.ulr', 'url'],
    ['services.cart.onwer', 'owner'],
  ])('asks about %s whether %s was meant', (path, meant) => {
    const problem = problemsOf(text).find((candidate) => candidate.path === path);
    expect(problem?.didYouMean).toBe(meant);
    expect(problem?.fix).toContain(meant);
  });

  it('says what is allowed for each', () => {
    const allowed = Object.fromEntries(problemsOf(text).map((problem) => [problem.path, problem.allowed]));
    expect(allowed).toMatchObject({
      severity: 'critical, high, low',
      'limits.timeout': 'a number',
      'limits.budget': 'a number < 1',
      'steps.0.ulr': 'type, url, retries',
      'steps.1.type': 'one of http, tcp',
      'steps.2': 'a mapping',
      'services.Shop': 'a lower-case word',
      'services.cart.owner': 'text',
    });
  });

  it('names the entry of a list with its list', () => {
    expect(problemsOf(text).find(({ path }) => path === 'steps.2')?.fix).toBe(
      'change "steps.2" to a mapping',
    );
  });

  it('does not ask whether a word was meant that has nothing in common with it', () => {
    expect(problemsOf('name: a\nx: 1\n').map(({ didYouMean }) => didYouMean)).toEqual([undefined]);
  });
});

describe('the place of a missing key', () => {
  it('is the key of its mapping, also on the first line', () => {
    expect(places('limits:\n  budget: 0.1\nname: a\n')).toEqual(['1:1 limits.timeout']);
    expect(places('name: a\nlimits:\n  budget: 0.1\n')).toEqual(['2:1 limits.timeout']);
  });

  it('is the start of a mapping in a list', () => {
    expect(places('name: a\nsteps:\n  - type: tcp\n')).toEqual(['3:5 steps.0.port']);
  });

  it('is the text an alias stands for, since that is to be changed', () => {
    const both = z.strictObject({ base: z.unknown(), limits: z.strictObject({ timeout: z.int() }) });
    expect(places('base: &b { timeout: soon }\nlimits: *b\n', both)).toEqual(['1:21 limits.timeout']);
  });

  it('is found under keys that are numbers', () => {
    expect(
      places(
        'name: a\n"1":\n  2: x\n',
        z.record(z.string(), z.unknown()).pipe(z.looseObject({ '1': z.strictObject({ '2': z.int() }) })),
      ),
    ).toEqual(['3:6 1.2']);
  });
});

describe('a file that is no document', () => {
  it.each([
    ['is empty', '', '1:1', 'nothing'],
    [
      'has a reference without quotes',
      'limits: { timeout: /x/{{ id }}, a: b }\n',
      '1:23',
      '{{ without quotes',
    ],
    ['is a comment', '# later\n', '1:1', 'nothing'],
    ['is indented by tabs', 'limits:\n\ttimeout: 1\n', '2:1', 'a tab in the indentation'],
    ['has two documents', 'name: a\n---\nname: b\n', '2:1', 'a second document after ---'],
    ['has a key twice', 'name: a\nname: b\n', '2:1', 'the key "name" a second time'],
    ['has a key twice, once as a number', 'name: a\n1: b\n"1": c\n', '3:1', 'the key "1" a second time'],
    ['merges', 'b: &b { timeout: 1 }\nlimits:\n  <<: *b\n', '3:3', 'the merge key <<'],
    ['asks for YAML 1.1', '%YAML 1.1\n---\nname: yes\n', '1:1', '%YAML 1.1'],
    ['has a list as key', 'name: a\n? [b, c]\n: d\n', '2:3', 'a mapping, list or alias as a key'],
    ['has an empty key', 'name: a\n: b\n', '2:1', 'an empty key'],
    ['reaches into a prototype', 'name: a\n__proto__: { admin: true }\n', '2:1', 'the key __proto__'],
    [
      'reaches into a prototype as JSON',
      '{"name": "a", "limits": {"__proto__": 1}}',
      '1:26',
      'the key __proto__',
    ],
    ['uses an alias of nothing', 'name: *.js\n', '1:7', 'the alias *.js, which stands for nothing'],
    [
      'contains itself',
      'name: a\nlimits: &l\n  timeout: *l\n',
      '3:12',
      'the alias *l inside the value it stands for',
    ],
    ['has a tag', 'name: !secret a\n', '1:7', 'Unresolved tag: !secret'],
    ['does not close a quote', 'name: "a\n', '2:1', 'Missing closing "quote'],
  ])('and %s', (_, text, place, got) => {
    const [problem] = problemsOf(text);
    expect(`${problem?.line}:${problem?.column}`).toBe(place);
    expect(problem?.got).toBe(got);
    expect(problem?.fix).not.toBe('');
  });

  it('because it expands to more than it is', () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(of).join(', ')}]\n`;
    const [problem] = problemsOf(`${level('a', 'x')}${level('b', '*a')}${level('c', '*b')}d: [*c, *c]\n`);
    expect(problem?.allowed).toBe('at most 100 expanded aliases');
  });

  it.each([
    ['brackets', '['.repeat(500_000)],
    ['braces', '{a: '.repeat(200_000)],
    ['dashes', `${'- '.repeat(200_000)}x`],
    ['indentation', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('because %s nest deeper than the stack of a parser', (_, text) => {
    expect(problemsOf(text)[0]?.got).toBe('more than 100 mappings and lists inside each other');
  });

  it('and has many aliases, in the time of a few', () => {
    const before = cpuMs();
    expect(problemsOf(`a: &a 1\nb: [${Array(5_000).fill('*a').join(', ')}]\n`).length).toBeGreaterThan(0);
    expect(cpuMs() - before).toBeLessThan(2_000);
  });
});
