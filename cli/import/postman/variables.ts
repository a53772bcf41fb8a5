import type { Refuse } from '../draft.js';
import type { Collection, Environment } from './collection.js';

/** Values of a collection's variables, and the names of those whose values must not be written down. */
export interface Variables {
  values: Map<string, string>;
  secrets: Set<string>;
}

/** Variables of a collection, with those of an environment before them; values that refer to others are filled in. */
export function variablesOf(
  collection: Collection,
  environment: Environment | undefined,
  refuse: Refuse,
): Variables {
  const given = new Map<string, string>();
  const secrets = new Set<string>();
  for (const { key, value, type, disabled } of collection.variable ?? []) {
    if (!key || disabled) continue;
    given.set(key, textOf(value));
    if (type === 'secret') secrets.add(key);
  }
  for (const { key, value, type, enabled } of environment?.values ?? []) {
    if (enabled === false) continue;
    given.set(key, textOf(value));
    if (type === 'secret') secrets.add(key);
  }
  const values = new Map<string, string>();
  for (const name of given.keys())
    if (!secrets.has(name)) values.set(name, fill(name, given, secrets, refuse, []));
  return { values, secrets };
}

function textOf(value: unknown): string {
  return value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

function fill(
  name: string,
  given: ReadonlyMap<string, string>,
  secrets: ReadonlySet<string>,
  refuse: Refuse,
  above: readonly string[],
): string {
  return (given.get(name) ?? '').replace(/\{\{([^{}]*)\}\}/g, (whole, inner: string) => {
    const other = inner.trim();
    if (above.includes(other) || other === name || secrets.has(other) || !given.has(other)) {
      refuse(`the value of ${name}, which refers to ${whole}`, 'write the value out');
      return '';
    }
    return fill(other, given, secrets, refuse, [...above, name]);
  });
}
