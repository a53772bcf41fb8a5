import { Composer, type CST, type Document, type YAMLError } from 'yaml';
import type * as z from 'zod';
import { explainIssues } from './issues.js';
import { placesOf, type Place } from './lines.js';
import { offsetAt } from './place.js';
import type { Problem } from './problem.js';
import { findFaults, readTokens, type StructureFault } from './structure.js';

export type { Place } from './lines.js';

/** A file whose value fits its schema, and the place of any path in it. */
export interface Accepted<T> {
  ok: true;
  value: T;
  placeOf(path: readonly PropertyKey[]): Place | undefined;
}

/** A parsed file: its typed value and the place of any path in it, or every problem found. */
export type Parsed<T> = Accepted<T> | { ok: false; problems: Problem[] };

/**
 * Aliases may repeat a node this often before the file is refused: more is an expansion attack, not a configuration.
 */
const maxAliases = 100;

/**
 * Parses YAML or JSON text by a schema; all problems of the file come at once, each with its line. `file` is only a
 * name for messages.
 */
export function parseConfig<S extends z.ZodType>(text: string, file: string, schema: S): Parsed<z.output<S>> {
  const placeAt = placesOf(text);
  const refuse = (faults: readonly StructureFault[]): { ok: false; problems: Problem[] } => ({
    ok: false,
    problems: faults.map(({ offset, got, allowed, fix }) => {
      const place = placeAt(offset);
      return { file, ...place, path: '', got, allowed, fix: fix || `correct line ${place.line}` };
    }),
  });

  const lexed = readTokens(text);
  if (!lexed.ok) return refuse([lexed.fault]);
  const read = readDocument(lexed.tokens, text);
  if (!read.ok) return refuse(read.faults);
  const { document, input } = read;

  const result = schema.safeParse(input);
  const placeOf = (path: readonly PropertyKey[], atKey = false) => placeAt(offsetAt(document, path, atKey));
  if (result.success) return { ok: true, value: result.data, placeOf: (path) => placeOf(path) };
  return {
    ok: false,
    problems: explainIssues(result.error.issues, schema, input).map(
      ({ path, got, allowed, fix, didYouMean, atKey }) => ({
        file,
        ...placeOf(path, atKey),
        path: path.map(String).join('.'),
        got,
        allowed,
        fix,
        ...(didYouMean ? { didYouMean } : {}),
      }),
    ),
  };
}

type Read = { ok: true; document: Document; input: unknown } | { ok: false; faults: StructureFault[] };

/** Tokens of a text as plain values, if they are one well-formed document. */
function readDocument(tokens: readonly CST.Token[], text: string): Read {
  const composer = new Composer({
    prettyErrors: false,
    // Keys are compared as the text they become, see findFaults.
    uniqueKeys: false,
    version: '1.2',
  });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (!document) throw new Error('YAML gave no document, not even an empty one');
  const syntax = syntaxFaults([...document.errors, ...document.warnings], text);
  if (second) syntax.push(secondDocument(second.range[0]));
  if (syntax.length > 0) return { ok: false, faults: syntax };
  const faults = findFaults(document);
  if (faults.length > 0) return { ok: false, faults };
  try {
    return { ok: true, document, input: document.toJS({ maxAliasCount: maxAliases }) };
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    const allowed = `at most ${maxAliases} expanded aliases`;
    return { ok: false, faults: [{ offset: 0, got, allowed, fix: 'write the repeated part out' }] };
  }
}

/**
 * Faults of the syntax. A tab in the indentation makes the parser find more, all of which go with the tab; and what it
 * finds behind the first fault of a line follows from that.
 */
function syntaxFaults(found: readonly YAMLError[], text: string): StructureFault[] {
  const tabs = found.filter(({ code }) => code === 'TAB_AS_INDENT');
  if (tabs.length > 0) {
    return tabs.map(({ pos: [offset] }) => ({
      offset,
      got: 'a tab in the indentation',
      allowed: 'spaces',
      fix: 'replace the tab by spaces',
    }));
  }
  const firsts = new Map<number, YAMLError>();
  for (const fault of [...found].sort((a, b) => a.pos[0] - b.pos[0])) {
    const line = text.slice(0, fault.pos[0]).split('\n').length;
    if (!firsts.has(line)) firsts.set(line, fault);
  }
  const allowed = 'valid YAML 1.2 or JSON';
  return [...firsts.values()].map(({ pos: [offset], message }) =>
    text.startsWith('{{', offset)
      ? { offset, got: '{{ without quotes', allowed, fix: "put the whole text in quotes, as '/x/{{ id }}'" }
      : { offset, got: message, allowed, fix: '' },
  );
}

function secondDocument(offset: number): StructureFault {
  return {
    offset,
    got: 'a second document after ---',
    allowed: 'one document',
    fix: 'put it in a file of its own',
  };
}
