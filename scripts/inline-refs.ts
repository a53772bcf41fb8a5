/**
 * A JSON Schema whose `$defs` are worth a name: parts that stand in one place, or are shorter than a reference, are
 * written where they belong.
 */
import type * as z from 'zod';

type Json = z.core.JSONSchema.BaseSchema;

const prefix = '#/$defs/';

/** A definition of at most this many characters that refers to nothing is written out wherever it is used. */
const shortDefinition = 80;

/** Writes out references that save nothing; zod makes one for every schema that another one wraps. */
export function inlineRefs({ $defs = {}, ...root }: Json): Json {
  const uses = countUses([root, ...Object.values($defs)]);
  const inline = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(inline);
    if (part === null || typeof part !== 'object') return part;
    const { $ref, ...beside } = part as Json;
    const name = $ref?.startsWith(prefix) ? $ref.slice(prefix.length) : undefined;
    const definition = name === undefined ? undefined : $defs[name];
    const written = Object.fromEntries(Object.entries(beside).map(([key, value]) => [key, inline(value)]));
    if (!definition || !isWorthless(definition, uses.get(name!) ?? 0) || collides(definition, beside))
      return $ref === undefined ? written : { ...written, $ref };
    return { ...(inline(definition) as Json), ...written };
  };
  const body = inline(root) as Json;
  const kept: Record<string, Json> = {};
  const keep = (part: unknown): void => {
    for (const name of namesIn(part)) {
      if (Object.hasOwn(kept, name)) continue;
      kept[name] = inline($defs[name]) as Json;
      keep(kept[name]);
    }
  };
  keep(body);
  return Object.keys(kept).length > 0 ? { ...body, $defs: kept } : body;
}

function isWorthless(definition: Json, uses: number): boolean {
  return (
    uses === 1 || (namesIn(definition).length === 0 && JSON.stringify(definition).length <= shortDefinition)
  );
}

/** Whether a definition says something that what stands beside its reference says as well: both would have to hold. */
function collides(definition: Json, beside: Json): boolean {
  return Object.keys(beside).some(
    (key) => key in definition && !['description', 'default', 'type', 'title'].includes(key),
  );
}

function countUses(parts: readonly unknown[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const name of namesIn(parts)) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

function namesIn(part: unknown): string[] {
  if (part === null || typeof part !== 'object') return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(prefix)
      ? [value.slice(prefix.length)]
      : namesIn(value),
  );
}
