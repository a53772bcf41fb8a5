import type { Place } from '../../../shared/config/lines.js';
import { parseConfig } from '../../../shared/config/parse.js';
import type { Problem } from '../../../shared/config/problem.js';
import { suggest } from '../../../shared/text/suggest.js';
import { maxRows, rowListSchema } from './schema/rows-schema.js';
import { variableName } from '../values/variable-name.js';

/** One row of data and where it stands. Values of CSV are texts, those of JSON and YAML keep their types. */
export interface Row {
  values: Readonly<Record<string, unknown>>;
  file: string;
  line: number | undefined;
}

export type RowsRead = { ok: true; rows: Row[] } | { ok: false; problems: Problem[] };

/** Rows of a file by its ending, .csv or .json; every row counts, and all of them have the same columns. */
export async function readRows(text: string, file: string): Promise<RowsRead> {
  if (!/\.json$/i.test(file)) return readTable(text, file);
  const parsed = parseConfig(text, file, rowListSchema);
  return parsed.ok ? rowsOf(parsed.value, file, (index) => parsed.placeOf([index])) : parsed;
}

/** Rows given as mappings, which must all have the columns of the first. */
export function rowsOf(
  values: readonly Readonly<Record<string, unknown>>[],
  file: string,
  placeOf: (index: number) => Place | undefined,
): RowsRead {
  const columns = Object.keys(values[0]!);
  const problems = values.flatMap((row, index) => {
    const odd =
      columns.find((column) => !Object.hasOwn(row, column)) ??
      Object.keys(row).find((column) => !columns.includes(column));
    if (odd === undefined && columns.length > 0) return [];
    const didYouMean =
      odd === undefined
        ? undefined
        : suggest(
            odd,
            Object.keys(row)
              .concat(columns)
              .filter((name) => name !== odd),
          );
    return [
      {
        file,
        ...placeOf(index),
        path: `row ${index + 1}`,
        got:
          odd === undefined
            ? 'a row without columns'
            : `a row ${Object.hasOwn(row, odd) ? 'with' : 'without'} ${odd}`,
        allowed:
          columns.length === 0
            ? 'at least one column'
            : `the columns of the first row: ${columns.join(', ')}`,
        fix: 'give every row the same columns',
        ...(didYouMean ? { didYouMean } : {}),
      },
    ];
  });
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, rows: values.map((row, index) => ({ values: row, file, line: placeOf(index)?.line })) };
}

async function readTable(text: string, file: string): Promise<RowsRead> {
  const allowed = 'CSV (RFC 4180) with the names of the columns on its first line';
  const refuse = (line: number, got: string, fix: string, ok = allowed): RowsRead => ({
    ok: false,
    problems: [{ file, line, path: '', got, allowed: ok, fix }],
  });
  const { readCsv } = await import('./csv.js');
  const read = readCsv(text);
  if (!read.ok) return refuse(read.line, read.got, read.fix);
  const [head, ...records] = read.records;
  if (!head || records.length === 0)
    return refuse(
      1,
      'no row of data',
      'add rows below the names of the columns: without rows nothing is checked',
    );
  if (records.length > maxRows)
    return refuse(head.line, `${records.length} rows`, 'split the file', `at most ${maxRows} rows`);
  const names = head.cells.map((cell) => cell.trim());
  for (const [index, name] of names.entries()) {
    if (!variableName.safeParse(name).success)
      return refuse(
        head.line,
        `the column ${JSON.stringify(name)}`,
        'rename it',
        'columns of letters, digits, _ and -',
      );
    if (names.indexOf(name) !== index)
      return refuse(head.line, `the column ${name} twice`, 'rename one of them');
  }
  const uneven = records.find(({ cells }) => cells.length !== names.length);
  if (uneven)
    return refuse(
      uneven.line,
      `${uneven.cells.length} cell${uneven.cells.length === 1 ? '' : 's'}`,
      'correct the commas and quotes',
      `${names.length} cells, as the first line has`,
    );
  const rows = records.map(({ line, cells }) => ({
    values: Object.fromEntries(names.map((name, index) => [name, cells[index]])),
    file,
    line,
  }));
  return { ok: true, rows };
}
