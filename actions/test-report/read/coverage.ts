import * as z from 'zod';
import { parseXml, type Element } from './xml.js';

/** Lines that can run, those that did, and the files that the report names. */
export interface Lines {
  lines: number;
  covered: number;
  files: string[];
  /** Folders that Cobertura's files may be told from. */
  folders?: string[];
}

/** Files of a report that are looked for, at most. */
const mostFiles = 200;
const some = (files: readonly string[]): string[] => [...new Set(files)].slice(0, mostFiles);

/** Reads Cobertura (coverage.py, Istanbul), Istanbul's JSON summary or lcov; a text says why it cannot be read. */
export function readCoverage(source: string): Lines | string {
  const start = source.trimStart();
  const read = start.startsWith('<')
    ? cobertura(start)
    : start.startsWith('{')
      ? summary(start)
      : lcov(start);
  if (typeof read === 'string') return read;
  const { lines, covered } = read;
  if (!Number.isInteger(lines) || !Number.isInteger(covered) || covered < 0 || covered > lines)
    return `it says ${covered} of ${lines} lines`;
  return lines === 0 ? 'it knows no line of code' : read;
}

function cobertura(source: string): Lines | string {
  const root = parseXml(source);
  if (typeof root === 'string') return `it is no XML: ${root}`;
  const { 'lines-valid': lines, 'lines-covered': covered } = root.attributes;
  if (root.name !== 'coverage' || !lines || !covered)
    return 'it has no <coverage lines-valid="…" lines-covered="…">';
  const named = elementsOf(root, 'class').flatMap(({ attributes }) => attributes['filename'] ?? []);
  const folders = elementsOf(root, 'source').map(({ text }) => text.trim());
  return { lines: Number(lines), covered: Number(covered), files: some(named), folders: some(folders) };
}

const elementsOf = (root: Element, name: string): Element[] =>
  root.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsOf(child, name)]);

const summarySchema = z.object({
  total: z.object({ lines: z.object({ total: z.number(), covered: z.number() }) }),
});

function summary(source: string): Lines | string {
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch {
    return 'it is no JSON';
  }
  const parsed = summarySchema.safeParse(json);
  if (!parsed.success) return 'it has no total.lines: let the tests write the reporter json-summary';
  const { total: lines, covered } = parsed.data.total.lines;
  const files = Object.keys(json as object).filter((key) => key !== 'total');
  return { lines, covered, files: some(files) };
}

/** `LF` and `LH` of each file; a report that was cut has no `end_of_record` for its last one. */
function lcov(source: string): Lines | string {
  const all = source.split(/\r?\n/);
  const sum = (key: string) =>
    all
      .filter((line) => line.startsWith(`${key}:`))
      .reduce((total, line) => total + Number(line.slice(key.length + 1)), 0);
  const files = all.filter((line) => line.startsWith('SF:')).map((line) => line.slice(3).trim());
  if (files.length === 0) return 'it is neither Cobertura, nor a summary of Istanbul, nor lcov';
  if (all.filter((line) => line.startsWith('end_of_record')).length !== files.length) return 'it was cut';
  return { lines: sum('LF'), covered: sum('LH'), files: some(files) };
}
