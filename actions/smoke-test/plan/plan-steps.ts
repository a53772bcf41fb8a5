import type { Source } from '../suite/loaded-suite.js';
import type { SuiteStep } from '../suite/schema/schema.js';
import type { PlannedStep } from './planned.js';

/** Steps with their places, as they run in one phase. */
export function planSteps(
  steps: readonly SuiteStep[] | undefined,
  phase: PlannedStep['phase'],
  source: Source,
  at: readonly PropertyKey[],
): PlannedStep[] {
  return (steps ?? []).map((step, index) => ({
    name: step.name,
    phase,
    step,
    file: source.file,
    lineOf: (path) => source.placeOf([...at, index, ...path])?.line,
    writtenAt: (path) => writtenAt(source, [...at, index], path),
  }));
}

/** An assertion takes a line, or a few: where it is one of a list, from the item that it belongs to. */
const mostLines = 6;

function writtenAt(
  { text, placeOf }: Source,
  at: readonly PropertyKey[],
  path: readonly PropertyKey[],
): string | undefined {
  const last = placeOf([...at, ...path])?.line;
  if (last === undefined || path[0] !== 'expect') return undefined;
  const item = path.findLastIndex((part) => typeof part === 'number');
  const begun = item < 0 ? last : (placeOf([...at, ...path.slice(0, item + 1)])?.line ?? last);
  const first = last - begun < mostLines ? begun : last;
  const lines = text.split('\n').slice(first - 1, last);
  // A step on one line says more than what it expects.
  const expected = placeOf([...at, 'expect']);
  if (expected?.line === first) lines[0] = lines[0]!.slice(expected.column - 1);
  return lines
    .map((line) => line.trim().replace(/^- /, ''))
    .join(' ')
    .trim();
}
