import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { members, parseXml, textAt, type XmlElement } from '../../../../../shared/traffic/routers/alb/xml.js';
import { cpuMs } from '../../../../support/cpu-time.js';

test('elements, attributes, comments, empty elements and references are read', () => {
  const document = parseXml(
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- c --><a xmlns="urn:x">1 &lt; 2 &amp;&#65;&#x42;<l><member>x</member><other/><member >y</member></l><e/></a>\n',
  );
  expect(document?.text).toBe('1 < 2 &AB');
  expect(members(document, 'l').map(({ text }) => text)).toEqual(['x', 'y']);
  expect(textAt(document, 'e')).toBeUndefined();
  expect(textAt(document, 'nowhere', 'at', 'all')).toBeUndefined();
});

test.each([
  ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
  ['an entity of its own', '<a>&b;</a>'],
  ['a bare ampersand', '<a>a & b</a>'],
  ['a reference to no character', '<a>&#x110000;</a>'],
  ['CDATA', '<a><![CDATA[x]]></a>'],
  ['another instruction', '<a><?php echo 1 ?></a>'],
  ['a declaration in the middle', '<a><?xml version="1.0"?></a>'],
  ['an open element', '<a><b></a>'],
  ['crossed elements', '<a><b></a></b>'],
  ['two roots', '<a/><b/>'],
  ['text outside', '<a/>x'],
  ['no element', 'Bad Gateway'],
  ['nothing', ''],
  ['an attribute without quotes', '<a b=c></a>'],
  ['too deep nesting', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`],
])('%s is no document', (_what, text) => {
  expect(parseXml(text)).toBeUndefined();
});

test('a large hostile text is answered quickly', () => {
  const started = cpuMs();
  for (const text of [
    `<a ${'b="c" '.repeat(20_000)}`,
    `<a>${'&'.repeat(100_000)}`,
    '<'.repeat(100_000),
    `<a${' '.repeat(100_000)}`,
  ])
    expect(parseXml(text)).toBeUndefined();
  expect(cpuMs() - started).toBeLessThan(2_000);
});

const name = fc.constantFrom('a', 'Member', 'x-y', 'n.s');
const tree = (depth: number): fc.Arbitrary<XmlElement> =>
  fc.record({
    name,
    text: fc.string({ unit: 'grapheme', maxLength: 8 }),
    children: depth === 0 ? fc.constant([]) : fc.array(tree(depth - 1), { maxLength: 3 }),
  });

const write = (element: XmlElement): string =>
  `<${element.name}>${element.text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)}${element.children.map(write).join('')}</${element.name}>`;

test('whatever is written as XML is read as it was', () => {
  fc.assert(fc.property(tree(3), (element) => expect(parseXml(write(element))).toEqual(element)));
});
