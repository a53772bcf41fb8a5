import { LineCounter, parseDocument, isMap, isNode, isScalar, type Document } from 'yaml';
import type * as z from 'zod';
import { explainIssues, type Explanation } from './issues.js';
import type { Problem } from './problem.js';

/** Where a value stands in its file, counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** A parsed file: its typed value and the place of any path in it, or every problem found. */
export type Parsed<T> =
  | { ok: true; value: T; placeOf(path: readonly PropertyKey[]): Place | undefined }
  | { ok: false; problems: Problem[] };

/** Aliases may repeat a node this often before the file is refused: more is an expansion attack, not a configuration. */
const maxAliases = 100;

/** Parses YAML or JSON text by a schema; all problems of the file come at once, each with its line. `file` is only a name for messages. */
export function parseConfig<S extends z.ZodType>(text: string, file: string, schema: S): Parsed<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    version: '1.2',
  });
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    return {
      ok: false,
      problems: syntax.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return {
          file,
          line,
          column: col,
          path: '',
          got: error.message,
          allowed: 'valid YAML 1.2 or JSON',
          fix: `correct line ${line}`,
        };
      }),
    };
  }
  let input: unknown;
  try {
    input = document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      problems: [
        {
          file,
          path: '',
          got,
          allowed: `at most ${maxAliases} expanded aliases`,
          fix: 'write the repeated part out',
        },
      ],
    };
  }
  const result = schema.safeParse(input);
  const placeOf = (path: readonly PropertyKey[], atKey = false) => findPlace(document, lines, path, atKey);
  if (result.success) return { ok: true, value: result.data, placeOf: (path) => placeOf(path) };
  return {
    ok: false,
    problems: explainIssues(result.error.issues, schema, input).map((e) => toProblem(e, file, placeOf)),
  };
}

function toProblem(
  { path, got, allowed, fix, didYouMean, atKey }: Explanation,
  file: string,
  placeOf: (path: readonly PropertyKey[], atKey: boolean) => Place | undefined,
): Problem {
  return {
    file,
    ...placeOf(path, atKey),
    path: path.map(String).join('.'),
    got,
    allowed,
    fix,
    ...(didYouMean ? { didYouMean } : {}),
  };
}

/** The place of the value at a path, or of the nearest parent that exists: a missing key is reported at its mapping. */
function findPlace(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
  atKey: boolean,
): Place | undefined {
  for (let length = path.length; length >= 0; length--) {
    const part = path.slice(0, length);
    const offset = atKey && length === path.length ? keyOffset(document, part) : nodeOffset(document, part);
    if (offset !== undefined) {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    }
  }
  return undefined;
}

function nodeOffset(document: Document, path: readonly PropertyKey[]): number | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isNode(node)) return undefined;
  return (isMap(node) && keyOffset(document, path)) || (node.range?.[0] ?? undefined);
}

function keyOffset(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const key = parent.items.find(
    (pair) => isScalar(pair.key) && String(pair.key.value) === String(path.at(-1)),
  )?.key;
  return isScalar(key) ? key.range?.[0] : undefined;
}
