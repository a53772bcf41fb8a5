import type * as z from 'zod';
import { suggest } from './suggest.js';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** A zod issue turned into words, still without a place in a file. */
export interface Explanation {
  path: PropertyKey[];
  got: string;
  allowed: string;
  fix: string;
  didYouMean?: string;
  /** The key itself is wrong, so the place is the key and not its value. */
  atKey: boolean;
}

/** Explains every issue of a failed parse; an unknown key becomes one explanation each, with a suggestion from the schema. */
export function explainIssues(issues: readonly Issue[], schema: Schema, input: unknown): Explanation[] {
  return issues.flatMap((issue) => explain(issue, schema, input));
}

function explain(issue: Issue, schema: Schema, input: unknown): Explanation[] {
  const path = [...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path, input);
    return issue.keys.map((key) => {
      const didYouMean = suggest(key, known);
      return {
        path: [...path, key],
        got: `unknown key "${key}"`,
        allowed: known.length > 0 ? known.join(', ') : 'no keys here',
        fix: didYouMean ? `rename "${key}" to "${didYouMean}"` : `remove "${key}"`,
        ...(didYouMean ? { didYouMean } : {}),
        atKey: true,
      };
    });
  }
  const value = valueAt(input, path);
  const name = String(path.at(-1) ?? 'the document');
  const missing = value === undefined;
  const got = missing ? 'nothing' : show(value);
  const allowed = allowedBy(issue);
  const params = issue.code === 'custom' ? issue.params : undefined;
  const options = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const didYouMean = typeof value === 'string' ? suggest(value, options) : undefined;
  const fix =
    typeof params?.['fix'] === 'string'
      ? params['fix']
      : missing
        ? `add "${name}": ${allowed}`
        : didYouMean
          ? `write ${name}: ${didYouMean}`
          : `write for "${name}" ${allowed}`;
  return [{ path, got, allowed, fix, ...(didYouMean ? { didYouMean } : {}), atKey: false }];
}

function allowedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'invalid_type':
      return issue.message.startsWith('Invalid input') ? article(issue.expected) : issue.message;
    case 'too_small':
      return issue.message.startsWith('Too small')
        ? `${issue.origin === 'string' ? 'text of length' : issue.origin === 'array' ? 'a list of' : 'a number'} ${issue.inclusive === false ? '>' : '>='} ${issue.minimum}`
        : issue.message;
    case 'too_big':
      return issue.message.startsWith('Too big') ? `at most ${issue.maximum}` : issue.message;
    case 'invalid_union':
      return 'discriminator' in issue && 'options' in issue && Array.isArray(issue.options)
        ? `${String(issue.discriminator)}: one of ${issue.options.map(String).join(', ')}`
        : issue.message;
    default:
      return issue.message;
  }
}

function article(type: string): string {
  const words: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    int: 'a whole number',
    string: 'text',
    record: 'a mapping',
  };
  return words[type] ?? (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

interface Definition {
  type: string;
  shape?: Record<string, Schema>;
  element?: Schema;
  innerType?: Schema;
  in?: Schema;
  valueType?: Schema;
  options?: Schema[];
  getter?: () => Schema;
  items?: Schema[];
}

function keysAt(schema: Schema, path: readonly PropertyKey[], input: unknown): string[] {
  const [head, ...rest] = path;
  const objects = objectsOf(schema, input);
  if (head === undefined)
    return [...new Set(objects.flatMap((definition) => Object.keys(definition.shape ?? {})))];
  const next = (input as Record<PropertyKey, unknown> | undefined)?.[head];
  return objects.flatMap((definition) => {
    const child = definition.shape?.[String(head)] ?? definition.element ?? definition.valueType;
    return child ? keysAt(child, rest, next) : [];
  });
}

/** The object, array and record definitions a schema can stand for, unions narrowed by a matching literal where there is one. */
function objectsOf(schema: Schema, input: unknown): Definition[] {
  const definition = schema._zod.def as unknown as Definition;
  if (definition.options) {
    const matching = definition.options.filter((option) => literalsMatch(option, input));
    return (matching.length > 0 ? matching : definition.options).flatMap((option) =>
      objectsOf(option, input),
    );
  }
  const inner =
    definition.innerType ?? (definition.type === 'lazy' ? definition.getter?.() : undefined) ?? definition.in;
  return inner ? objectsOf(inner, input) : [definition];
}

function literalsMatch(option: Schema, input: unknown): boolean {
  const shape = objectsOf(option, input)[0]?.shape ?? {};
  const literals = Object.entries(shape).filter(
    ([, field]) => (field._zod.def as unknown as Definition).type === 'literal',
  );
  return (
    literals.length > 0 &&
    literals.every(([key, field]) =>
      field._zod.values?.has((input as Record<string, never> | undefined)?.[key] as never),
    )
  );
}
