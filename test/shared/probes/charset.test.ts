import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { decodeBody } from '../../../shared/probes/charset.js';

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
const page = (head: string, ...more: number[]) =>
  bytes(`<!doctype html><html><head>${head}</head><body>`, more, '</body></html>');

describe('smoke fault 12: text is decoded as a browser would', () => {
  test.each<[what: string, body: Uint8Array, type: string | undefined, text: string]>([
    ['UTF-8 without a word', bytes('café €'), undefined, 'café €'],
    ['UTF-8 that is stated', bytes('café'), 'text/plain; charset=utf-8', 'café'],
    ['latin1 by its header', bytes('caf', [0xe9]), 'text/plain; charset="ISO-8859-1"', 'café'],
    ['the Euro sign of windows-1252', bytes([0x80, 0x99]), 'text/plain;charset=windows-1252', '€™'],
    ['what the web calls latin1', bytes([0x80]), 'text/plain; charset=iso-8859-1', '€'],
    ['a mark of UTF-8, which is no text', bytes([0xef, 0xbb, 0xbf], '{}'), 'application/json', '{}'],
    [
      'a mark that says other than the header',
      bytes([0xff, 0xfe, 0x41, 0x00]),
      'text/plain; charset=utf-8',
      'A',
    ],
    ['UTF-16 with the high byte first', bytes([0xfe, 0xff, 0x20, 0xac]), 'text/html', '€'],
    ['Japanese', bytes([0x93, 0xfa, 0x96, 0x7b]), 'text/plain; charset=Shift_JIS', '日本'],
    ['a charset in single quotes', bytes([0xe9]), "text/plain; charset='latin1'", 'é'],
  ])('%s', (_what, body, type, text) => {
    expect(decodeBody(body, type)).toEqual({ text });
  });

  test.each<[what: string, body: Uint8Array, type: string]>([
    ['meta charset', page('<meta charset="windows-1252">', 0x80), 'text/html'],
    ['meta without quotes', page('<META CHARSET=windows-1252/>', 0x80), 'text/html'],
    [
      'meta http-equiv',
      page('<meta http-equiv="Content-Type" content="text/html; charset=cp1252">', 0x80),
      'text/html',
    ],
    [
      'its attributes the other way round',
      page('<meta content="text/html;charset=cp1252" http-equiv=content-type>', 0x80),
      'text/html',
    ],
    [
      'the first meta that states one',
      page('<!-- <meta charset=utf-8> --><meta name=a content="charset=utf-8"><meta charset=cp1252>', 0x80),
      'text/html',
    ],
    ['a page without a content type', page('<meta charset=cp1252>', 0x80), ''],
    [
      'the declaration of XML',
      bytes('<?xml version="1.0" encoding="windows-1252"?><a>', [0x80], '</a>'),
      'application/xml',
    ],
    [
      'that of a vendor',
      bytes("<?xml version='1.0' encoding='windows-1252'?><a>", [0x80], '</a>'),
      'application/atom+xml',
    ],
  ])('a document that states its charset by %s', (_what, body, type) => {
    const { text, doubt } = decodeBody(body, type);
    expect(text).toContain('€');
    expect(doubt).toBeUndefined();
  });

  test('a header is believed before the document', () => {
    expect(decodeBody(page('<meta charset=utf-8>', 0x80), 'text/html; charset=cp1252').text).toContain('€');
  });

  test('a document that could be read so far is not in UTF-16, whatever it says', () => {
    expect(decodeBody(page('<meta charset=utf-16>'), 'text/html')).toMatchObject({
      text: expect.stringContaining('</html>'),
    });
  });

  test.each<[what: string, body: Uint8Array, type: string | undefined, doubt: RegExp]>([
    ['an unknown charset', bytes('café'), 'text/plain; charset=klingon', /"klingon", a charset .* not known/],
    ['a charset that hides text', bytes('a'), 'text/plain; charset=iso-2022-kr', /not known/],
    ['bytes that are not UTF-8', bytes([0xff]), 'text/plain; charset=utf-8', /not valid UTF-8$/],
    [
      'bytes without a charset',
      bytes('caf', [0xe9]),
      'text/html',
      /not valid UTF-8, and no charset is stated/,
    ],
    ['half a character at the end', bytes([0xe2, 0x82]), undefined, /not valid UTF-8/],
    ['half a UTF-16 unit', bytes([0xff, 0xfe, 0x41]), undefined, /not valid UTF-16LE/],
  ])('%s leave doubt', (_what, body, type, doubt) => {
    expect(decodeBody(body, type).doubt).toMatch(doubt);
  });
});
