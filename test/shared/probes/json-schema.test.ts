import { beforeAll, expect, test } from '@jest/globals';
import { loadJsonSchema, type CompiledSchema } from '../../../shared/probes/evaluators/json-schema.js';

let compile: (schema: unknown) => CompiledSchema;
beforeAll(async () => {
  compile = await loadJsonSchema();
});

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
])('%s is refused', (_, schema, reason) => {
  expect(compile(schema)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
});

test('a pattern that backtracks without end is a stated failure', () => {
  const startedAt = performance.now();
  expect(faults({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('stopped'),
  });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
