import { beforeAll, expect, test } from '@jest/globals';
import { loadJsonSchema, type CompiledSchema } from '../../../shared/probes/evaluators/json-schema.js';
import { cpuMs } from '../../support/cpu-time.js';

let compile: (schema: unknown) => CompiledSchema;
beforeAll(async () => {
  compile = await loadJsonSchema();
});

const draft07 = 'http://json-schema.org/draft-07/schema#';

function faults(schema: unknown, value: unknown) {
  const compiled = compile(schema);
  if (!compiled.ok) throw new Error(compiled.reason);
  return compiled.schema.faults(value);
}

const order = {
  type: 'object',
  required: ['id', 'total'],
  additionalProperties: false,
  properties: { id: { type: 'string', format: 'uuid' }, total: { type: 'number', exclusiveMinimum: 0 } },
};

test('a valid value has no faults, an invalid one says where and what', () => {
  expect(faults(order, { id: '7d444840-9dc0-41d1-b245-5ffdce74fad2', total: 1 })).toEqual({
    ok: true,
    value: [],
  });
  expect(faults(order, { id: 'x', total: 1 })).toEqual({
    ok: true,
    value: [expect.stringMatching(/^\/id must match format/)],
  });
  expect(faults(order, [])).toEqual({ ok: true, value: ['the document must be object'] });
});

test('drafts 2020-12 and 07 are known', () => {
  const recent = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    prefixItems: [{ type: 'integer' }],
    items: false,
  };
  expect(faults(recent, [1])).toEqual({ ok: true, value: [] });
  expect(faults(recent, [1, 2]).ok && faults(recent, [1, 2])).toMatchObject({ value: [expect.any(String)] });
  const older = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    items: [{ type: 'integer' }],
    additionalItems: false,
  };
  expect(faults(older, [1, 2])).toMatchObject({ value: [expect.any(String)] });
});

test.each<[string, unknown, RegExp]>([
  ['a misspelt keyword, which would check nothing', { requierd: ['id'] }, /unknown keyword: "requierd"/],
  ['an unknown format', { type: 'string', format: 'uid' }, /unknown format "uid"/],
  ['a type that is none', { type: 'strin' }, /type/],
  ['a $ref to elsewhere', { $ref: 'https://example.com/order.json' }, /can't resolve reference/],
  ['another draft', { $schema: 'http://json-schema.org/draft-04/schema#' }, /neither draft/],
  ['a pattern that is none', { type: 'string', pattern: '(' }, /regular expression/i],
  ['text', 'object', /not a mapping/],
  [
    'an asynchronous schema, whose promise is no answer',
    { $async: true, type: 'string' },
    /take "\$async" out/,
  ],
  ['one by any other truth', { $async: 'no', type: 'string' }, /take "\$async" out/],
  ['one in draft-07', { $schema: draft07, $async: true, type: 'string' }, /take "\$async" out/],
  ['one inside', { items: { allOf: [{ $async: true, type: 'string' }] } }, /async schema in sync schema/],
  [
    'one behind a $ref',
    { $ref: '#/$defs/a', $defs: { a: { $async: true, type: 'string' } } },
    /async schema in sync schema/,
  ],
  [
    'one behind a $ref to its name',
    { properties: { a: { $ref: 'a.json' } }, $defs: { a: { $id: 'a.json', $async: true, type: 'string' } } },
    /async schema in sync schema/,
  ],
  [
    'a $dynamicRef to a part, which would be taken for the whole',
    { properties: { a: { $dynamicRef: '#x' } }, $defs: { b: { $dynamicAnchor: 'x', type: 'string' } } },
    /\$dynamicRef #x does not lead to .* use \$ref/,
  ],
  ...[
    {},
    { title: 'Shop', contentMediaType: 'application/json' },
    { allOf: [{}] },
    { properties: { id: { description: 'its number' } } },
    { items: { properties: {} } },
    { anyOf: [{ type: 'string' }, true] },
    { additionalProperties: true },
  ].map((schema): [string, unknown, RegExp] => [
    `one of which everything is valid, ${JSON.stringify(schema)},`,
    schema,
    /no keyword that checks anything/,
  ]),
])('%s is refused', (_, schema, reason) => {
  expect(compile(schema)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
});

test.each([
  { $ref: '#/$defs/a', $defs: { a: { type: 'string' } } },
  { allOf: [{}, { type: 'string' }] },
  { anyOf: [{ type: 'string' }, { type: 'null' }] },
  { properties: { title: { type: 'string' } } },
  { properties: { a: {} }, additionalProperties: false },
  { items: false },
  { not: {} },
  { if: { type: 'number' }, then: { minimum: 1 } },
])('one that refuses something is taken: %j', (schema) => {
  expect(compile(schema).ok).toBe(true);
});

test('a property may have any name, and a tree may lead back to its top', () => {
  expect(faults({ properties: { $async: { type: 'string' } } }, { $async: 1 })).toMatchObject({
    value: ['/$async must be string'],
  });
  const tree = {
    $dynamicAnchor: 'node',
    required: ['id'],
    properties: { children: { items: { $dynamicRef: '#node' } } },
  };
  expect(faults(tree, { id: 1, children: [{ id: 2 }] })).toEqual({ ok: true, value: [] });
  expect(faults(tree, { id: 1, children: [{}] })).toMatchObject({
    value: ["/children/0 must have required property 'id'"],
  });
});

test('a pattern that backtracks without end is a stated failure', () => {
  const startedAt = cpuMs();
  expect(faults({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('stopped'),
  });
  expect(cpuMs() - startedAt).toBeLessThan(2_000);
});
