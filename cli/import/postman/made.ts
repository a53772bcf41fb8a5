import { isDeepStrictEqual } from 'node:util';
import type { Refuse } from '../draft.js';
import type { Collection, Environment, PostmanEvent } from './collection.js';
import { readPrerequest, type Made } from './prerequest.js';
import { textOfScript, type RefuseLine } from './script.js';

type Value = Made['value'];

/**
 * What scripts before requests set, by name. One value for a whole run: what is made anew for each request, or set to
 * something else elsewhere, is refused.
 */
export function madeBefore(
  requests: readonly { events: readonly { event: PostmanEvent; of: string }[]; place: string }[],
  kept: ReadonlySet<string>,
  refuseAt: (place: string) => Refuse,
): Map<string, Value> {
  const made = new Map<string, Value>();
  const read = new Set<PostmanEvent>();
  for (const { events, place } of requests)
    for (const { event, of } of events) {
      if (event.listen !== 'prerequest' || event.disabled || read.has(event)) continue;
      read.add(event);
      const refuseLine: RefuseLine = (line, what, fix) =>
        refuseAt(`${of}, pre-request script, line ${line}`)(what, fix);
      for (const { name, line, value } of readPrerequest(textOfScript(event.script), refuseLine)) {
        const known = made.get(name);
        if (kept.has(name) || (known && !('literal' in known && isDeepStrictEqual(known, value))))
          refuseLine(line, `the variable ${name}, which is set elsewhere too`, 'give it a name of its own');
        else if (!('literal' in value) && value.isFresh && of !== place)
          refuseLine(line, `the variable ${name}, made anew for each request`, 'set it where it is used');
        made.set(name, value);
      }
    }
  return made;
}

/** The collection with what scripts set to fixed texts; a variable that has another value before is refused. */
export function withLiterals(
  collection: Collection,
  environment: Environment | undefined,
  made: ReadonlyMap<string, Value>,
  refuse: Refuse,
): Collection {
  const known = new Map([
    ...(collection.variable ?? []).map(({ key, value }) => [key ?? '', value] as const),
    ...(environment?.values ?? []).map(({ key, value }) => [key, value] as const),
  ]);
  const set = [...made].flatMap(([key, value]) => {
    const before = known.get(key) ?? '';
    const isOther = before !== '' && !('literal' in value && String(before) === value.literal);
    if (isOther) refuse(`${key}, which has a value before a script sets it`, 'empty its value');
    return 'literal' in value ? [{ key, value: value.literal }] : [];
  });
  return { ...collection, variable: [...(collection.variable ?? []), ...set] };
}

/** A label that tells generated values apart. */
export const labelOf = (name: string) => name.replace(/[^\w-]/g, '_');
