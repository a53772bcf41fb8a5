import type * as z from 'zod';

/** What a check means in JSON Schema, in keywords for a value of the same type. */
export type JsonForm = Readonly<Record<string, unknown>>;

type FormOf = (keys: readonly string[], required: readonly string[]) => readonly JsonForm[];

const forms = new WeakMap<object, FormOf>();

/**
 * Gives a function for `.check` or `.refine` its form in the published JSON Schema, so that editors find the same
 * fault; `keys` are all keys of the mapping, `required` those that it must have.
 */
export function withJsonForm<Check extends object>(check: Check, form: FormOf): Check {
  forms.set(check, form);
  return check;
}

/** The forms of the checks of one schema; checks without a form are found by the action only. */
export function jsonFormsOf(schema: z.core.$ZodType): JsonForm[] {
  const { checks = [], shape = {} } = schema._zod.def as Partial<z.core.$ZodObjectDef>;
  const required = Object.keys(shape).filter((key) => shape[key]!._zod.optin !== 'optional');
  return checks.flatMap((check) => {
    const { fn } = check._zod.def as { fn?: object };
    const form = forms.get(check._zod.check) ?? (fn && forms.get(fn));
    return form?.(Object.keys(shape), required) ?? [];
  });
}

/** A mapping that has a key; `properties` names it because ajv's strict mode asks for it. */
export const hasKey = (key: string): JsonForm => ({ properties: { [key]: true }, required: [key] });

/** A mapping that has at least one of these keys; `all` are the keys it may have, `required` those it must have. */
export function hasSomeOf(
  keys: readonly string[],
  all?: readonly string[],
  required: readonly string[] = [],
): JsonForm {
  const others = all?.filter((key) => !keys.includes(key));
  // Where there is nothing else to have, the number of keys says it, and editors load far less.
  return others?.every((key) => required.includes(key))
    ? { minProperties: others.length + 1 }
    : { anyOf: keys.map(hasKey) };
}

/**
 * A mapping without two of these keys: the first one forbids the later ones, so that a message names the key to remove.
 */
export const hasNoTwoOf = (keys: readonly string[]): JsonForm[] =>
  keys.slice(0, -1).map((key, index) => ({
    if: hasKey(key),
    then: { properties: Object.fromEntries(keys.slice(index + 1).map((other) => [other, false])) },
  }));

/**
 * A mapping with exactly the keys of one of these forms, among the keys that any of them has. A key with a question
 * mark behind it, such as `soak?`, may be left out.
 */
export function hasOneFormOf(formsOfKeys: readonly (readonly string[])[]): JsonForm {
  const bare = (key: string) => key.replace(/\?$/, '');
  const all = [...new Set(formsOfKeys.flat().map(bare))];
  return {
    anyOf: formsOfKeys.map((keys) => ({
      properties: Object.fromEntries(all.map((key) => [key, keys.map(bare).includes(key)])),
      required: keys.filter((key) => !key.endsWith('?')),
    })),
  };
}

/** In the metadata of a union: that nobody writes it by hand, so that plain alternatives do in its published schema. */
export const asOneOf = 'asOneOf';
