import type * as z from 'zod';

type Schema = z.core.$ZodType;

/** The value at a path of plain data; undefined when there is none. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
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

/** The keys that a mapping at a path may have. */
export function keysAt(schema: Schema, path: readonly PropertyKey[], input: unknown): string[] {
  const next = valueAt(input, path);
  const shapes = schemasAt(schema, path, input).flatMap((one) => objectsOf(one, next));
  return [...new Set(shapes.flatMap((definition) => Object.keys(definition.shape ?? {})))];
}

/** The schemas that a value at a path has to fit; several where a union leaves it open. */
export function schemasAt(schema: Schema, path: readonly PropertyKey[], input: unknown): Schema[] {
  const [head, ...rest] = path;
  if (head === undefined) return [schema];
  return objectsOf(schema, input).flatMap((definition) => {
    const child =
      definition.shape?.[String(head)] ??
      definition.items?.[Number(head)] ??
      definition.element ??
      definition.valueType;
    return child ? schemasAt(child, rest, valueAt(input, [head])) : [];
  });
}

/**
 * The object, array and record definitions a schema can stand for, unions narrowed by a matching literal where there is
 * one.
 */
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
