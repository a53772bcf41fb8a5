import type { Refuse } from '../draft.js';
import { isSecretValue } from '../secrets.js';
import type { Collection, Environment } from './collection.js';

/**
 * Values of a collection's variables, and the names of those whose values must not be written down: what Postman keeps
 * secret, and what sounds so.
 */
export interface Variables {
  values: Map<string, string>;
  secrets: Set<string>;
  /** Names of those that are no texts, which only scripts notice. */
  typed: Set<string>;
}

/**
 * Variables of a collection, with those of an environment before them; values that refer to others are filled in.
 * `kept` are the names that scripts set.
 */
export function variablesOf(
  collection: Collection,
  environment: Environment | undefined,
  kept: ReadonlySet<string>,
  refuse: Refuse,
): Variables {
  const given = new Map<string, string>();
  const secrets = new Set<string>();
  const typed = new Set<string>();
  const give = (key: string, value: unknown) => {
    given.set(key, textOf(value));
    if (typeof value === 'string') typed.delete(key);
    else typed.add(key);
  };
  for (const { key, value, type, disabled } of collection.variable ?? []) {
    if (!key || disabled) continue;
    give(key, value);
    if (type === 'secret') secrets.add(key);
  }
  for (const { key, value, type, enabled } of environment?.values ?? []) {
    if (enabled === false) continue;
    give(key, value);
    if (type === 'secret') secrets.add(key);
  }
  for (const [name, value] of given) if (isSecretValue(name, value)) secrets.add(name);
  // What has a secret in it is one too, as a whole.
  for (let count = -1; count < secrets.size;) {
    count = secrets.size;
    for (const [name, value] of given)
      if (referredIn(value).some((other) => secrets.has(other) && !kept.has(other))) secrets.add(name);
  }
  const values = new Map<string, string>();
  for (const name of given.keys())
    if (!secrets.has(name) && !kept.has(name)) values.set(name, fill(name, given, kept, refuse, []));
  for (const name of kept) typed.delete(name);
  return { values, secrets, typed };
}

function referredIn(value: string): string[] {
  return [...value.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, inner]) => inner!.trim());
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
  kept: ReadonlySet<string>,
  refuse: Refuse,
  above: readonly string[],
): string {
  return (given.get(name) ?? '').replace(/\{\{([^{}]*)\}\}/g, (whole, inner: string) => {
    const other = inner.trim();
    if (kept.has(other)) {
      refuse(`the value of ${name}, which refers to ${whole}`, `write ${whole} where ${name} is used`);
      return '';
    }
    if (above.includes(other) || other === name || !given.has(other)) {
      refuse(`the value of ${name}, which refers to ${whole}`, 'write the value out');
      return '';
    }
    return fill(other, given, kept, refuse, [...above, name]);
  });
}
