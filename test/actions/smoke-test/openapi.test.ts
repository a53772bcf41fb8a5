import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { runSuite, verdict } from './run-suite.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

const document = `openapi: 3.0.3
info: { title: shop, version: '1' }
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      responses:
        '200':
          description: ok
          headers:
            x-total: { required: true, schema: { type: integer, minimum: 1 } }
          content:
            application/json: { schema: { $ref: '#/components/schemas/Order' } }
        4XX: { $ref: '#/components/responses/Problem' }
  /orders:
    post:
      operationId: createOrder
      responses:
        '201': { description: made, content: { 'text/*': { schema: { type: string, pattern: '^o-' } } } }
  /logo:
    get:
      responses:
        '200': { description: ok, content: { image/png: { schema: { type: string, format: binary } } } }
        default: { description: none }
  /feed:
    get:
      operationId: feed
      responses:
        '200': { description: ok, content: { application/xml: { schema: { type: object, required: [a] } } } }
components:
  responses:
    Problem:
      description: no
      content:
        application/problem+json: { schema: { type: object, required: [title], x-note: 1 } }
  schemas:
    Order:
      type: object
      required: [id, password, price]
      properties:
        id: { type: string, format: order-id, example: o-1 }
        password: { type: string, writeOnly: true }
        note: { type: string, nullable: true }
        price: { type: number, minimum: 0, exclusiveMinimum: true }
        parent: { $ref: '#/components/schemas/Order' }
        pay: { $ref: '#/components/schemas/Pay' }
    Pay:
      oneOf: [{ $ref: '#/components/schemas/Card' }, { $ref: '#/components/schemas/Bill' }]
      discriminator: { propertyName: kind, mapping: { card: '#/components/schemas/Card' } }
    Card: { type: object, required: [kind], properties: { kind: { type: string } } }
    Bill: { type: object, required: [kind, iban], properties: { kind: { type: string } } }
`;

const suite = (operation: string, http: string, more = '') => `version: 1
openapi: api/openapi.yaml
flows:
  - name: flow
    steps:
      - name: look
        http: ${http}
        expect: { ${more}openapi: ${operation} }
`;

async function judge(operation: string, http: string, more = '', text = document): Promise<string> {
  const files = { 'api/openapi.yaml': text };
  return verdict(
    await runSuite(suite(operation, http, more), { 'base-url': `${shop.url}/v1` }, {}, undefined, files),
  );
}

const json = 'application/json; charset=utf-8';
const good = { id: 'o-1', note: null, price: 1, parent: { id: 'o-0', price: 2 } };
const answer =
  (status: number, headers: Record<string, string>, body: unknown = '') =>
  (_: unknown, response: ServerResponse) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
const order = (body: unknown, headers = {}) =>
  answer(200, { 'content-type': json, 'x-total': '1', ...headers }, body);

const getOrder = '{ url: /orders/o-1 }';

describe('answers that are as the document describes them', () => {
  test.each<[string, string, string, string, ReturnType<typeof answer>]>([
    ['JSON of a recursive schema of OpenAPI 3.0', 'getOrder', getOrder, '', order(good)],
    ['with what its discriminator says', 'getOrder', getOrder, '', order({ ...good, pay: { kind: 'card' } })],
    [
      'a problem by its range of statuses',
      'getOrder',
      getOrder,
      'status: 404, ',
      answer(404, { 'content-type': 'application/problem+json' }, { title: 'no' }),
    ],
    [
      'a text by its range of types',
      'createOrder',
      '{ method: POST, url: "/orders?x={{ uuid }}" }',
      '',
      answer(201, { 'content-type': 'text/plain' }, 'o-1'),
    ],
    ['bytes', 'GET /logo', '{ url: /logo }', '', answer(200, { 'content-type': 'image/png' }, 'PNG')],
    ['no body where none is described', 'GET /logo', '{ url: /logo }', 'status: 418, ', answer(418, {})],
  ])('%s', async (_, operation, http, more, answers) => {
    shop.answer = answers;
    expect(await judge(operation, http, more)).toBe('passed');
  });
});

describe('answers that are not, each with the line of the document', () => {
  test.each<[string, ReturnType<typeof answer>, RegExp]>([
    [
      'a status',
      answer(202, { 'content-type': json }, good),
      /status 202; api\/openapi\.yaml:7 describes 200, 4XX: add it there/,
    ],
    [
      'a content type',
      order('<p>', { 'content-type': 'text/html' }),
      /content-type text\/html; api\/openapi\.yaml:8 describes application\/json: add it/,
    ],
    ['no content type', answer(200, { 'x-total': '1' }, good), /a body without content-type; api/],
    ['no body', order(''), /an empty body; api\/openapi\.yaml:8 describes application\/json/],
    ['no JSON', order('{"id":'), /a body that is not JSON, sent as application\/json/],
    ['a wrong value', order({ ...good, id: 1 }), /\/id must be string \(api\/openapi\.yaml:13\)/],
    ['null where it may not be', order({ ...good, price: null }), /\/price must be number/],
    ['a bound that is exclusive', order({ ...good, price: 0 }), /\/price must be > 0/],
    [
      'something missing deep inside',
      order({ ...good, parent: { id: 'x' } }),
      /\/parent must have required property 'price'/,
    ],
    ['a wrong discriminator', order({ ...good, pay: { kind: 'Bill' } }), /\/pay/],
    ['another kind than it says', order({ ...good, pay: { kind: 'bank' } }), /\/pay/],
    [
      'a header missing',
      answer(200, { 'content-type': json }, good),
      /no header x-total; api\/openapi\.yaml:11/,
    ],
    [
      'a header of a wrong type',
      order(good, { 'x-total': 'many' }),
      /header x-total: the document must be integer/,
    ],
  ])('%s', async (_, answers, message) => {
    shop.answer = answers;
    expect(await judge('getOrder', getOrder)).toMatch(message);
  });

  test('a body where none is described, and a schema that cannot be looked into is no pass, nor is its opposite', async () => {
    shop.answer = answer(404, { 'content-type': 'text/html' }, 'x');
    expect(await judge('GET /logo', '{ url: /logo }', 'status: 404, ')).toMatch(
      /a body of 1 bytes; .*:24 describes none/,
    );
    shop.answer = answer(200, { 'content-type': 'application/xml' }, '<a/>');
    expect(await judge('feed', '{ url: /feed }')).toMatch(/only JSON and text are checked/);
    const negated = suite('feed', '{ url: /feed }').replace('openapi: feed }', 'not: { openapi: feed } }');
    const files = { 'api/openapi.yaml': document };
    const run = await runSuite(negated, { 'base-url': shop.url }, {}, undefined, files);
    expect(verdict(run)).toMatch(/not openapi feed: not an answer .* ≠ no answer: the schema/);
  });
});

describe('refused before anything is sent', () => {
  const refused: [string, string, string, string, RegExp][] = [
    [
      'an unknown operation',
      'getOrdr',
      getOrder,
      document,
      /smoke\.yml:8.*no operation getOrdr.*write openapi: getOrder/s,
    ],
    [
      'another method',
      'getOrder',
      '{ method: POST, url: /orders/1 }',
      document,
      /which is GET \/orders\/\{id\}, of a step that asks POST/,
    ],
    ['another path', 'getOrder', '{ url: /customers/1 }', document, /of a step that asks GET \/customers\/1/],
    ['a reference', "'{{ uuid }}'", getOrder, document, /text without \{\{ \}\}|describes no operation/],
    [
      'another file',
      'getOrder',
      getOrder,
      document.replace("'#/components/schemas/Order' } }\n        4XX", "'./order.yaml' } }\n        4XX"),
      /openapi\.yaml:13: \$ref \.\/order\.yaml leads out of the document/,
    ],
    [
      'a $ref to nothing',
      'getOrder',
      getOrder,
      document.replace('responses/Problem', 'responses/Nope'),
      /leads to nothing/,
    ],
    [
      'a misspelt keyword',
      'getOrder',
      getOrder,
      document.replace('nullable: true', 'nulable: true'),
      /openapi\.yaml:\d+: "nulable" is no keyword/,
    ],
    [
      'the nullable of 3.0 in 3.1',
      'getOrder',
      getOrder,
      document.replace('3.0.3', '3.1.0').replace(', exclusiveMinimum: true', ''),
      /"nullable" means nothing in OpenAPI 3\.1/,
    ],
    [
      'Swagger 2',
      'getOrder',
      getOrder,
      document.replace('openapi: 3.0.3', "swagger: '2.0'"),
      /openapi: 3\.0\.x or 3\.1\.x/,
    ],
    [
      'an operationId twice',
      'getOrder',
      getOrder,
      document.replace('createOrder', 'getOrder'),
      /the operationId getOrder again/,
    ],
    [
      'no responses',
      'getOrder',
      getOrder,
      `${document.slice(0, document.indexOf('      responses'))}`,
      /no responses are described/,
    ],
  ];
  test.each(refused)('%s', async (_, operation, http, text, message) => {
    expect(await judge(operation, http, '', text)).toMatch(message);
    expect(shop.asked).toEqual([]);
  });

  test('a suite without a document, and one whose document is missing', async () => {
    const without = suite('getOrder', getOrder).replace('openapi: api/openapi.yaml\n', '');
    expect(verdict(await runSuite(without, { 'base-url': shop.url }))).toMatch(
      /add {2}openapi: path\/of\/openapi\.yaml/,
    );
    expect(verdict(await runSuite(suite('a', getOrder), { 'base-url': shop.url }))).toMatch(
      /smoke\.yml:2.*no such file/s,
    );
  });

  test('OpenAPI 3.1 is JSON Schema 2020-12, null as a type included', async () => {
    const recent = document
      .replace('3.0.3', '3.1.0')
      .replace('type: string, nullable: true', "type: [string, 'null']")
      .replace('minimum: 0, exclusiveMinimum: true', 'exclusiveMinimum: 0');
    shop.answer = order(good);
    expect(await judge('getOrder', getOrder, '', recent)).toBe('passed');
    shop.answer = order({ ...good, note: 1 });
    expect(await judge('getOrder', getOrder, '', recent)).toMatch(/\/note must be string,null/);
  });
});

test('a url may begin with a reference, or with the address of the API', async () => {
  shop.answer = order(good);
  for (const url of [`'{{ epoch }}'`, `'${shop.url}/any/{{ uuid }}/orders/{{ uuid }}?a=b'`]) {
    const got = await judge('getOrder', `{ url: ${url} }`);
    expect(got).not.toMatch(/of a step that asks/);
  }
});
