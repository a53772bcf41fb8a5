import { describe, expect, test } from '@jest/globals';
import { collectionInfo as info, importAndRun, testScript, type Answer } from './support.js';

const request =
  (...script: string[]) =>
  (url: string) =>
    JSON.stringify({
      info,
      item: [{ name: 'One', request: { url: `${url}/one` }, event: testScript(...script) }],
    });

describe('an assertion keeps its meaning: it passes on what it was written for, and fails on anything else', () => {
  const body = { id: 7, name: 'Ana', tags: ['a', 'b'], none: null, on: true, deep: { 'a-b': [1, 2] } };
  const rows: [string, Answer, Answer][] = [
    ['pm.response.to.have.status(200);', {}, { status: 201 }],
    ['pm.response.to.be.ok;', {}, { status: 204, body: '' }],
    [
      "pm.test('t', () => { pm.expect(pm.response.code).to.be.oneOf([404, 410]); });",
      { status: 404 },
      { status: 200 },
    ],
    ['pm.expect(pm.response.code).to.be.below(300);', {}, { status: 302 }],
    ['pm.response.to.be.json;', { body }, { body: 'no JSON' }],
    ['pm.response.to.have.header("X-A");', { headers: { 'x-a': '1' } }, {}],
    [
      'pm.expect(pm.response.headers.get("X-A")).to.include("1");',
      { headers: { 'x-a': '010' } },
      { headers: { 'x-a': '2' } },
    ],
    [
      'pm.expect(pm.response.text()).to.include("Ana"); pm.expect(pm.response.text()).to.include("id");',
      { body },
      { body: { name: 'Ana' } },
    ],
    ['pm.expect(pm.response.text()).to.not.include("rror");', { body }, { body: 'error' }],
    ['pm.expect(pm.response.json().id).to.equal(7);', { body }, { body: { ...body, id: '7' } }],
    [
      'const answer = pm.response.json(); pm.expect(answer.deep["a-b"][1]).to.eql(2);',
      { body },
      { body: { deep: { 'a-b': [1] } } },
    ],
    [
      'pm.expect(JSON.parse(responseBody).tags).to.eql(["a", "b"]);',
      { body },
      { body: { tags: ['b', 'a'] } },
    ],
    ['pm.expect(pm.response.json().id).to.not.equal(8);', { body }, { body: { id: 8 } }],
    ['pm.expect(pm.response.json().id).to.be.above(6);', { body }, { body: { id: 6 } }],
    ['pm.expect(pm.response.json().id).to.be.at.least(7);', { body }, { body: { id: '9' } }],
    ['pm.expect(pm.response.json().name).to.match(/^A/);', { body }, { body: { name: 'BA' } }],
    ['pm.expect(pm.response.json().name).to.be.a("string");', { body }, { body: { name: 1 } }],
    ['pm.expect(pm.response.json().name).to.include("n");', { body }, { body: { name: 'Eva' } }],
    ['pm.expect(pm.response.json().tags).to.include("b");', { body }, { body: { tags: ['ab'] } }],
    ['pm.expect(pm.response.json().tags).to.include("b");', { body }, { body: { tags: { x: 'b' } } }],
    ['pm.expect(pm.response.json().tags.length).to.equal(2);', { body }, { body: { tags: { x: 1, y: 2 } } }],
    ['pm.expect(pm.response.json().tags).to.have.lengthOf(2);', { body }, { body: { tags: ['a'] } }],
    ['pm.expect(pm.response.json().tags.length).to.be.above(0);', { body }, { body: { tags: [] } }],
    ['pm.expect(pm.response.json().tags).to.not.be.empty;', { body }, { body: { tags: [] } }],
    ['pm.expect(pm.response.json()).to.have.property("none");', { body }, { body: {} }],
    ['pm.expect(pm.response.json()).to.not.have.property("none");', { body: {} }, { body }],
    ['pm.expect(pm.response.json()).to.have.property("id", 7);', { body }, { body: { id: 8 } }],
    ['pm.expect(pm.response.json().id).to.exist;', { body }, { body: { id: null } }],
    ['pm.expect(pm.response.json().none).to.be.null;', { body }, { body: { none: 0 } }],
    ['pm.expect(pm.response.json().on).to.be.true;', { body }, { body: { on: 'true' } }],
    ['pm.expect(pm.response.json().none).to.not.be.undefined;', { body }, { body: {} }],
    ['pm.environment.set("x", pm.response.json().id);', { body }, { body: {} }],
    ['pm.response.to.have.status("Created");', { status: 201 }, { status: 200 }],
    ['pm.expect(pm.response.code).to.be.within(200, 204);', { status: 204 }, { status: 205 }],
    [
      'pm.expect(pm.response.headers.has("X-A")).to.be.true;',
      { headers: { 'x-a': '' } },
      { headers: { 'x-b': '' } },
    ],
    ['pm.expect(pm.response.headers.has("X-A")).to.equal(false);', {}, { headers: { 'x-a': '1' } }],
    ['pm.expect(pm.response.text()).to.not.equal("down");', { body: 'up' }, { body: 'down' }],
    ['pm.expect(pm.response.text()).to.not.match(/err?or/);', { body: 'up' }, { body: 'eror' }],
    [
      'pm.expect(pm.response.headers.get("X-A")).to.not.include("a"); pm.expect(pm.response.headers.get("X-A")).to.not.include("b");',
      { headers: { 'x-a': ['c', 'd'] } },
      { headers: { 'x-a': ['a', 'c'] } },
    ],
    [
      'pm.expect(pm.response.headers.get("X-A")).to.not.match(/a/);',
      { headers: { 'x-a': ['c', 'd'] } },
      { headers: { 'x-a': ['a', 'c'] } },
    ],
    [
      'pm.expect(pm.response.headers.get("X-A")).to.not.equal("a");',
      { headers: { 'x-a': 'c' } },
      { headers: { 'x-a': ['a', 'c'] } },
    ],
    ['pm.expect(pm.response.json().id, "the id").to.equal(7, "seven");', { body }, { body: { id: 8 } }],
    ['console.log("id", pm.response.json().id); pm.response.to.be.withBody;', { body }, { body: '' }],
    ['pm.expect(pm.response.json().tags).to.be.an("array");', { body }, { body: { tags: {} } }],
    ['pm.expect(pm.response.json()).to.be.an("object");', { body }, { body: [] }],
    ['pm.expect(pm.response.json().id).to.be.a("number");', { body }, { body: { id: '7' } }],
    ['pm.expect(pm.response.json().on).to.not.be.a("string");', { body }, { body: { on: 'true' } }],
    [
      'pm.expect(pm.response.json().tags).to.be.an("array").that.is.not.empty;',
      { body },
      { body: { tags: [] } },
    ],
    [
      'pm.expect(pm.response.json()).to.have.property("tags").that.is.an("array").with.lengthOf(2);',
      { body },
      { body: { tags: ['a'] } },
    ],
    ['pm.expect(pm.response.json().id).to.exist.and.to.be.a("number");', { body }, { body: { id: 'x' } }],
    ['pm.expect(pm.response.json().tags).to.be.empty;', { body: { tags: [] } }, { body }],
    ['pm.expect(pm.response.json().tags).to.have.length.above(1);', { body }, { body: { tags: ['a'] } }],
    ['pm.expect(pm.response.json().tags.length).to.be.below(3);', { body }, { body: { tags: [1, 2, 3] } }],
    ['pm.expect(pm.response.json().name).to.be.oneOf(["Ana", "Eva"]);', { body }, { body: { name: 'An' } }],
    ['pm.expect(pm.response.json().id).to.be.within(7, 9);', { body }, { body: { id: 6 } }],
    ['pm.expect(pm.response.json().tags).to.not.include("c");', { body }, { body: { tags: ['c'] } }],
    ['pm.expect(pm.response.json()).to.include({ id: 7 });', { body }, { body: { id: 8 } }],
    [
      'pm.expect(pm.response.json().deep).to.not.eql({ a: 1 });',
      { body },
      { body: { ...body, deep: { a: 1 } } },
    ],
    [
      'pm.expect(pm.response.json().deep).to.have.all.keys("a-b");',
      { body },
      { body: { deep: { 'a-b': 1, c: 2 } } },
    ],
    ['pm.expect(pm.response.json()).to.include.keys("id", "name");', { body }, { body: { id: 1 } }],
    ['pm.response.to.have.jsonBody("deep.a-b[1]", 2);', { body }, { body: { deep: { 'a-b': [1, 3] } } }],
    [
      'const schema = { type: "object", required: ["id"], properties: { id: { type: "number" } } }; pm.response.to.have.jsonSchema(schema);',
      { body },
      { body: { id: 'x' } },
    ],
    [
      'const { id, deep: more } = pm.response.json(); pm.expect(id).to.equal(7); pm.expect(more).to.be.an("object");',
      { body },
      { body: { id: 7, deep: 1 } },
    ],
  ];
  test.each(rows)('%s', async (script, right, wrong) => {
    const original = request(script);
    expect([
      await importAndRun('postman', original, right),
      await importAndRun('postman', original, wrong),
    ]).toEqual([0, 1]);
  });

  test('a request without any test must at least answer with 2xx', async () => {
    expect(await importAndRun('postman', request(), {})).toBe(0);
    expect(await importAndRun('postman', request(), { status: 500 })).toBe(1);
  });
});
