import type { Node, RangeVar } from 'libpg-query';
import { openNode } from './statement.js';

/** A relation's name with its schema, and without the one that is meant anyway. */
export const relationName = (range: RangeVar | undefined, schema: string): string =>
  qualified([range?.schemaname, range?.relname], schema);

/** A name that is a list of its parts. */
export function listedName(parts: readonly Node[] | undefined, schema: string): string {
  return qualified(textsOf(parts), schema);
}

/** The texts of a list of names. */
export const textsOf = (parts: readonly Node[] | undefined): string[] =>
  (parts ?? []).flatMap((part) => {
    const [kind, fields] = openNode(part);
    return kind === 'String' && typeof fields['sval'] === 'string' ? [fields['sval']] : [];
  });

function qualified(parts: readonly (string | undefined)[], schema: string): string {
  const named = parts.filter((part) => part !== undefined);
  const [first, ...rest] = named;
  if (first === undefined) return '';
  if (rest.length === 0) return schema === 'public' ? first : `${schema}.${first}`;
  return first === 'public' ? rest.join('.') : named.join('.');
}

/** A type as PostgreSQL knows it, with its limits: varchar(20), int8. */
export function typeText(
  type: { names?: Node[]; typmods?: Node[]; arrayBounds?: Node[] } | undefined,
): string {
  const name = textsOf(type?.names)
    .filter((part) => part !== 'pg_catalog')
    .join('.');
  const limits = (type?.typmods ?? []).map((node) => {
    const { ival } = openNode(node)[1] as { ival?: { ival?: number } };
    return ival === undefined ? '?' : String(ival.ival ?? 0);
  });
  return `${name}${limits.length > 0 ? `(${limits.join(',')})` : ''}${(type?.arrayBounds ?? []).length > 0 ? '[]' : ''}`;
}
