import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  loadMarkup,
  type CompiledQuery,
  type MarkupEngine,
} from '../../../shared/probes/evaluators/markup.js';
import { cpuMs } from '../../support/cpu-time.js';

let engine: MarkupEngine;
beforeAll(async () => {
  engine = await loadMarkup();
});

const page = `<!DOCTYPE html><html lang=en><head><title> The  Shop </title></head><body>
<!-- note --><ul id=list><li class="item new">One<li class="item">Two &amp; a half<li>Three</ul>
<a HREF="/cart?x=1&amp;y=2" data-id="7">Cart</a><br><img src=a.png>
<footer><p>Version <b>1.2.3</b></p></footer><script>if (a < b) "<p>";</script></body></html>`;
const feed = `<?xml version="1.0"?><f:feed xmlns:f="urn:feed" xmlns="urn:plain"><entry id="1"><Title>A</Title></entry>
<entry id="2"><Title><![CDATA[B & C]]></Title></entry><f:total>2</f:total></f:feed>`;

function found(compiled: CompiledQuery, text: string, type?: string) {
  if (!compiled.ok) throw new Error(compiled.reason);
  const read = engine.parse(text, type);
  if (!read.ok) throw new Error(read.reason);
  const result = compiled.query.find(read.document);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

describe('XPath', () => {
  test.each<[string, string[]]>([
    ['//title', ['The Shop']],
    ['//li', ['One', 'Two & a half', 'Three']],
    ['//LI[2]', ['Two & a half']],
    ['//li[contains(@class, "new")]/@class', ['item new']],
    ['//ul/li[last()]', ['Three']],
    ['//footer//b/text()', ['1.2.3']],
    ['//a/@href', ['/cart?x=1&y=2']],
    ['//b/ancestor::footer', ['Version 1.2.3']],
    ['//li[.="Three"]/preceding-sibling::li[1]', ['Two & a half']],
    ['//li[1] | //b', ['One', '1.2.3']],
    ['//comment()', ['note']],
    ['/html/body/img/@src', ['a.png']],
    ['//nothing', []],
  ])('%s finds its nodes in HTML', (source, texts) => {
    expect(found(engine.xpath(source), page)).toEqual({ texts, isList: true });
  });

  test.each<[string, string]>([
    ['count(//li)', '3'],
    ['string(//b)', '1.2.3'],
    ['count(//li) = 3', 'true'],
    ['normalize-space(//title)', 'The Shop'],
    ['sum(//a/@data-id) + 1', '8'],
    // What is no number is none; it is not 0.
    ['number(//titel)', 'NaN'],
    ['number(//li)', 'NaN'],
    ['number(//a/@data-id)', '7'],
    ['floor(//titel)', 'NaN'],
    ['//titel + 1', 'NaN'],
    ['//a/@data-id * 2 = 14', 'true'],
    ['number(//titel) = 0', 'false'],
    ['substring("abc", //a/@data-id - 5)', 'bc'],
    ['substring("abcdefgh", //a/@data-id)', 'gh'],
    ['-//titel', 'NaN'],
    ['2 * (//a/@data-id | //titel)', '14'],
    ['round(//titel) = 0', 'false'],
    ['count(//li[position() > //titel - 1])', '0'],
    ['count(//li[number(//titel) = 0])', '0'],
    ['count((//li)[//titel * 0 = 0]/..)', '0'],
    ['string(number(//b) + count(//li[-//titel = 0]))', 'NaN'],
  ])('%s gives one value, which is no list', (source, text) => {
    expect(found(engine.xpath(source), page)).toEqual({ texts: [text], isList: false });
  });

  test('in XML names have case and namespaces', () => {
    const names = { a: 'urn:plain', feed: 'urn:feed' };
    expect(found(engine.xpath('//a:Title', names), feed).texts).toEqual(['A', 'B & C']);
    expect(found(engine.xpath('//a:title', names), feed).texts).toEqual([]);
    expect(found(engine.xpath('/feed:feed/feed:total', names), feed).texts).toEqual(['2']);
    expect(found(engine.xpath('//a:entry[a:Title="B & C"]/@id', names), feed).texts).toEqual(['2']);
    expect(found(engine.xpath("//*[local-name()='Title']"), feed).texts).toEqual(['A', 'B & C']);
  });

  test('a text in scientific or hexadecimal form is not a number', () => {
    const document = '<a><b>1e3</b><c>0x10</c><d> 5 </d></a>';
    for (const [source, text] of [
      ['number(//b)', 'NaN'],
      ['//c + 1', 'NaN'],
      ['//d + 1', '6'],
      ['ceiling(//b)', 'NaN'],
      ['//d > 4', 'true'],
    ] as const)
      expect(found(engine.xpath(source), document).texts).toEqual([text]);
  });

  test.each(['//[', 'nope(//a)', '//a[', '', 'unknown:a', '//a = '])('%j is none', (source) => {
    expect(engine.xpath(source).ok).toBe(false);
  });
});

describe('CSS', () => {
  test.each<[string, string[]]>([
    ['title', ['The Shop']],
    ['ul#list > li.item', ['One', 'Two & a half']],
    ['li:nth-child(3)', ['Three']],
    ['footer b', ['1.2.3']],
    ['a[href^="/cart"]', ['Cart']],
    ['li:not(.item)', ['Three']],
    ['ul:has(.new) li:first-child', ['One']],
    ['.nothing', []],
  ])('%s finds its elements', (source, texts) => {
    expect(found(engine.css(source), page)).toEqual({ texts, isList: true });
  });

  test('an attribute instead of the text; elements without it do not count', () => {
    expect(found(engine.css('body *', 'class'), page).texts).toEqual(['item new', 'item']);
    expect(found(engine.css('a', 'HREF'), page).texts).toEqual(['/cart?x=1&y=2']);
  });

  test('works in XML too', () => {
    expect(found(engine.css('entry[id="2"] Title'), feed, 'application/rss+xml').texts).toEqual(['B & C']);
  });

  test.each(['li[', ':nope', '', 'a >> b', 'li:nth-child(x)'])('%j is none', (source) => {
    expect(engine.css(source).ok).toBe(false);
  });
});

describe('what is no document', () => {
  test.each<[string, string, string | undefined, RegExp]>([
    ['JSON', '{"a": "<p>"}', 'application/json', /no HTML or XML/],
    ['nothing', '', 'text/html', /no HTML or XML/],
    ['text', 'hello <b>', 'text/plain', /no HTML or XML/],
    ['a comment alone', '<!-- x -->', 'text/html', /without any element/],
    ['XML that is cut short', '<a><b></b>', 'text/xml', /cannot be read as XML/],
    ['XML whose tags cross', '<a><b></a></b>', 'application/xml', /cannot be read as XML/],
    ['XML with an unknown entity', '<a>&nope;</a>', 'application/xml', /cannot be read as XML/],
    ['XML with an undeclared prefix', '<x:a/>', 'application/xml', /cannot be read as XML/],
    [
      'XML with a DTD',
      '<!DOCTYPE a SYSTEM "http://127.0.0.1/x"><a/>',
      'application/xml',
      /DTD, which is refused/,
    ],
  ])('%s', (_, text, type, reason) => {
    const read = engine.parse(text, type);
    expect(read).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});

describe('hostile documents end in a stated failure, soon', () => {
  const laughs = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i} "&a${i - 1 < 0 ? '' : i - 1};&a${i - 1 < 0 ? '' : i - 1};">`).join('')}]><l>&a29;</l>`;
  test.each<[string, string, string | undefined]>([
    ['entities that expand', laughs, 'application/xml'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'text/xml'],
    ['a million open tags', '<a>'.repeat(1_000_000), 'text/html'],
    ['a million open tags of XML', '<a>'.repeat(1_000_000), 'text/xml'],
    ['a million elements', `<p>${'<b></b>'.repeat(1_000_000)}`, 'text/html'],
    [
      'a million attributes',
      `<p ${Array.from({ length: 1_000_000 }, (_, i) => `a${i}=1`).join(' ')}>x</p>`,
      'text/html',
    ],
  ])('%s', (_, text, type) => {
    const startedAt = cpuMs();
    expect(engine.parse(text, type).ok).toBe(false);
    expect(cpuMs() - startedAt).toBeLessThan(6_000);
  });

  test.each<[string, (engine: MarkupEngine) => CompiledQuery]>([
    ['an XPath that looks at every pair', (given) => given.xpath('//b[count(//b[count(//b) > 1]) > 1]')],
    ['a CSS selector that looks at every pair', (given) => given.css('b:has(~ b:has(~ b:has(~ i)))')],
    ['too many nodes', (given) => given.css('b')],
  ])('%s', (_, compile) => {
    const read = engine.parse(`<p>${'<b>x</b>'.repeat(20_000)}</p>`, 'text/html');
    const compiled = compile(engine);
    if (!read.ok || !compiled.ok) throw new Error('not compiled');
    const startedAt = cpuMs();
    expect(compiled.query.find(read.document).ok).toBe(false);
    expect(cpuMs() - startedAt).toBeLessThan(6_000);
  });
});
