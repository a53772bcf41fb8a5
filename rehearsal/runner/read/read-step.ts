import { positions } from './expression/positions.js';
import type { Step } from './workflow.js';
import type { WorkflowReader } from './workflow-reader.js';
import type { StepShape } from './workflow-shape.js';

/** Reads one step and notes what is wrong with it. */
export function readStep(reader: WorkflowReader, at: PropertyKey[], shape: StepShape, index: number): Step {
  const timeout = shape['timeout-minutes'];
  const base = {
    index,
    ...(shape.id !== undefined && { id: shape.id }),
    ...(shape.name !== undefined && { name: reader.template([...at, 'name'], shape.name, positions.step) }),
    condition: reader.condition([...at, 'if'], shape.if, positions.stepIf),
    env: reader.templates([...at, 'env'], shape.env, positions.step),
    continueOnError: reader.template(
      [...at, 'continue-on-error'],
      shape['continue-on-error'] ?? 'false',
      positions.step,
    ),
    ...(timeout !== undefined && {
      timeoutMinutes: reader.template([...at, 'timeout-minutes'], timeout, positions.step),
    }),
    line: reader.line(at),
  };
  if ((shape.uses === undefined) === (shape.run === undefined)) {
    reader.problem(at, 'a step has either `uses` or `run`');
  }
  if (shape.uses !== undefined) {
    for (const key of ['shell', 'working-directory'] as const) {
      if (shape[key] !== undefined) reader.problem([...at, key], 'belongs to steps with `run`');
    }
    return {
      ...base,
      action: { uses: shape.uses, with: reader.templates([...at, 'with'], shape.with, positions.step) },
    };
  }
  if (shape.with !== undefined) reader.problem([...at, 'with'], 'belongs to steps with `uses`');
  const directory = shape['working-directory'];
  return {
    ...base,
    action: {
      run: reader.template([...at, 'run'], shape.run ?? '', positions.step),
      ...(shape.shell !== undefined && { shell: shape.shell }),
      ...(directory !== undefined && {
        workingDirectory: reader.template([...at, 'working-directory'], directory, positions.step),
      }),
    },
  };
}
