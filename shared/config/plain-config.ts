import type * as z from 'zod';
import { placesOf, type Place } from './lines.js';
import { readPlainYaml } from './plain-yaml.js';

/** A file whose value fits its schema, and the place of any path in it. */
export interface Accepted<T> {
  ok: true;
  value: T;
  placeOf(path: readonly PropertyKey[]): Place | undefined;
}

/** Parses text that is plain YAML and fits the schema; anything else is left to the whole parser, which knows what is wrong with it. */
export function parsePlainConfig<S extends z.ZodType>(
  text: string,
  schema: S,
): Accepted<z.output<S>> | undefined {
  const document = readPlainYaml(text);
  const parsed = document && schema.safeParse(document.value);
  if (!document || !parsed?.success) return undefined;
  const placeAt = placesOf(text);
  return { ok: true, value: parsed.data, placeOf: (path) => placeAt(document.offsetAt(path)) };
}
