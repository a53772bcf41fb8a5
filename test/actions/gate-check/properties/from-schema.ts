import fc from 'fast-check';
import * as z from 'zod';

/** The part of JSON Schema that zod writes for policies and evidence. */
interface Json {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Json[];
  oneOf?: Json[];
  allOf?: Json[];
  properties?: Record<string, Json | boolean>;
  required?: string[];
  additionalProperties?: Json | boolean;
  items?: Json;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  multipleOf?: number;
}

/** Texts that came in through other people, each dangerous in some place where it may be shown. */
export const hostile = [
  '',
  ' ',
  '<img src=x onerror=alert(1)>',
  '| a | b |',
  '`code` [a](https://evil.example) @octocat #1',
  '::set-output name=verdict::{}\n::error::x',
  '${{ secrets.TOKEN }}',
  '--> <!-- devops-actions:incident {} -->',
  '\u0000\u001b[2J\u202e\ud800',
  '__proto__',
  'constructor',
  'a'.repeat(5_000),
] as const;

/** Texts that mean something in a policy or in evidence, so that the two meet. */
const telling = [
  ...['main', 'develop', 'hotfix/*', 'hotfix/basket', 'staging', 'production', 'shop', 'v1.4.2', '1.4.1'],
  ...['test', 'security-scan', 'release-blocker', 'error budget left', 'no Friday', 'small', 'octocat'],
  ...['.github/workflows/ci.yml', '.github/workflows/cd.yml', '.github/release.rego', '.github/freezes.ics'],
  ...['src/**', 'docs/**', 'test/**', 'refs/heads/main', 'renovate[bot]', 'data.release.allow'],
  ...['push', 'schedule', '0', '10m', '90m', '8d', 'true', 'a reason that is long enough'],
  ...['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)),
  `sha256:${'d'.repeat(64)}`,
  '2026-11-22T12:00:00Z',
];

/** What only a key says, and its schema does not. */
const meant: Record<string, readonly string[]> = {
  timezone: ['UTC', 'Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe'],
  days: ['fri', 'mon-thu', 'sun', 'sun-sat', 'last day', '2nd tue, last fri', '4th sun'],
  from: ['09:00', '11:30', '22:00', 'fri 17:00', 'sun 11:00', '2026-11-22T11:00'],
  to: ['06:00', '12:30', '17:00', 'mon 09:00', '2026-11-23T18:00'],
  cron: ['0 8 * * *', '30 11 * * 0', '0 22 * * 5', '0 0 1 12 *'],
  until: ['0 12 * * *', '0 7 * * 1'],
  for: ['1h', '90m', '2d'],
  dates: ['2026-11-22', '2026-11-20 .. 2026-11-24', '12-24 .. 01-06', '11-22'],
  url: ['https://slo.example/left', 'http://127.0.0.1:9/'],
  issuer: ['https://token.actions.githubusercontent.com'],
  value: ['$.left'],
  query: ['slo:left'],
  expression: ['true', "release.kind == 'release'"],
};

function meaningOf(key: string, schema: Json): fc.Arbitrary<unknown> {
  const pattern = new RegExp(schema.pattern ?? '', 'u');
  const fitting = schema.type === 'string' ? (meant[key] ?? []).filter((text) => pattern.test(text)) : [];
  return fitting.length === 0
    ? arbitraryOf(schema)
    : fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...fitting) }, arbitraryOf(schema));
}

function texts({ pattern, minLength = 0, maxLength = 6_000, allOf = [] }: Json): fc.Arbitrary<string> {
  const patterns = [pattern, ...allOf.map((one) => one.pattern)].flatMap((one) => one ?? []);
  const fits = (text: string) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    patterns.every((one) => new RegExp(one, 'u').test(text));
  const known = [...telling, ...hostile].filter(fits);
  const made = patterns.length === 0 ? fc.string({ minLength, maxLength: 40 }) : matching(patterns[0]!);
  const parts = [
    ...(known.length > 0 ? [{ weight: 6, arbitrary: fc.constantFrom(...known) }] : []),
    ...(made ? [{ weight: 1, arbitrary: made.filter(fits) }] : []),
  ];
  return parts.length === 0 ? fc.constant('none fits') : fc.oneof(...parts);
}

/** Undefined for a pattern that looks ahead, of which no text can be made. */
function matching(pattern: string): fc.Arbitrary<string> | undefined {
  try {
    return fc.stringMatching(new RegExp(pattern));
  } catch {
    return undefined;
  }
}

function numbers({
  type,
  minimum = -1e6,
  maximum = 1e6,
  exclusiveMinimum,
  multipleOf,
}: Json): fc.Arbitrary<number> {
  const min = Math.max(minimum, exclusiveMinimum === undefined ? -1e6 : exclusiveMinimum + 1);
  const max = Math.min(maximum, 1e6);
  const small = [0, 1, 2, 3, 7, 21, 41, 0.05, 0.1].filter(
    (one) => one >= min && one <= max && ((type !== 'integer' && multipleOf !== 1) || Number.isInteger(one)),
  );
  const any = fc.integer({ min: Math.ceil(min), max: Math.floor(max) });
  return small.length > 0 ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...small) }, any) : any;
}

function mappings(schema: Json): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, anyOf } = schema;
  const keys = Object.entries(properties).filter(([, of]) => typeof of === 'object') as [string, Json][];
  // Where a mapping has forms, one is chosen, and what belongs to another is left out.
  const forms = anyOf ?? [{}];
  const members = fc.oneof(
    ...forms.map((form) => {
      const needed = [...required, ...(form.required ?? [])];
      const own = keys.filter(([key]) => form.properties?.[key] !== false);
      const made = Object.fromEntries(own.map(([key, of]) => [key, meaningOf(key, of)]));
      return fc.record(made, { requiredKeys: needed.filter((key) => key in made) });
    }),
  );
  if (typeof additionalProperties !== 'object') return members;
  return fc.dictionary(fc.constantFrom(...telling), arbitraryOf(additionalProperties), { maxKeys: 3 });
}

/** Values of a JSON Schema: nearly all that it allows, and little that it does not say, such as dates. */
function arbitraryOf(schema: Json): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'object') return mappings(schema);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(arbitraryOf));
  switch (schema.type) {
    case 'array': {
      const { items = {}, minItems = 0, maxItems = 3 } = schema;
      return fc.array(arbitraryOf(items), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 3)),
      });
    }
    case 'string':
      return texts(schema);
    case 'number':
    case 'integer':
      return numbers(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return schema.allOf?.[0] ? arbitraryOf(schema.allOf[0]) : fc.constantFrom(...telling);
  }
}

/** What a zod schema takes, or gives. */
export const valuesOf = (schema: z.ZodType, io: 'input' | 'output'): fc.Arbitrary<unknown> =>
  arbitraryOf(z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Json);

type Path = readonly (string | number)[];

function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inside = Array.isArray(value)
    ? value.flatMap((one, index) => pathsIn(one, [...at, index]))
    : Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...at, key]));
  return [at, ...inside];
}

/** The same value with one part changed; `change` gets the part and says what it becomes, undefined takes it out. */
function changedAt(value: unknown, path: Path, change: (part: unknown) => unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return change(value);
  if (Array.isArray(value))
    return value.flatMap((one: unknown, index) => {
      const next = index === head ? changedAt(one, rest, change) : one;
      return next === undefined ? [] : [next];
    });
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([key, one]: [string, unknown]) => {
      const next = key === head ? changedAt(one, rest, change) : one;
      return next === undefined ? [] : [[key, next]];
    }),
  );
}

/** A part of another value of its type, of another type, or nothing. */
const changes = fc.oneof(
  fc.constant(() => undefined),
  fc
    .constantFrom<unknown>(
      ...hostile,
      ...telling,
      ...Object.values(meant).flat(),
      null,
      true,
      false,
      0,
      -1,
      1e9,
      [],
      {},
    )
    .map((other) => () => other),
  fc.constantFrom<(part: unknown) => unknown>(
    (part) => [part],
    (part) => (Array.isArray(part) ? [...(part as unknown[]), ...(part as unknown[])] : part),
    (part) => (typeof part === 'object' && part !== null ? { ...part, extra: 1 } : !part),
  ),
);

/** A value with one to three parts changed. */
export const nearly = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(values, fc.array(fc.tuple(fc.nat(), changes), { minLength: 1, maxLength: 3 }))
    .map(([value, edits]) =>
      edits.reduce((now: unknown, [where, change]) => {
        const paths = pathsIn(now);
        return changedAt(now, paths[where % paths.length]!, change) ?? {};
      }, value),
    );
