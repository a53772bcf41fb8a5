import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadOpenApi } from '../../../shared/probes/evaluators/openapi.js';
import { parseJson } from '../../../shared/probes/probe.js';

let read: Awaited<ReturnType<typeof loadOpenApi>>;
beforeAll(async () => {
  read = await loadOpenApi();
});

interface Sent {
  body?: string;
  type?: string;
  headers?: Record<string, string[]>;
}

/** What is said of an answer to the one operation of a document: its faults, or why there is no verdict. */
function judge(document: object, { body = '', type = 'application/json', headers = {} }: Sent): string {
  const parsed = read(JSON.stringify(document), 'api.json');
  if (!parsed.ok) return parsed.problems.map(({ got, fix }) => `${got} (${fix})`).join();
  const compiled = parsed.api.operation('GET /x');
  if (!compiled.ok) return `refused: ${compiled.reason}`;
  const found = compiled.operation.faults({
    status: 200,
    headers: { 'content-type': [type], ...headers },
    size: body.length,
    text: () => body,
    json: () => parseJson(body),
  });
  if (!found.ok) return `undecided: ${found.reason}`;
  return found.value.join('; ') || 'as described';
}

const api = (response: object, schemas: object = {}, openapi = '3.1.0') => ({
  openapi,
  paths: { '/x': { get: { responses: { '200': { description: '', ...response } } } } },
  components: { schemas },
});
const content = (type: string, schema: unknown) => ({ content: { [type]: { schema } } });
const to = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const wantsA = { type: 'object', required: ['a'] };

describe('what stands beside a $ref counts in 3.1', () => {
  test('also where only another $ref leads to it', () => {
    const document = api(content('application/json', to('A')), {
      A: { ...to('B'), required: ['id'] },
      B: { type: 'object' },
    });
    expect(judge(document, { body: '{}' })).toMatch(/required property 'id'/);
    expect(judge(document, { body: '{"id":1}' })).toBe('as described');
  });

  test('so that what is only sent is not required', () => {
    const properties = { a: { ...to('B'), writeOnly: true } };
    const document = api(content('application/json', { ...wantsA, properties }), { B: { type: 'string' } });
    expect(judge(document, { body: '{}' })).toBe('as described');
  });
});

describe('the media type', () => {
  test.each(['*/*', 'application/*'])('%s is looked at by the type that was sent', (range) => {
    const document = api(content(range, wantsA));
    expect(judge(document, { body: '{"a":1}' })).toBe('as described');
    expect(judge(document, { body: '{}' })).toMatch(/required property 'a'/);
    expect(judge(document, { body: '{' })).toMatch(/not JSON/);
    expect(judge(document, { body: '<a/>', type: 'application/xml' })).toMatch(/^undecided: .*is of/);
  });

  test('is told apart by its parameters where there are several', () => {
    const document = api({
      content: {
        'application/json; v=1': { schema: wantsA },
        'application/json;V="2"': { schema: { type: 'object', required: ['b'] } },
      },
    });
    const type = 'application/json; charset=utf-8; v=2';
    expect(judge(document, { body: '{"a":1}', type })).toMatch(/required property 'b'/);
    expect(judge(document, { body: '{"b":1}', type })).toBe('as described');
    expect(judge(document, { body: '{"a":1}', type: 'application/json; v=3' })).toMatch(/v=3; api\.json/);
  });
});

test('a header is looked at by its content too', () => {
  const document = api({ headers: { 'X-A': { required: true, ...content('application/json', wantsA) } } });
  expect(judge(document, { headers: { 'x-a': ['{"a":1}'] } })).toBe('as described');
  expect(judge(document, { headers: { 'x-a': ['{}'] } })).toMatch(/^header X-A: .*required property 'a'/);
  expect(judge(document, { headers: { 'x-a': ['{'] } })).toMatch(/^header X-A: .*not JSON/);
  const xml = api({ headers: { 'X-A': content('application/xml', wantsA) } });
  expect(judge(xml, { headers: { 'x-a': ['<a/>'] } })).toMatch(/^undecided/);
});

describe('a key that means nothing would check nothing, and is refused', () => {
  test.each<[string, object]>([
    ['shema', { content: { 'application/json': { shema: wantsA } } }],
    ['header', { header: { 'X-A': { required: true } } }],
    ['schem', { headers: { 'X-A': { schem: { type: 'integer' } } } }],
    ['type', { headers: { 'X-A': { type: 'integer' } } }],
  ])('%s', (key, response) => {
    expect(judge(api(response), { body: '{}' })).toMatch(`refused: api.json:1: "${key}" means nothing here`);
  });

  test.each<[string, object]>([
    ['headers', { headers: ['X-A'] }],
    ['content', { content: null }],
  ])('%s that is no mapping', (_, response) => {
    expect(judge(api(response), { body: '{}' })).toMatch(/refused: .*a mapping is missing/);
  });
});

describe('a schema without an end is no pass', () => {
  test.each<[string, object]>([
    ['of itself', to('A')],
    ['of one of two', { anyOf: [to('A'), { type: 'string' }] }],
  ])('%s', (_, schema) => {
    expect(judge(api(content('application/json', to('A')), { A: schema }), { body: '{}' })).toMatch(
      /refused: .*lead to each other|undecided: it leads deeper/,
    );
  });

  test('one of thousands of others is refused, not a crash', () => {
    const names = Array.from({ length: 3_000 }, (_, index) => [
      `S${index}`,
      { type: 'object', properties: { next: to(`S${index + 1}`) } },
    ]);
    const schemas = Object.fromEntries([...names, ['S3000', wantsA]]) as object;
    expect(judge(api(content('application/json', to('S0')), schemas), { body: '{"next":1}' })).toMatch(
      /refused: .*it leads deeper|must be object/,
    );
  });
});
