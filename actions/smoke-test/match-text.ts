import { compilePattern, escapePattern, type Pattern } from '../../shared/probes/evaluators/pattern.js';
import { anyContains } from './contains-text.js';
import { fillText, UnresolvedError, type Lookup } from './interpolate.js';

export const textOperators = ['equals', 'contains', 'not-contains', 'matches'] as const;

export type TextOperator = (typeof textOperators)[number];

/** Whether texts are as expected; undefined is what could not be decided, `problem` says why where that is not plain to see. */
export interface TextVerdict {
  holds: boolean | undefined;
  expected: string;
  problem?: string;
}

/**
 * Compares the texts that something has, mostly one, with an operand whose references are filled in; values inside a pattern match literally. `equals` wants
 * one text, `contains` and `matches` one among them that does, `not-contains` none; where there is no text, nothing can be said.
 */
export function matchTexts(
  operator: TextOperator,
  source: string,
  texts: readonly string[],
  lookup: Lookup,
): TextVerdict {
  if (operator === 'matches') return matchPattern(source, texts, lookup);
  const operand = fillText(source, lookup);
  const quoted = JSON.stringify(operand);
  const [only] = texts;
  if (operator === 'equals')
    return { holds: texts.length === 1 ? only === operand : undefined, expected: quoted };
  if (operand === '')
    throw new UnresolvedError(`${operator} is empty once filled in, and everything contains nothing`);
  const contains = texts.length === 0 ? undefined : anyContains(texts, operand);
  if (operator === 'contains') return { holds: contains, expected: `text that contains ${quoted}` };
  return { holds: contains === undefined ? undefined : !contains, expected: `text without ${quoted}` };
}

function matchPattern(source: string, texts: readonly string[], lookup: Lookup): TextVerdict {
  const { pattern, compiled } = fillPattern(source, lookup);
  const expected = `text that matches /${pattern}/`;
  if (texts.length === 0) return { holds: undefined, expected };
  const matched = compiled.ok ? compiled.pattern.matchesAny(texts) : compiled;
  return matched.ok
    ? { holds: matched.value, expected }
    : { holds: undefined, expected, problem: `the regular expression gave no answer: ${matched.reason}` };
}

/** A pattern with its references filled in, or why there is none. */
export function fillPattern(
  source: string,
  lookup: Lookup,
): { pattern: string; compiled: { ok: true; pattern: Pattern } | { ok: false; reason: string } } {
  const pattern = fillText(source, lookup, escapePattern);
  return { pattern, compiled: compilePattern(pattern) };
}
