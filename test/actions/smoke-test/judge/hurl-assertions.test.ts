import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadJsonPath, type CompiledPath } from '../../../../shared/probes/evaluators/json-path.js';

/**
 * What Hurl's own tests say of JSONPath assertions (integration/hurl/tests_ok/jsonpath/jsonpath_store.hurl,
 * jsonpath_store_no_coercion.hurl and assert/assert_json.hurl). Hurl turns a list of one node into the node before it
 * compares; ours never does. Nothing else is different.
 */
type Row = [path: string, operator: string, expected: unknown];

const store = {
  store: {
    book: [
      {
        category: 'reference',
        published: false,
        author: 'Nigel Rees',
        title: 'Sayings of the Century',
        price: 8.95,
      },
      {
        category: 'fiction',
        published: false,
        author: 'Evelyn Waugh',
        title: 'Sword of Honour',
        price: 12.99,
      },
      {
        category: 'fiction',
        published: true,
        author: 'Herman Melville',
        title: 'Moby Dick',
        price: 8.99,
        isbn: '0-553-21311-3',
      },
      {
        category: 'fiction',
        published: false,
        author: 'J. R. R. Tolkien',
        title: 'The Lord of the Rings',
        price: 22.99,
        isbn: '0-395-19395-8',
      },
    ],
    bicycle: { color: 'red', price: 19.95 },
  },
};

const fruit = {
  fruit: [
    { name: 'apple', price: { US: 100, UN: 110 }, countries: ['China', 'New Zealand'] },
    { name: 'grape', price: { US: 200, UN: 150 }, countries: ['France', 'Italy'] },
    { name: 'orange', countries: ['Spain'] },
    { name: 'kiwi', countries: ['New Zealand', 'Italy'] },
  ],
};

const storeRows: Row[] = [
  ['$.store.*', 'count', 2],
  ['$.store.book', 'count', 4],
  ['$..book', 'count', 4],
  ['$.store.bicycle', 'isObject', null],
  ['$..bicycle', 'isObject', null],
  ['$.store.guitar', 'not exists', null],
  ['$..guitar', 'not exists', null],
  ['$.store.book[*].author', 'count', 4],
  ['$..book[*].author', 'count', 4],
  ['$.store.book[*].author', 'nth 0', 'Nigel Rees'],
  ['$.store.book[*].author', 'nth 3', 'J. R. R. Tolkien'],
  ['$..author', 'count', 4],
  ['$..author[4]', 'not exists', null],
  ['$.store..price', 'count', 5],
  ['$.store.book[2].title', '==', 'Moby Dick'],
  ['$.store.book[-1].title', '==', 'The Lord of the Rings'],
  ['$..book[2].title', '==', 'Moby Dick'],
  ['$..book[-1].title', '==', 'The Lord of the Rings'],
  ['$..book[-1:].title', '==', 'The Lord of the Rings'],
  ['$..book[0,0]', 'count', 2],
  ['$..book[0,1]', 'count', 2],
  ['$..book[0,1].title', 'nth 1', 'Sword of Honour'],
  ['$..book[-4,-3].title', 'nth 0', 'Sayings of the Century'],
  ['$..book[2:2]', 'not exists', null],
  ['$..book[:2]', 'count', 2],
  ['$..book[3:5]', 'isObject', null],
  ['$..book[3:]', 'isObject', null],
  ['$..book[3]', 'isObject', null],
  ['$..book[?(2 > 0)]', 'count', 4],
  ['$..book[?(@.isbn)]', 'count', 2],
  ['$..book[?(@.isbn)].title', 'nth 0', 'Moby Dick'],
  ['$..book[?(@.isbn)].not_exist', 'not exists', null],
  ['$..book[?(@.price<10)]', 'count', 2],
  ['$..book[?(@.price<10)].title', 'nth 1', 'Moby Dick'],
  ['$.store.book[?(@.published==true)].title', '==', 'Moby Dick'],
  ["$..book[?(@.author != 'Charles Dickens')]", 'count', 4],
  ["$..book[?(@.author != 'Nigel Rees')]", 'count', 3],
  ["$..book[?(@.author == 'Charles Dickens')]", 'not exists', null],
  ["$..book[?(@.author == 'Herman Melville')].title", '==', 'Moby Dick'],
  ['$..book[?(@.price != 10.00)]', 'count', 4],
  ['$..book[?(@.price == 8.95)]', 'isObject', null],
  ['$..book[?(@.price == 10.00)]', 'not exists', null],
  ["$.store.book[?(@.category == 'fiction' && @.price >= 10)]", 'count', 2],
  ['$..*', 'count', 31],
  ['$..book[*].isbn', 'count', 2],
  ['$..book[*].not_exist', 'not exists', null],
  ['$..book[4]', 'not exists', null],
  ['$..book[-5]', 'not exists', null],
  ['$.store[0]', 'not exists', null],
  ['$.store[-1]', 'not exists', null],
  ['$.store.bicycle.price', '==', 19.95],
  ['$..book[?length(@.title) > 10]', 'count', 3],
  ['$..book[?count(@.isbn) == 1]', 'count', 2],
  ["$..book[?match(@.title,'^Sword.*')].title", '==', 'Sword of Honour'],
  ["$..book[?search(@.author,'Mel')].author", '==', 'Herman Melville'],
  ['$..book[?value(@.published) == true].title', '==', 'Moby Dick'],
];
const fruitRows: Row[] = [
  ['$.fruit[?(@.price.US==100)].name', '==', 'apple'],
  ['$.fruit..[?(@.US == 100)].US', '==', 100],
  ['$.fruit[?(@.US == 100)]', 'not exists', null],
  ["$.fruit[?(@.countries[0]=='New Zealand' || @.countries[1]=='New Zealand')]", 'count', 2],
  ["$.fruit[?(@.countries[?(@=='New Zealand')])]", 'count', 2],
];

/** How many nodes Hurl counts where it is told not to turn lists of one into their node. */
const counts: [path: string, nodes: number][] = [
  ['$.store.*', 2],
  ['$.store.book', 1],
  ['$..book', 1],
  ['$.store.guitar', 0],
  ['$..author', 4],
  ['$.store..price', 5],
  ['$..book[2:2]', 0],
  ['$..*', 31],
  ['$..book[4]', 0],
  ['$.store[0]', 0],
  ['$..book[?(@.price<10)]', 2],
];

let compile: (source: string) => CompiledPath;
beforeAll(async () => {
  compile = await loadJsonPath();
});

function nodesOf(path: string, document: unknown): unknown[] {
  const compiled = compile(path);
  if (!compiled.ok) throw new Error(compiled.reason);
  const found = compiled.path.values(document);
  if (!found.ok) throw new Error(found.reason);
  return found.value;
}

/** What Hurl makes of a list of nodes. */
function coerced(nodes: readonly unknown[]): unknown {
  return nodes.length === 1 ? nodes[0] : nodes;
}

function expectAsHurl(nodes: readonly unknown[], operator: string, expected: unknown): void {
  const [kind, index] = operator.split(' ');
  switch (kind) {
    case 'count':
      return expect(coerced(nodes)).toHaveLength(expected as number);
    case 'not':
      return expect(nodes).toEqual([]);
    case 'isObject':
      return expect([typeof coerced(nodes), Array.isArray(coerced(nodes))]).toEqual(['object', false]);
    case '==':
      return expect(coerced(nodes)).toEqual(expected);
    case 'nth':
      return expect(nodes[Number(index)]).toEqual(expected);
    default:
      throw new Error(`no such operator: ${operator}`);
  }
}

describe('assertions of Hurl follow from our lists of nodes', () => {
  test.each(storeRows)('%s %s %j', (path, operator, expected) => {
    expectAsHurl(nodesOf(path, store), operator, expected);
  });

  test.each(fruitRows)('%s %s %j', (path, operator, expected) => {
    expectAsHurl(nodesOf(path, fruit), operator, expected);
  });
});

test.each(counts)('%s finds %i nodes, as Hurl counts them without coercion', (path, nodes) => {
  expect(nodesOf(path, store)).toHaveLength(nodes);
});
