import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCsv } from '../../../../actions/smoke-test/suite/csv.js';
import { readRows, rowsOf } from '../../../../actions/smoke-test/suite/rows.js';

const cells = (text: string) => {
  const read = readCsv(text);
  if (!read.ok) throw new Error(read.got);
  return read.records.map((record) => record.cells);
};
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

describe('CSV', () => {
  test('is read with quotes, commas and line breaks inside cells, and any line ends', () => {
    expect(cells('a,b\r\n1,"x, ""y""\n2"\n\n"",\n')).toEqual([
      ['a', 'b'],
      ['1', 'x, "y"\n2'],
      ['', ''],
    ]);
    expect(cells('\uFEFFa\n1')).toEqual([['a'], ['1']]);
  });

  test('has a record for an empty cell that is written, and none for a line without anything', () => {
    expect(cells('a\n""\n\nx\r\n\r\n""')).toEqual([['a'], [''], ['x'], ['']]);
  });

  test('says on which line it is no CSV', () => {
    expect(readCsv('a\n"x\n')).toMatchObject({ ok: false, line: 2, got: 'a quoted cell without its end' });
    expect(readCsv('a\nx"y\n')).toMatchObject({ ok: false, line: 2 });
    expect(readCsv('a\n"x"y\n')).toMatchObject({ ok: false, line: 2, got: 'text after a quoted cell' });
    expect(readCsv('a\n\r\n\n"x\ny\n')).toMatchObject({ ok: false, line: 4 });
    expect(readCsv('ü,b\n"1\r\n2","x\ny')).toMatchObject({ ok: false, line: 3 });
  });

  test('has records that say on which line they begin', () => {
    const lines = (text: string) => {
      const read = readCsv(text);
      return read.ok && read.records.map(({ line }) => line);
    };
    expect(lines('a\n"x\r\ny\nz"\r\nq\n')).toEqual([1, 2, 5]);
    expect(lines('\uFEFF\n\r\na,ü\n\n"ü\n\n",2\n\n\nq,""')).toEqual([3, 5, 10]);
    expect(lines('a\rb\r\r"c\rd"\re')).toEqual([1, 2, 4, 6]);
  });

  test('gives back whatever was written with quotes', () => {
    const table = fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 4 }));
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (records, end) => {
        const text = records.map((record) => record.map(quoted).join(',')).join(end);
        expect(cells(text)).toEqual(records);
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  test('never hangs or throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a') }), (text) => {
        expect(typeof readCsv(text).ok).toBe('boolean');
      }),
      { numRuns: 500, seed: 12 },
    );
  });
});

describe('rows', () => {
  test('of CSV are all of them, as texts, each with its line', async () => {
    expect(await readRows('sku,price\nmug,"1\n2"\ncup,3\n', 'data.csv')).toEqual({
      ok: true,
      rows: [
        { values: { sku: 'mug', price: '1\n2' }, file: 'data.csv', line: 2 },
        { values: { sku: 'cup', price: '3' }, file: 'data.csv', line: 4 },
      ],
    });
  });

  test('of JSON keep their types', async () => {
    const read = await readRows('[\n  {"n": 1, "list": [2]},\n  {"n": null, "list": []}\n]', 'data.json');
    expect(read).toMatchObject({
      ok: true,
      rows: [
        { values: { n: 1, list: [2] }, line: 2 },
        { values: { n: null, list: [] }, line: 3 },
      ],
    });
  });

  test.each([
    ['sku\n', 'no row of data', 1],
    ['', 'no row of data', 1],
    ['sku,price\nmug\n', '1 cell', 2],
    ['sku,sku\na,b\n', 'the column sku twice', 1],
    ['sku,the price\na,b\n', 'the column "the price"', 1],
    ['sku\n"a\n', 'a quoted cell without its end', 2],
  ])('of the CSV %j are refused: %s', async (text, got, line) => {
    expect(await readRows(text, 'data.csv')).toMatchObject({
      ok: false,
      problems: [{ file: 'data.csv', line, got }],
    });
  });

  test('that lack a column, or have one more, are refused with the one that was probably meant', async () => {
    const read = rowsOf([{ sku: 1 }, { sk: 2 }], 'smoke.yml', (index) => ({ line: index + 5, column: 1 }));
    expect(read).toMatchObject({
      ok: false,
      problems: [{ line: 6, path: 'row 2', got: 'a row without sku', didYouMean: 'sk' }],
    });
    expect(rowsOf([{}], 'smoke.yml', () => undefined)).toMatchObject({ ok: false });
    expect(await readRows('[]', 'data.json')).toMatchObject({ ok: false });
  });
});
