import type * as z from 'zod';
import { suggest } from '../text/suggest.js';

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
  const atKey = issue.code === 'invalid_key';
  const value = atKey ? String(path.at(-1)) : valueAt(input, path);
  const name = nameOf(path);
  const missing = value === undefined || (value === null && path.length === 0);
  const got = missing ? 'nothing' : atKey ? `the key ${show(value)}` : show(value);
  const allowed = allowedBy(issue);
  const params = issue.code === 'custom' ? issue.params : undefined;
  const options = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const didYouMean = typeof value === 'string' ? suggest(value, options) : undefined;
  const fix =
    typeof params?.['fix'] === 'string'
      ? params['fix']
      : missing
        ? path.length === 0
          ? `write ${allowed}`
          : `add "${name}": ${allowed}`
        : atKey
          ? `rename "${name}" to ${allowed}`
          : didYouMean
            ? `write ${name}: ${didYouMean}`
            : `write for "${name}" ${allowed}`;
  return [{ path, got, allowed, fix, ...(didYouMean ? { didYouMean } : {}), atKey }];
}

/** The last key of a path; an entry of a list is named with its list. */
function nameOf(path: readonly PropertyKey[]): string {
  const key = path.findLastIndex((part) => typeof part !== 'number');
  return path.length === 0 ? 'the document' : path.slice(Math.max(0, key)).map(String).join('.');
}

function allowedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'invalid_type':
      return issue.message.startsWith('Invalid input') ? article(issue.expected) : issue.message;
    case 'too_small':
      return issue.message.startsWith('Too small')
        ? `${sized(issue.origin)} ${issue.inclusive === false ? '>' : '>='} ${issue.minimum}`
        : issue.message;
    case 'too_big':
      return issue.message.startsWith('Too big')
        ? `${sized(issue.origin)} ${issue.inclusive === false ? '<' : '<='} ${issue.maximum}`
        : issue.message;
    case 'invalid_key':
      return issue.issues[0] ? allowedBy(issue.issues[0] as Issue) : issue.message;
    case 'invalid_union':
      if ('discriminator' in issue && 'options' in issue && Array.isArray(issue.options))
        return `one of ${issue.options.map(String).join(', ')}`;
      return issue.message === 'Invalid input'
        ? [...new Set(issue.errors.flatMap(([first]) => (first ? [allowedBy(first)] : [])))].join(' or ')
        : issue.message;
    default:
      return issue.message;
  }
}

function sized(origin: string): string {
  const words: Record<string, string> = { string: 'text of length', array: 'a list of length' };
  return words[origin] ?? 'a number';
}

function article(type: string): string {
  const words: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    tuple: 'a list',
    int: 'a whole number',
    string: 'text',
    record: 'a mapping',
  };
  return words[type] ?? (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
}

function show(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  if (text.length <= 120) return text;
  // Cut between words: the beginning of a secret that was cut in two would be known to nobody who masks it.
  const [words = ''] = /^[^]*(?:\s|\\[nrt])/.exec(text.slice(0, 117)) ?? [];
  return words === '' ? `a value of ${text.length} characters` : `${words.trimEnd()}...`;
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
  out?: Schema;
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
    const child =
      definition.shape?.[String(head)] ??
      definition.items?.[Number(head)] ??
      definition.element ??
      definition.valueType;
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
  // z.preprocess is a pipe whose first half is a mere function.
  const pipe = definition.in?._zod.def.type === 'transform' ? definition.out : definition.in;
  const inner =
    definition.innerType ?? (definition.type === 'lazy' ? definition.getter?.() : undefined) ?? pipe;
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
