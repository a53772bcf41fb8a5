/** Records of a CSV text with the line each begins on (from 1), or the line of what is wrong with it. */
export type CsvRead =
  | { ok: true; records: { line: number; cells: string[] }[] }
  | { ok: false; line: number; got: string; fix: string };

/** Reads CSV as RFC 4180 has it: commas, cells in double quotes where needed, a quote inside written twice. Lines without anything are left out; `""` is a record of an empty cell. */
export function readCsv(source: string): CsvRead {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const records: { line: number; cells: string[] }[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const begun = line;
    const isBlank = '\r\n'.includes(text[at]!);
    const cells: string[] = [];
    for (;;) {
      const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at);
      if (!cell.ok) return { ok: false, line, got: cell.got, fix: cell.fix };
      line += count(cell.value, '\n');
      cells.push(cell.value);
      at = cell.end;
      if (text[at] !== ',') break;
      at++;
    }
    if (!isBlank) records.push({ line: begun, cells });
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
  }
  return { ok: true, records };
}

type Cell = { ok: true; value: string; end: number } | { ok: false; got: string; fix: string };

function plainCell(text: string, start: number): Cell {
  let end = start;
  while (end < text.length && !',\r\n'.includes(text[end]!)) {
    if (text[end] === '"')
      return {
        ok: false,
        got: 'a double quote inside a cell without quotes',
        fix: 'put the whole cell in double quotes and write the quote twice',
      };
    end++;
  }
  return { ok: true, value: text.slice(start, end), end };
}

function quotedCell(text: string, start: number): Cell {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0)
      return {
        ok: false,
        got: 'a quoted cell without its end',
        fix: 'close the double quote that begins here',
      };
    value += text.slice(from, quote);
    if (text[quote + 1] === '"') {
      value += '"';
      from = quote + 2;
      continue;
    }
    const end = quote + 1;
    if (end < text.length && !',\r\n'.includes(text[end]!))
      return { ok: false, got: 'text after a quoted cell', fix: 'end the cell with a comma or the line' };
    return { ok: true, value, end };
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
