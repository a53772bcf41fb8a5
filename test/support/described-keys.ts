interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  description?: string;
  properties?: Record<string, Schema | boolean>;
  additionalProperties?: Schema | boolean;
  items?: Schema | boolean;
  prefixItems?: Schema[];
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  if?: Schema;
  then?: Schema;
}

/** Every key that a schema knows and says nothing about where people point at it, by its path. */
export function keysWithoutDescription(root: Schema): string[] {
  const missing = new Set<string>();
  const refOf = ({ $ref }: Schema) =>
    $ref === undefined ? undefined : root.$defs![$ref.replace('#/$defs/', '')];
  const follow = (schema: Schema): Schema => {
    const next = refOf(schema);
    return next ? follow(next) : schema;
  };
  const isDescribed = (schema: Schema): boolean => {
    const next = refOf(schema);
    return schema.description !== undefined || (next !== undefined && isDescribed(next));
  };
  const visit = (given: Schema | boolean | undefined, path: string, above: readonly Schema[]): void => {
    if (typeof given !== 'object') return;
    const schema = follow(given);
    if (above.includes(schema)) return;
    const inside = [...above, schema];
    for (const [key, value] of Object.entries(schema.properties ?? {})) {
      if (typeof value !== 'object') continue;
      if (!isDescribed(value)) missing.add(`${path}.${key}`);
      visit(value, `${path}.${key}`, inside);
    }
    for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
      visit(part, path, inside);
    visit(schema.then, path, inside);
    visit(schema.additionalProperties, `${path}.*`, inside);
    visit(schema.items, `${path}[]`, inside);
    for (const item of schema.prefixItems ?? []) visit(item, `${path}[]`, inside);
  };
  visit(root, '', []);
  return [...missing].map((path) => path.replace(/^\./, '')).sort();
}
