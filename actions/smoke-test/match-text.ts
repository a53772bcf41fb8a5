import { compilePattern, escapePattern, type PatternMatch } from '../../shared/probes/evaluators/pattern.js';
import { fillText, UnresolvedError, type Lookup } from './interpolate.js';

export type TextOperator = 'equals' | 'contains' | 'not-contains' | 'matches';

/** Whether text is as expected; `problem` says why that could not be decided, and is never a pass. */
export interface TextVerdict {
  holds: boolean;
  expected: string;
  problem?: string;
}

/** Compares text with an operand whose references are filled in; values inside a pattern match literally. */
export function matchText(operator: TextOperator, source: string, text: string, lookup: Lookup): TextVerdict {
  if (operator === 'matches') return matchPattern(source, text, lookup);
  const operand = fillText(source, lookup);
  const expected = JSON.stringify(operand);
  if (operator === 'equals') return { holds: text === operand, expected };
  if (operand === '')
    throw new UnresolvedError(`${operator} is empty once filled in, and everything contains nothing`);
  const contains = text.includes(operand);
  if (operator === 'contains') return { holds: contains, expected: `text that contains ${expected}` };
  return { holds: !contains, expected: `text without ${expected}` };
}

function matchPattern(source: string, text: string, lookup: Lookup): TextVerdict {
  const { pattern, match } = findPattern(source, text, lookup);
  const expected = `text that matches /${pattern}/`;
  if (!match.ok)
    return { holds: false, expected, problem: `the regular expression gave no answer: ${match.reason}` };
  return { holds: match.value !== undefined, expected };
}

/** The first match of a pattern with references in it, or why there is no answer. */
export function findPattern(
  source: string,
  text: string,
  lookup: Lookup,
): { pattern: string; match: { ok: true; value: PatternMatch | undefined } | { ok: false; reason: string } } {
  const pattern = fillText(source, lookup, escapePattern);
  const compiled = compilePattern(pattern);
  return { pattern, match: compiled.ok ? compiled.pattern.find(text) : compiled };
}
