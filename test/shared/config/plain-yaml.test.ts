import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Composer, Parser } from 'yaml';
import { offsetAt } from '../../../shared/config/place.js';
import { readPlainYaml } from '../../../shared/config/plain-yaml.js';
import { findFaults } from '../../../shared/config/structure.js';

/** The same text by the whole parser; undefined when there is anything wrong with it. */
function whole(text: string) {
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, version: '1.2' });
  const [document, second] = composer.compose(new Parser().parse(text), true, text.length);
  if (!document || second || document.errors.length + document.warnings.length > 0) return undefined;
  return findFaults(document).length > 0 ? undefined : { document, value: document.toJS() as unknown };
}

function pathsOf(value: unknown, path: PropertyKey[] = []): PropertyKey[][] {
  const inside =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, child]) =>
          pathsOf(child, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : [];
  return [path, ...inside, [...path, 'missing'], [...path, 'constructor']];
}

/** Whether the text was read; if so, as the whole parser reads it, with everything in the same place. */
function agrees(text: string): boolean {
  const plain = readPlainYaml(text);
  if (!plain) return false;
  const { document, value } = whole(text)!;
  expect(plain.value).toEqual(value);
  for (const path of pathsOf(value)) expect(plain.offsetAt(path)).toBe(offsetAt(document, path, false));
  return true;
}

describe('plain YAML', () => {
  test('is what suites and policies are written in', () => {
    const suite = `# a suite
version: 1
name: "the shop" # its name
variables: { locale: en, 'a b': '' }

flows:
  - name: buy it
    steps:
    - name: order
      http: { method: POST, url: /orders?a=b#c, json: { sku: mug, n: [1, -2, true, null, "{{ id }}"] } }
      expect:
        status: 201
        latency: < 500ms
        body:
          contains: 'it''s "here"'
    -   name: look
        http:
          {
            url: http://shop.example.com/x,
            headers: { x-a: "tab\\there" },
          }
        expect: { status: 200 }
  # the end
`;
    expect(agrees(suite)).toBe(true);
    expect(agrees('- a\n- - b\n  - c: d\n-   e: f\n    g: h\n')).toBe(true);
  });

  test.each([
    '',
    'a',
    '{"a": 1}',
    'a:',
    'a: b: c',
    'a: |\n  b',
    'a: b\n  c',
    'a: &x b',
    'a: *x',
    'a: !t b',
    'a: 1\na: 2',
    '<<: b',
    '__proto__: b',
    'true: b',
    'a: 0x1f',
    'a: 1e3',
    'a: .inf',
    'a: 007',
    'a: ~',
    'a: "b\\x41"',
    'a: "b\n  c"',
    'a: [b',
    'a: [b\n]',
    'a: {b}',
    'a: [b: c]',
    'a: [b,,]',
    'a: [,]',
    'a: {{ b }}',
    'a:\tb',
    'a: b\r\n',
    'a: b\n---\nc: d',
    'a: b\n b: c',
    '- a\n -b',
    '  a: b',
    'a: b#c\n#d\n  e',
    `a:${' {a:'.repeat(60)} b${'}'.repeat(60)}`,
  ])('is not %j: that is left to the whole parser', (text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });

  test('is read as the whole parser reads it, or not at all, whatever the text', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b c',
        '1',
        '-5',
        'true',
        '~',
        '"q: x"',
        "'it''s'",
        '"{{ x }}"',
        'http://x/y',
        '< 5s',
        'a#b',
        ' # c',
      ],
      ...[
        '- ',
        '-',
        '? ',
        ': ',
        ':',
        '{ ',
        '{',
        ' }',
        '}',
        '[',
        ']',
        ', ',
        ',',
        '&a ',
        '*a',
        '!t ',
        '|',
        '>',
        '...',
      ],
      ...[
        'a: ',
        'b: ',
        '"k": ',
        'c:',
        'key: v',
        '<<: ',
        '{ a: 1, b: [x] }',
        '[1, a b]',
        '[]',
        '{}',
        'é',
        '\u00a0',
        '\\',
      ],
      ...['\n', '\n', '\n', '\n  ', '\n  ', '\n    ', '\n- ', '\n  - ', '\n# c\n', ' '],
    );
    let read = 0;
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 2, maxLength: 9 }),
        fc.constantFrom('', 'a: ', '- ', 'a:\n  '),
        (pieces, start) => {
          if (agrees(start + pieces.join(''))) read++;
        },
      ),
      { numRuns: 4_000, seed: 31 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test('of any nesting of mappings and lists, in block or flow form, is read as the whole parser reads it', () => {
    const key = fc.constantFrom('a', 'b', 'name', 'base-url', 'x y', '"q r"');
    const scalar = fc.constantFrom(
      'a',
      'two words',
      '1',
      '-7',
      'true',
      'null',
      '"q: x"',
      "'a'",
      'http://a/b?c',
      '$.a[*]',
      '< 5s',
    );
    type Tree = string | Tree[] | [string, Tree][];
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
        fc
          .uniqueArray(fc.tuple(key, tie('tree')), { minLength: 1, maxLength: 3, selector: ([name]) => name })
          .map((pairs) => Object.assign(pairs, { mapping: true })),
      ) as fc.Arbitrary<Tree>,
    }));
    const isMapping = (node: Tree): node is [string, Tree][] => typeof node !== 'string' && 'mapping' in node;
    const flow = (node: Tree): string =>
      typeof node === 'string'
        ? node.replace(/^\$.*/, 'a')
        : isMapping(node)
          ? `{ ${node.map(([name, child]) => `${name}: ${flow(child)}`).join(', ')} }`
          : `[${node.map(flow).join(', ')}]`;
    const block = (node: Tree, indent: string, inFlow: (depth: number) => boolean, depth = 0): string => {
      if (typeof node === 'string') return ` ${node}\n`;
      if (depth > 0 && inFlow(depth)) return ` ${flow(node)}\n`;
      const lines = isMapping(node)
        ? node.map(([name, child]) => `${indent}${name}:${block(child, `${indent}  `, inFlow, depth + 1)}`)
        : (node as Tree[]).map(
            (child) => `${indent}-${block(child, `${indent}  `, inFlow, depth + 1).replace(/^\n\s+/, ' ')}`,
          );
      return `${depth === 0 ? '' : '\n'}${lines.join('')}`;
    };
    let read = 0;
    fc.assert(
      fc.property(tree, fc.nat(4), (node, flowFrom) => {
        const text = block(node, '', (depth) => depth > flowFrom);
        if (agrees(text)) read++;
      }),
      { numRuns: 500, seed: 32 },
    );
    expect(read).toBeGreaterThan(250);
  });
});
