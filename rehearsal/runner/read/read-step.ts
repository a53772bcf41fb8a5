import { positions, type Position } from './expression/positions.js';
import type { Step } from './workflow.js';
import type { WorkflowReader } from './workflow-reader.js';
import type { StepShape } from './workflow-shape.js';

/** Where a step stands: what its expressions may use, and whether `defaults` can give it a shell. */
interface StepPlace {
  /** Position in the job or action, from 0. */
  index: number;
  position: Position;
  conditionPosition: Position;
  shellPosition: Position;
  shellRequired: boolean;
}

export const workflowStep = {
  position: positions.step,
  conditionPosition: positions.stepIf,
  shellPosition: positions.stepShell,
  shellRequired: false,
};
export const compositeStep = {
  position: positions.compositeStep,
  conditionPosition: positions.compositeStepIf,
  shellPosition: positions.compositeStep,
  shellRequired: true,
};

/** GitHub docs, "Workflow syntax: jobs.<job_id>" and "steps[*].id". */
export const idPattern = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Notes ids of steps that are none, and those used twice. */
export function checkIds(
  reader: WorkflowReader,
  at: PropertyKey[],
  steps: readonly Pick<StepShape, 'id'>[],
): void {
  const ids = new Set<string>();
  steps.forEach(({ id }, index) => {
    if (id === undefined) return;
    const idAt = [...at, index, 'id'];
    if (ids.has(id.toLowerCase())) reader.problem(idAt, `'${id}' is used twice`);
    if (!idPattern.test(id)) {
      reader.problem(idAt, `'${id}' is not an id: start with a letter or _, then letters, digits, - and _`);
    }
    ids.add(id.toLowerCase());
  });
}

/** Reads one step and notes what is wrong with it. */
export function readStep(
  reader: WorkflowReader,
  at: PropertyKey[],
  shape: StepShape,
  { index, position, conditionPosition, shellPosition, shellRequired }: StepPlace,
): Step {
  const timeout = shape['timeout-minutes'];
  const base = {
    index,
    ...(shape.id !== undefined && { id: shape.id }),
    ...(shape.name !== undefined && { name: reader.template([...at, 'name'], shape.name, position) }),
    condition: reader.condition([...at, 'if'], shape.if, conditionPosition),
    env: reader.templates([...at, 'env'], shape.env, position),
    continueOnError: reader.template(
      [...at, 'continue-on-error'],
      shape['continue-on-error'] ?? 'false',
      position,
    ),
    ...(timeout !== undefined && {
      timeoutMinutes: reader.template([...at, 'timeout-minutes'], timeout, position),
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
      action: { uses: shape.uses, with: reader.templates([...at, 'with'], shape.with, position) },
    };
  }
  if (shellRequired && shape.shell === undefined) reader.problem(at, 'Required property is missing: shell');
  if (shape.with !== undefined) reader.problem([...at, 'with'], 'belongs to steps with `uses`');
  const directory = shape['working-directory'];
  return {
    ...base,
    action: {
      run: reader.template([...at, 'run'], shape.run ?? '', position),
      ...(shape.shell !== undefined && {
        shell: reader.template([...at, 'shell'], shape.shell, shellPosition),
      }),
      ...(directory !== undefined && {
        workingDirectory: reader.template([...at, 'working-directory'], directory, position),
      }),
    },
  };
}
