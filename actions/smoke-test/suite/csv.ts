import { Buffer } from 'node:buffer';
import { CsvError, parse, type CsvErrorCode, type Info } from 'csv-parse/sync';

/** Records of a CSV text with the line each begins on (from 1), or the line of what is wrong with it. */
export type CsvRead =
  | { ok: true; records: { line: number; cells: string[] }[] }
  | { ok: false; line: number; got: string; fix: string };

const faults: Partial<Record<CsvErrorCode, { got: string; fix: string }>> = {
  INVALID_OPENING_QUOTE: {
    got: 'a double quote inside a cell without quotes',
    fix: 'put the whole cell in double quotes and write the quote twice',
  },
  CSV_QUOTE_NOT_CLOSED: {
    got: 'a quoted cell without its end',
    fix: 'close the double quote that begins here',
  },
  CSV_INVALID_CLOSING_QUOTE: {
    got: 'text after a quoted cell',
    fix: 'end the cell with a comma or the line',
  },
};

/**
 * Reads CSV as RFC 4180 has it: commas, cells in double quotes where needed, a quote inside written twice. Lines
 * without anything are left out; `""` is a record of an empty cell.
 */
export function readCsv(text: string): CsvRead {
  const source = Buffer.from(text.replace(/^\uFEFF/, ''));
  const lineAt = lineCounter(source);
  try {
    let end = 0;
    const parsed = parse(source, {
      info: true,
      // Whether all records have the same number of cells is for the reader of the rows to say.
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    }) as unknown as { record: string[]; info: Info }[];
    const records = parsed.map(({ record, info }) => {
      const line = lineAt(end);
      end = info.bytes;
      return { line, cells: record };
    });
    return { ok: true, records };
  } catch (error) {
    const fault = error instanceof CsvError ? faults[error.code] : undefined;
    if (!fault) throw error;
    return { ok: false, line: lineAt((error as CsvError & { bytes: number }).bytes), ...fault };
  }
}

/**
 * Gives the line (from 1) of what begins at a byte or after the line ends that follow it, for bytes asked in order. The
 * parser's own count takes `\r\n` in quotes for two.
 */
function lineCounter(source: Buffer): (byte: number) => number {
  const [lf, cr] = [10, 13];
  let at = 0;
  let line = 1;
  return (byte) => {
    for (; at < byte || source[at] === lf || source[at] === cr; at++)
      if (source[at] === lf || (source[at] === cr && source[at + 1] !== lf)) line++;
    return line;
  };
}
