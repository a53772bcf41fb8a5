import type { Source } from '../suite/loaded-suite.js';
import type { SuiteStep } from '../suite/schema/schema.js';
import type { PlannedStep } from './planned.js';

/** Steps with their places, as they run in one phase. */
export function planSteps(
  steps: readonly SuiteStep[] | undefined,
  phase: PlannedStep['phase'],
  { file, placeOf }: Source,
  at: readonly PropertyKey[],
): PlannedStep[] {
  return (steps ?? []).map((step, index) => ({
    name: step.name,
    phase,
    step,
    file,
    lineOf: (path) => placeOf([...at, index, ...path])?.line,
  }));
}
