import type { DeleteStmt, InsertStmt, MergeStmt, Node, SelectStmt, UpdateStmt } from 'libpg-query';
import { findAll, functionsIn } from '../sql/expression.js';
import { relationName, textsOf } from '../sql/names.js';
import { openNode } from '../sql/statement.js';
import { found, lock, type Effect } from './effect.js';
import type { Scene } from './scene.js';

/** INSERT, UPDATE, DELETE, MERGE and SELECT, with those inside of their WITH. */
export function judgeRows(kind: string, statement: Record<string, unknown>, scene: Scene): Effect[] {
  const all = { [kind]: statement };
  return [
    ...findAll<UpdateStmt>(all, 'UpdateStmt').flatMap((one) => judgeChange('update-all', one, scene)),
    ...findAll<DeleteStmt>(all, 'DeleteStmt').flatMap((one) => judgeChange('delete-all', one, scene)),
    ...findAll<InsertStmt>(all, 'InsertStmt').flatMap((one) => judgeInsert(one, scene)),
    ...findAll<MergeStmt>(all, 'MergeStmt').flatMap((one) => judgeMerge(one, scene)),
    ...findAll<SelectStmt>(all, 'SelectStmt').flatMap((one) => judgeInto(one, scene)),
    ...judgeCalls(kind, statement, scene),
  ];
}

function judgeChange(
  rule: 'update-all' | 'delete-all',
  statement: UpdateStmt | DeleteStmt,
  scene: Scene,
): Effect[] {
  const relation = relationName(statement.relation, scene.schema);
  if (scene.isNew(relation)) return [];
  const taken = lock('ROW EXCLUSIVE', relation, 'scan');
  const does = rule === 'update-all' ? 'updated' : 'deleted';
  if (!statement.whereClause || isConstant(statement.whereClause))
    return [found(rule, `all rows of ${relation} are ${does}`), taken, { is: 'changes-rows', relation }];
  const isKey = (column: string) => scene.isKey(relation, column);
  if (isBounded(statement.whereClause, isKey)) return [taken];
  return [
    found('unbounded-change', `any number of rows of ${relation} are ${does}`),
    taken,
    { is: 'changes-rows', relation },
  ];
}

/** WHERE true. */
const isConstant = (where: Node) => findAll(where, 'ColumnRef').length === 0;

/** Whether a condition names few rows: keys, a range with two ends, or a batch with a LIMIT. */
function isBounded(where: Node, isKey: (column: string) => boolean): boolean {
  const [kind, fields] = openNode(where);
  if (kind === 'BoolExpr') {
    const parts = ((fields['args'] as Node[] | undefined) ?? []).map((part) => isBounded(part, isKey));
    if (fields['boolop'] === 'AND_EXPR') return parts.some(Boolean) || hasTwoEnds(fields['args'] as Node[]);
    return fields['boolop'] === 'OR_EXPR' && parts.every(Boolean);
  }
  if (kind === 'SubLink') {
    const below = openNode((fields['subselect'] as object | undefined) ?? {})[1] as SelectStmt;
    return below.limitCount !== undefined;
  }
  if (kind !== 'A_Expr') return false;
  const right = openNode((fields['rexpr'] as object | undefined) ?? {});
  const hasColumn = findAll(right[1], 'ColumnRef').length > 0 || right[0] === 'ColumnRef';
  switch (fields['kind']) {
    case 'AEXPR_OP':
      return operatorOf(fields) === '=' && !hasColumn && isKey(columnOf(fields['lexpr']));
    case 'AEXPR_IN':
    case 'AEXPR_OP_ANY':
      return operatorOf(fields) === '=' && !hasColumn && isKey(columnOf(fields['lexpr']));
    case 'AEXPR_BETWEEN':
      return !hasColumn;
    default:
      return false;
  }
}

/** The column that stands alone on one side of a comparison; it may have its table before it. */
function columnOf(node: unknown): string {
  const [kind, fields] = openNode((node as object | undefined) ?? {});
  return kind === 'ColumnRef' ? (textsOf(fields['fields'] as Node[]).at(-1) ?? '') : '';
}

const operatorOf = (fields: Record<string, unknown>): string =>
  findAll<string>(fields['name'], 'sval')[0] ?? '';

/** x >= 1 AND x < 1000. */
function hasTwoEnds(parts: readonly Node[]): boolean {
  const ends = parts.map((part) => openNode(part)[1]).filter((fields) => fields['kind'] === 'AEXPR_OP');
  const operators = ends.map(operatorOf);
  return operators.some((one) => one.startsWith('>')) && operators.some((one) => one.startsWith('<'));
}

/** Rows that are written out in the migration are few; those that a query finds are not known. */
function judgeInsert(statement: InsertStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.relation, scene.schema);
  if (scene.isNew(relation)) return [];
  const source = openNode(statement.selectStmt ?? {})[1] as SelectStmt;
  const reads = (source.fromClause ?? []).length > 0 && source.limitCount === undefined;
  return [
    lock('ROW EXCLUSIVE', relation, reads ? 'scan' : 'moment'),
    ...(reads ? [{ is: 'changes-rows', relation } as const] : []),
  ];
}

function judgeMerge(statement: MergeStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.relation, scene.schema);
  if (scene.isNew(relation)) return [];
  return [
    found('unbounded-change', `any number of rows of ${relation} are merged`),
    lock('ROW EXCLUSIVE', relation, 'scan'),
    { is: 'changes-rows', relation },
  ];
}

const judgeInto = ({ intoClause }: SelectStmt, scene: Scene): Effect[] =>
  intoClause ? [{ is: 'creates', relation: relationName(intoClause.rel, scene.schema) }] : [];

/** Functions that a migration may call by SELECT without hiding anything. */
const harmless = new Set([
  'setval',
  'nextval',
  'currval',
  'lastval',
  'set_config',
  'current_setting',
  'now',
  'count',
  'max',
  'min',
  'coalesce',
  'version',
  'pg_get_serial_sequence',
  'pg_advisory_lock',
  'pg_advisory_xact_lock',
  'pg_advisory_unlock',
  'pg_try_advisory_lock',
  'to_regclass',
  'length',
  'lower',
  'upper',
  'gen_random_uuid',
  'random',
  'generate_series',
]);

/** Functions of PostgreSQL that run a text, reach elsewhere, or end sessions. */
const reaching =
  /^(?:dblink\w*|query_to_xml\w*|cursor_to_xml\w*|table_to_xml\w*|lo_\w+|pg_read_\w+|pg_write_\w+|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|xpath_table)$/;

/** A SELECT in a migration is there for what its functions do; in other statements they only make values. */
function judgeCalls(kind: string, statement: Record<string, unknown>, scene: Scene): Effect[] {
  const hides = (name: string) =>
    reaching.test(name) || scene.isOwnFunction(name) || (kind === 'SelectStmt' && !harmless.has(name));
  return [...new Set(functionsIn(statement).filter(hides))].map((name) =>
    found('unknown-code', `${name}() is called`),
  );
}
