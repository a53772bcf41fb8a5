import type { DeleteStmt, InsertStmt, MergeStmt, Node, RangeVar, SelectStmt, UpdateStmt } from 'libpg-query';
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
  const others = 'fromClause' in statement ? statement.fromClause : (statement as DeleteStmt).usingClause;
  const column = columnOf(statement.relation, (others ?? []).length === 0);
  const key = (node: unknown) => {
    const name = column(node);
    return name !== undefined && scene.isKey(relation, name) ? name : undefined;
  };
  if (isBounded(statement.whereClause, { column, key })) return [taken];
  return [
    found('unbounded-change', `any number of rows of ${relation} are ${does}`),
    taken,
    { is: 'changes-rows', relation },
  ];
}

/** WHERE true. */
const isConstant = (where: Node) => findAll(where, 'ColumnRef').length === 0;

/** Names the column of the changed table that a node is, if it is one. */
type Named = (node: unknown) => string | undefined;

/** Whether a condition names few rows: keys, a range with two ends, or a batch with a LIMIT. */
function isBounded(where: Node, names: { column: Named; key: Named }): boolean {
  const [kind, fields] = openNode(where);
  if (kind === 'BoolExpr') {
    const args = (fields['args'] as Node[] | undefined) ?? [];
    const parts = args.map((part) => isBounded(part, names));
    if (fields['boolop'] === 'AND_EXPR') return parts.some(Boolean) || hasTwoEnds(args, names.column);
    return fields['boolop'] === 'OR_EXPR' && parts.every(Boolean);
  }
  if (kind === 'SubLink') {
    const isIn =
      fields['subLinkType'] === 'ANY_SUBLINK' && ['', '='].includes(operatorOf(fields, 'operName'));
    const below = openNode((fields['subselect'] as object | undefined) ?? {})[1] as SelectStmt;
    const tested = names.key(fields['testexpr']) ?? names.column(fields['testexpr']) === 'ctid';
    return isIn && tested !== false && hasLimit(below);
  }
  if (kind !== 'A_Expr') return false;
  switch (fields['kind']) {
    case 'AEXPR_OP':
    case 'AEXPR_IN':
    case 'AEXPR_OP_ANY':
      return (
        operatorOf(fields) === '=' && isFixed(fields['rexpr']) && names.key(fields['lexpr']) !== undefined
      );
    case 'AEXPR_BETWEEN':
      return isFixed(fields['rexpr']) && names.column(fields['lexpr']) !== undefined;
    default:
      return false;
  }
}

/** LIMIT ALL and LIMIT NULL are none. */
function hasLimit({ limitCount }: SelectStmt): boolean {
  const [, fields] = openNode(limitCount ?? {});
  return limitCount !== undefined && fields['isnull'] !== true;
}

/** Whether no column is in it. */
function isFixed(node: unknown): boolean {
  const [kind, fields] = openNode((node as object | undefined) ?? {});
  return kind !== 'ColumnRef' && findAll(fields, 'ColumnRef').length === 0;
}

/**
 * Names a column of the changed table. Where other tables stand beside it, one without its table may be theirs; and what
 * is known of theirs says nothing of how many rows of this one change.
 */
const columnOf =
  (range: RangeVar | undefined, isAlone: boolean): Named =>
  (node) => {
    const [kind, fields] = openNode((node as object | undefined) ?? {});
    const texts = kind === 'ColumnRef' ? textsOf(fields['fields'] as Node[]) : [];
    const table = texts.at(-2);
    const isOurs = table === undefined ? isAlone : table === (range?.alias?.aliasname ?? range?.relname);
    return isOurs ? texts.at(-1) : undefined;
  };

const operatorOf = (fields: Record<string, unknown>, key = 'name'): string =>
  findAll<string>(fields[key], 'sval')[0] ?? '';

/** x >= 1 AND x < 1000. */
function hasTwoEnds(parts: readonly Node[], column: Named): boolean {
  const ends = parts.flatMap((part) => {
    const [, fields] = openNode(part);
    const name =
      fields['kind'] === 'AEXPR_OP' && isFixed(fields['rexpr']) ? column(fields['lexpr']) : undefined;
    return name === undefined ? [] : [{ name, operator: operatorOf(fields) }];
  });
  const has = (sign: string, name: string) =>
    ends.some((end) => end.name === name && end.operator.startsWith(sign) && end.operator !== '<>');
  return ends.some(({ name }) => has('>', name) && has('<', name));
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
