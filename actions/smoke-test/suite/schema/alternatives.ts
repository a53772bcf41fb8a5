import type * as z from 'zod';
import { hasNoTwoOf, hasSomeOf, withJsonForm } from '../../../../shared/schema/json-form.js';

type Check<T> = (ctx: z.core.ParsePayload<T>) => void;

/** A check that exactly one of these keys stands in a mapping. */
export function exactlyOne<T extends object>(...keys: readonly (keyof T & string)[]): Check<T> {
  const check = count<T>(
    keys,
    (found) => found.length === 1,
    `exactly one of ${keys.join(', ')}`,
    'keep one of them',
  );
  return withJsonForm(check, (all) => [hasSomeOf(keys, all), ...hasNoTwoOf(keys)]);
}

/** A check that at most one of these keys stands in a mapping. */
export function atMostOne<T extends object>(...keys: readonly (keyof T & string)[]): Check<T> {
  const check = count<T>(
    keys,
    (found) => found.length <= 1,
    `only one of ${keys.join(', ')}`,
    'keep one of them',
  );
  return withJsonForm(check, () => hasNoTwoOf(keys));
}

/**
 * A check that at least one of these keys stands in a mapping: an expectation that checks nothing would always hold.
 */
export function atLeastOne<T extends object>(...keys: readonly (keyof T & string)[]): Check<T> {
  const check = count<T>(
    keys,
    (found) => found.length > 0,
    `at least one of ${keys.join(', ')}`,
    'say what is expected',
  );
  return withJsonForm(check, (all, required) => [hasSomeOf(keys, all, required)]);
}

/** A check that a key stands beside the one it is about. */
export function needs<T extends object>(key: keyof T & string, other: keyof T & string): Check<T> {
  const check: Check<T> = ({ value, issues }) => {
    if (!Object.hasOwn(value, key) || Object.hasOwn(value, other)) return;
    const message = `"${key}" beside "${other}", which it is about`;
    const params = { fix: `add "${other}", or remove "${key}"` };
    issues.push({ code: 'custom', message, path: [key], input: value, params });
  };
  return withJsonForm(check, () => [{ dependentRequired: { [key]: [other] } }]);
}

/** A check that a mapping has an entry: what is expected of none always holds. */
export function notEmpty<T extends object>(what: string): Check<T> {
  const check: Check<T> = ({ value, issues }) => {
    if (Object.keys(value).length > 0) return;
    const params = { fix: `add ${what}, or remove the key: without one nothing is checked` };
    issues.push({ code: 'custom', message: `${what} at least`, input: value, params });
  };
  return withJsonForm(check, () => [{ minProperties: 1 }]);
}

function count<T extends object>(
  keys: readonly (keyof T & string)[],
  holds: (found: string[]) => boolean,
  message: string,
  fix: string,
): Check<T> {
  return (ctx) => {
    const found = keys.filter((key) => Object.hasOwn(ctx.value, key));
    if (!holds(found))
      ctx.issues.push({
        code: 'custom',
        message,
        input: ctx.value,
        params: { fix: `${fix}: ${keys.join(', ')}` },
      });
  };
}
