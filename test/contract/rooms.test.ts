import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { circlesIn, importsOf, readSources } from '../support/imports.js';
import { againstRooms, type Rooms } from '../support/rooms.js';
import { houseRooms } from './room-table.js';

const house = importsOf(readSources(['shared', 'actions', 'cli', 'rehearsal']));

/** The imports of a small house, by the text of its files. */
const imports = (sources: Record<string, string>) => importsOf(new Map(Object.entries(sources))).files;

describe('import circles', () => {
  it('are nowhere in the house', () => {
    expect(circlesIn(house.files)).toEqual([]);
  });

  it.each([
    ['import', "import { b } from './b.js';"],
    ['type import', "import type { B } from './b.js';"],
    ['export', "export * from './b.js';"],
    ['type inside a type', "export type A = import('./b.js').B;"],
    ['lazy import', "export const a = async () => (await import('./b.js')).b;"],
    ['lazy import in a template', 'export const a = async () => `${await import("./b.js")}`;'],
  ])('are found where one way is a %s', (_, text) => {
    const files = imports({
      'x/a.ts': text,
      'x/b.ts': "import { c } from '../y/c.js';",
      'y/c.ts': "import { a } from '../x/a.js';",
    });
    expect(circlesIn(files)).toEqual([['x/a.ts', 'x/b.ts', 'y/c.ts', 'x/a.ts']]);
  });

  it('are found wherever the search begins, and each once', () => {
    const files = imports({
      'start.ts': "import './a.js'; import './c.js';",
      'a.ts': "import './b.js';",
      'b.ts': "import './a.js';",
      'c.ts': "import './d.js'; import './a.js';",
      'd.ts': "import './d.js';",
    });
    expect(circlesIn(files)).toEqual([
      ['a.ts', 'b.ts', 'a.ts'],
      ['d.ts', 'd.ts'],
    ]);
  });

  it('are not seen in comments, texts and regular expressions', () => {
    const files = imports({
      'a.ts': "// import './b.js';\nexport const a = [\"import './b.js'\", /import('.\\/b.js')/];",
      'b.ts': "import './a.js';",
    });
    expect(circlesIn(files)).toEqual([]);
  });
});

/** The dependencies that no file imports. */
const unused = (dependencies: Record<string, string>, imported: ReadonlySet<string>) =>
  Object.keys(dependencies).filter((name) => !imported.has(name));

describe('dependencies', () => {
  it('are imported, every one', () => {
    const product = importsOf(readSources(['shared', 'actions', 'cli', 'rehearsal']));
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
      'dependencies',
      Record<string, string>
    >;
    expect(unused(dependencies, product.packages)).toEqual([]);
  });

  it('are found missing where only another part of their name is imported', () => {
    const { packages } = importsOf(
      new Map([
        ['a.ts', "import '@scope/one/part.js'; import 'two/part'; export const x = () => import('three');"],
      ]),
    );
    const dependencies = { '@scope/one': '1', '@scope/other': '1', two: '1', three: '1', part: '1' };
    expect(unused(dependencies, packages)).toEqual(['@scope/other', 'part']);
  });
});

describe('arrows between rooms', () => {
  const rooms: Rooms = [
    ['low'],
    ['low/door.ts', 'low'],
    ['plugins/*', 'low'],
    ['plugins/registry.ts', 'plugins/*'],
    ['high', 'low/**', 'plugins/registry.ts'],
  ];

  it('lead one way in the house, and only where the table of rooms says so', () => {
    expect(againstRooms(houseRooms, house.files)).toEqual([]);
  });

  it('may lead where the table says so', () => {
    const files = imports({
      'low/a.ts': "import './deep/b.js';",
      'low/deep/b.ts': '',
      'low/door.ts': "import './a.js';",
      'plugins/one/main.ts': "import './part.js'; import '../../low/a.js';",
      'plugins/one/part.ts': '',
      'plugins/registry.ts': "import './one/main.js';",
      'high/top.ts': "import '../low/door.js'; import '../plugins/registry.js';",
    });
    expect(againstRooms(rooms, files)).toEqual([]);
  });

  it.each([
    ['leads back to a room below', 'low/a.ts', '../high/b.js', 'low', 'high'],
    ['leads back to the door of its own folder', 'low/a.ts', './door.js', 'low', 'low/door.ts'],
    ['passes by the door of a room', 'high/a.ts', '../plugins/one/b.js', 'high', 'plugins/one'],
    ['leads from one plugin to another', 'plugins/one/a.ts', '../two/b.js', 'plugins/one', 'plugins/two'],
  ])('that %s is refused, for types too', (_, file, target, from, to) => {
    const other = new URL(target.replace('.js', '.ts'), `file:///${file}`).pathname.slice(1);
    const files = imports({ [file]: `import type { X } from '${target}';`, [other]: '' });
    expect(againstRooms(rooms, files)).toEqual([`${file} imports ${other}: ${from} may not import ${to}`]);
  });

  it('are not allowed by a table that would let two rooms import each other', () => {
    const table: Rooms = [
      ['one', 'two'],
      ['two', 'one'],
    ];
    const files = imports({ 'one/a.ts': "import '../two/b.js';", 'two/b.ts': '' });
    expect(againstRooms(table, files)).toEqual([
      'The table lets one import two, which does not stand above it',
      'one/a.ts imports two/b.ts: one may not import two',
    ]);
  });

  it('are asked of a folder that nobody wrote into the table', () => {
    expect(againstRooms(rooms, imports({ 'attic/a.ts': '' }))).toEqual([
      'attic/a.ts is in no room: add its folder to the table of rooms',
    ]);
  });
});
