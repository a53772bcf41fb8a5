import { evaluateScalar, type Scope, type Template } from '../read/expression/expressions.js';
import type { CallJob, CallTrigger, CallValue } from '../read/workflow.js';

type InputType = CallTrigger['inputs'][string]['type'];
export type InputValue = string | number | boolean;

/** A problem of a call and the line of the calling file it is on. */
export interface CallProblem {
  line: number;
  message: string;
}

const capital = (type: string) => type.charAt(0).toUpperCase() + type.slice(1);
const isTemplate = (value: CallValue['value']): value is Template => typeof value === 'object';

/** The value as the declared type wants it: a text takes every scalar, the others only their own kind. */
function fitting(type: InputType, value: InputValue | null): InputValue {
  if (type === 'string') return value === null ? '' : String(value);
  if (typeof value === type) return value as InputValue;
  const shown = value === null ? '' : String(value);
  throw new Error(
    `Unexpected type of value '${shown}', expected type: ${capital(type)}. ` +
      `Fix: write a ${type} without quotes, or fromJSON(…) around an expression that gives a text.`,
  );
}

const fallback: Record<InputType, InputValue> = { string: '', boolean: false, number: 0 };

/** Inputs are named without case, as everything in an expression is. */
const find = <Value>(values: Record<string, Value>, name: string): Value | undefined =>
  Object.entries(values).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];

/**
 * What is wrong with `with` and `secrets` of a call before anything runs. `inherited` are the names of the secrets that
 * the calling workflow has itself: what it inherits from them has to be there too.
 */
export function checkParameters(
  job: CallJob,
  trigger: CallTrigger,
  inherited: readonly string[],
): CallProblem[] {
  const problems: CallProblem[] = [];
  for (const [name, { type, required }] of Object.entries(trigger.inputs)) {
    const given = find(job.with, name);
    if (given === undefined) {
      if (required) problems.push(missing('Input', name, job));
      continue;
    }
    if (isTemplate(given.value)) continue;
    try {
      fitting(type, given.value);
    } catch (error) {
      problems.push({ line: given.line, message: `with.${name}: ${(error as Error).message}` });
    }
  }
  problems.push(...undefinedOnes('input', job.with, trigger.inputs));
  const passed = passedSecrets(job, inherited);
  for (const [name, { required }] of Object.entries(trigger.secrets)) {
    if (required && !passed.includes(name.toLowerCase())) problems.push(missing('Secret', name, job));
  }
  if (job.secrets === 'inherit') return problems;
  return [...problems, ...undefinedOnes('secret', job.secrets, trigger.secrets)];
}

/** Names, in lower case, of the secrets that a called workflow gets. */
export const passedSecrets = ({ secrets }: CallJob, inherited: readonly string[]): readonly string[] =>
  secrets === 'inherit' ? inherited : Object.keys(secrets).map((name) => name.toLowerCase());

const missing = (kind: 'Input' | 'Secret', name: string, job: CallJob): CallProblem => ({
  line: job.usesLine,
  message: `${kind} ${name} is required, but not provided while calling.`,
});

function undefinedOnes(
  kind: 'input' | 'secret',
  given: Record<string, { line: number }>,
  declared: Record<string, unknown>,
): CallProblem[] {
  return Object.entries(given)
    .filter(([name]) => find(declared, name) === undefined)
    .map(([name, { line }]) => ({
      line,
      message: `Invalid ${kind}, ${name} is not defined in the referenced workflow.`,
    }));
}

/**
 * The `inputs` context of a called workflow: what the caller gives, else the default. Throws for a value of another
 * type than declared, such as the output of a job, which is always a text, for a boolean.
 */
export function callInputs(
  job: CallJob,
  trigger: CallTrigger,
  caller: Scope,
  defaults: Scope,
): Record<string, InputValue> {
  const read = ({ value }: CallValue, scope: Scope) =>
    isTemplate(value) ? evaluateScalar(value, scope) : value;
  return Object.fromEntries(
    Object.entries(trigger.inputs).map(([name, { type, default: initial }]) => {
      const given = find(job.with, name);
      try {
        if (given !== undefined) return [name, fitting(type, read(given, caller))];
        return [name, initial === undefined ? fallback[type] : fitting(type, read(initial, defaults))];
      } catch (error) {
        throw new Error(`with.${name}: ${(error as Error).message}`);
      }
    }),
  );
}
