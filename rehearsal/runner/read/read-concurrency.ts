import type { Position } from './expression/positions.js';
import type { Concurrency } from './workflow.js';
import type { WorkflowReader } from './workflow-reader.js';
import type { ConcurrencyShape } from './workflow-shape.js';

/** Reads `concurrency` of a workflow or a job. */
export function readConcurrency(
  reader: WorkflowReader,
  at: PropertyKey[],
  shape: ConcurrencyShape,
  position: Position,
): Concurrency {
  const cancel = shape['cancel-in-progress'] ?? 'false';
  if (shape.queue === 'max' && cancel === 'true') {
    reader.problem(at, 'queue: max and cancel-in-progress: true cannot be combined; remove one of them');
  }
  return {
    group: reader.template(at, shape.group, position),
    cancelInProgress: reader.template(at, cancel, position),
    queue: shape.queue ?? 'single',
  };
}
