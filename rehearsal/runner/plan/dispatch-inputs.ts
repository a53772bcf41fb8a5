import { WorkflowError } from '../read/workflow-reader.js';
import type { DispatchInput } from '../read/workflow-shape.js';

export interface TypedInputs {
  /** The `inputs` context: booleans and numbers are real ones. */
  inputs: Record<string, string | number | boolean>;
  /** `github.event.inputs`: all text. */
  raw: Record<string, string>;
}

function typed(
  name: string,
  input: DispatchInput,
  value: string,
  problems: string[],
): string | number | boolean {
  const refuse = (allowed: string) => {
    problems.push(`input '${name}' is '${value}', allowed: ${allowed}`);
    return value;
  };
  if (input.type === 'boolean') {
    return value === 'true' || value === 'false' ? value === 'true' : refuse('true, false');
  }
  if (input.type === 'number')
    return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : refuse('a number');
  if (input.type === 'choice' && !(input.options ?? []).includes(value))
    return refuse((input.options ?? []).join(', '));
  return value;
}

/** Without a default, what the form of a dispatch starts with. */
function initial(input: DispatchInput): string {
  if (input.default !== undefined) return input.default;
  return { string: '', environment: '', boolean: 'false', number: '0', choice: input.options?.[0] ?? '' }[
    input.type
  ];
}

/**
 * Applies declared types and defaults to the inputs of a dispatch; throws a {@link WorkflowError} listing all bad ones.
 */
export function typeInputs(
  declared: Record<string, DispatchInput>,
  given: Record<string, string>,
): TypedInputs {
  const problems = Object.keys(given)
    .filter((name) => declared[name] === undefined)
    .map(
      (name) => `input '${name}' is not declared; declared are ${Object.keys(declared).join(', ') || 'none'}`,
    );
  const answer: TypedInputs = { inputs: {}, raw: {} };
  for (const [name, input] of Object.entries(declared)) {
    const value = given[name] ?? '';
    if (input.required === true && value === '' && input.default === undefined) {
      problems.push(`input '${name}' is required and was not given`);
      continue;
    }
    answer.raw[name] = given[name] ?? initial(input);
    answer.inputs[name] = typed(name, input, answer.raw[name], problems);
  }
  if (problems.length > 0) throw new WorkflowError(problems);
  return answer;
}
