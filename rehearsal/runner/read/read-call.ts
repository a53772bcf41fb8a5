import { callTriggerShape } from './call-shape.js';
import { positions, type Position } from './expression/positions.js';
import type { BaseJob, CallJob, CallTrigger, CallValue } from './workflow.js';
import type { WorkflowReader } from './workflow-reader.js';
import type { CallJobShape } from './workflow-shape.js';

function readValue(
  reader: WorkflowReader,
  at: PropertyKey[],
  value: string | number | boolean,
  position: Position,
): CallValue {
  const expression = typeof value === 'string' && value.includes('${{');
  return { value: expression ? reader.template(at, value, position) : value, line: reader.line(at) };
}

const mapped = <From, To>(values: Record<string, From>, map: (value: From, name: string) => To) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));

/** Reads a job that calls a workflow; what is called is looked up later. */
export function readCall(reader: WorkflowReader, base: BaseJob, shape: CallJobShape): CallJob {
  const at: PropertyKey[] = ['jobs', base.key];
  const { secrets = {} } = shape;
  return {
    ...base,
    uses: shape.uses,
    usesLine: reader.line([...at, 'uses']),
    with: mapped(shape.with ?? {}, (value, name) =>
      readValue(reader, [...at, 'with', name], value, positions.callInput),
    ),
    secrets:
      secrets === 'inherit'
        ? 'inherit'
        : mapped(secrets, (source, name) => ({
            value: reader.template([...at, 'secrets', name], source, positions.callSecret),
            line: reader.line([...at, 'secrets', name]),
          })),
  };
}

/** Reads `on.workflow_call`. */
export function readCallTrigger(reader: WorkflowReader, trigger: unknown): CallTrigger {
  const at: PropertyKey[] = ['on', 'workflow_call'];
  const read = callTriggerShape.safeParse(trigger);
  read.error?.issues.forEach((issue) => reader.issue({ ...issue, path: [...at, ...issue.path] }));
  const { inputs, secrets, outputs } = read.data ?? { inputs: {}, secrets: {}, outputs: {} };
  return {
    inputs: mapped(inputs, ({ type, required = false, default: initial }, name) => {
      if (initial === undefined) return { type, required };
      const place = [...at, 'inputs', name, 'default'];
      const value = readValue(reader, place, initial, positions.callInputDefault);
      if (type !== 'string' && typeof value.value !== 'object' && typeof value.value !== type)
        reader.problem(place, `'${initial}' is not a ${type}: write a ${type} without quotes`);
      return { type, required, default: value };
    }),
    secrets: mapped(secrets, (secret) => ({ required: secret?.required ?? false })),
    outputs: mapped(outputs, ({ value }, name) =>
      reader.template([...at, 'outputs', name, 'value'], value, positions.callOutput),
    ),
  };
}
