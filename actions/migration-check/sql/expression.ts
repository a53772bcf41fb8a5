import { textsOf } from './names.js';

/** Everything of a kind below a node, at any depth. */
export function findAll<T = Record<string, unknown>>(node: unknown, kind: string): T[] {
  if (Array.isArray(node)) return node.flatMap((one) => findAll<T>(one, kind));
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => [
    ...(key === kind ? [value as T] : []),
    ...findAll<T>(value, kind),
  ]);
}

/** Names of the functions that an expression calls, without the schema of PostgreSQL's own. */
export const functionsIn = (node: unknown): string[] =>
  findAll<{ funcname?: Parameters<typeof textsOf>[0] }>(node, 'FuncCall').map(({ funcname }) =>
    textsOf(funcname)
      .filter((part) => part !== 'pg_catalog')
      .join('.'),
  );

/** Functions whose value is one for all rows of a statement, so that a default needs no rewrite. */
const steady = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'current_database',
  'current_schema',
  'current_setting',
  'lower',
  'upper',
  'coalesce',
  'concat',
  'to_char',
  'to_timestamp',
  'to_date',
  'date_trunc',
  'timezone',
  'jsonb_build_object',
  'jsonb_build_array',
  'json_build_object',
  'json_build_array',
  'to_json',
  'to_jsonb',
  'array_fill',
  'md5',
  'length',
  'round',
  'abs',
  'make_interval',
  'make_date',
]);

/** The first function of a default that may differ from row to row. */
export const variableFunction = (expression: unknown): string | undefined =>
  functionsIn(expression).find((name) => !steady.has(name));
