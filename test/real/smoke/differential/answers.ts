/** An answer that a server may give, and the keys of the base document in which it differs; all when none is named. */
export interface Mutation {
  name: string;
  of?: readonly string[];
  status?: number;
  headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON, unless it is text or bytes. */
  body: unknown;
}

const base = {
  name: 'Mug',
  id: 7,
  price: 4.5,
  on: true,
  nil: null,
  tags: ['a', 'b'],
  empty: [],
  obj: { k: 1, deep: { z: 'y' } },
  items: [
    { n: 1, s: 'x' },
    { n: 2, s: 'y' },
  ],
};
type Key = keyof typeof base;

const differing = (key: Key, ...values: unknown[]): Mutation[] =>
  values.map((value) => ({
    name: `${key} ${JSON.stringify(value)}`,
    of: [key],
    body: { ...base, [key]: value },
  }));

const without = (key: Key): Mutation => {
  const { [key]: _left, ...rest } = base;
  return { name: `${key} missing`, of: [key], body: rest };
};

/** The answer that assertions are written for comes first. */
export const mutations: readonly Mutation[] = [
  { name: 'the answer', body: base, headers: { 'x-a': 'one', 'set-cookie': 'sid=s1; Path=/; HttpOnly' } },
  { name: 'nothing in it', body: {} },
  { name: 'a list', body: [] },
  { name: 'null', of: ['header', 'name'], body: 'null' },
  { name: 'a text in JSON', of: ['header', 'name'], body: '"Mug"' },
  { name: 'no body', body: '' },
  { name: 'HTML', headers: { 'content-type': 'text/html' }, body: '<html><body>Mug id 7 a b</body></html>' },
  { name: 'half of it', of: ['header', 'name'], body: JSON.stringify(base).slice(0, -9) },
  { name: 'two documents', of: ['header', 'name'], body: `${JSON.stringify(base)}{}` },
  { name: 'a list of it', body: [base] },
  { name: 'inside data', of: ['header', 'name'], body: { data: base } },
  { name: '404', of: ['header', 'name'], status: 404, body: base },
  { name: '500', of: ['header', 'name'], status: 500, body: { error: 'Mug' } },
  { name: '204', of: ['header', 'name'], status: 204, body: '' },
  { name: '302', of: ['header', 'name'], status: 302, headers: { location: '/elsewhere' }, body: '' },
  { name: 'another type', of: ['header'], headers: { 'content-type': 'text/plain' }, body: base },
  { name: 'a header twice', of: ['header'], headers: { 'x-a': ['one', 'two'] }, body: base },
  { name: 'a header empty', of: ['header'], headers: { 'x-a': '' }, body: base },
  { name: 'a header longer', of: ['header'], headers: { 'x-a': 'One more' }, body: base },
  { name: 'a cookie deleted', of: ['header'], headers: { 'set-cookie': 'sid=; Max-Age=0' }, body: base },
  { name: 'another cookie', of: ['header'], headers: { 'set-cookie': 'other=s1' }, body: base },
  { name: 'a key twice', of: ['name'], body: JSON.stringify(base).replace('"id"', '"name":"Cup","id"') },
  ...differing('name', null, 7, true, '', {}, [], ['Mug'], 'mug', 'Mug ', 'Mugs', 'xMug', 'Mu\ng', { u: 1 }),
  ...differing('id', '7', 8, 6, 7.5, null, true, [7], {}, -7, 0),
  { name: 'id 7.0', of: ['id'], body: JSON.stringify(base).replace('"id":7', '"id":7.0') },
  {
    name: 'id beyond 2^53',
    of: ['id'],
    body: JSON.stringify(base).replace('"id":7', '"id":9007199254740993'),
  },
  ...differing('price', '4.5', 4, 4.6, null, [4.5]),
  ...differing('on', 'true', false, 1, null),
  ...differing('nil', 0, false, '', 'null', {}),
  ...differing('tags', 'ab', [], ['a'], ['b', 'a'], ['ab'], { a: 1, b: 2 }, null, [['a', 'b']], 2, [
    'a',
    'b',
    'c',
  ]),
  ...differing('empty', null, '', {}, [0], [null], 0),
  ...differing('obj', null, [], {}, { k: '1' }, { k: 1, more: 2 }, 'k', { k: null }),
  ...differing(
    'items',
    [],
    [{ n: 1, s: 'x' }],
    {},
    null,
    [{ n: '1' }, { n: 2 }],
    [{ n: 2 }, { n: 1 }],
    [{}, {}],
  ),
  ...(Object.keys(base) as Key[]).map(without),
];

/** Numbers of the mutations that matter to an assertion about a key. */
export function mutationsOf(key: string): number[] {
  return mutations.flatMap(({ of }, index) => (!of || of.includes(key) ? [index] : []));
}
