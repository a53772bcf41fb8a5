import type {
  ColumnDef,
  Constraint,
  CreateSchemaStmt,
  CreateStmt,
  CreateTableAsStmt,
  RangeVar,
  ViewStmt,
} from 'libpg-query';
import { relationName, textsOf, typeText } from '../sql/names.js';
import { openNode } from '../sql/statement.js';
import { found, lock, type Effect } from './effect.js';
import { constraintsOf } from './new-column.js';
import { judgeRows } from './rows.js';
import type { Scene } from './scene.js';

/** CREATE TABLE, its locks on the tables that it refers to, and its columns. */
export function judgeCreateTable(statement: CreateStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.relation, scene.schema);
  if (mayBeOld(relation, statement.if_not_exists, scene)) return [];
  if (scene.isOld(relation) && statement.relation?.relpersistence !== 't') return [alreadyThere(relation)];
  const elements = (statement.tableElts ?? []).map(openNode);
  const columns = elements.flatMap(([kind, one]) => (kind === 'ColumnDef' ? [one as ColumnDef] : []));
  const constraints = [
    ...elements.flatMap(([kind, one]) => (kind === 'Constraint' ? [one as Constraint] : [])),
    ...columns.flatMap(constraintsOf),
  ];
  const targets = constraints.flatMap(({ contype, pktable }) =>
    contype === 'CONSTR_FOREIGN' ? [relationName(pktable, scene.schema)] : [],
  );
  return [
    ...(scene.isOld(relation) ? [hidden(relation)] : []),
    { is: 'creates', relation, passing: statement.oncommit === 'ONCOMMIT_DROP' },
    ...keysOf(relation, elements, columns),
    ...columns.map(({ colname = '', typeName }): Effect => ({
      is: 'column',
      relation,
      column: colname,
      type: typeText(typeName),
    })),
    ...others(targets, relation, scene).map((target) => lock('SHARE ROW EXCLUSIVE', target)),
    ...judgeParents(relation, statement, scene),
  ];
}

/** Columns that are a key by themselves. */
function keysOf(
  relation: string,
  elements: readonly (readonly [string, Record<string, unknown>])[],
  columns: readonly ColumnDef[],
): Effect[] {
  const isKey = ({ contype }: Constraint) => contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE';
  const inline = columns.filter((column) => constraintsOf(column).some(isKey)).map(({ colname }) => colname);
  const apart = elements.flatMap(([kind, one]) => {
    const names = kind === 'Constraint' && isKey(one as Constraint) ? textsOf((one as Constraint).keys) : [];
    return names.length === 1 ? names : [];
  });
  return [...inline, ...apart].map((column = '') => ({ is: 'unique', relation, column }));
}

/** With its schema, a later statement means the one behind it. */
const hidden = (relation: string) =>
  found(
    'unknown-statement',
    `a temporary table hides ${relation}: which of both later statements mean is not known`,
  );

/** What follows is done to a table with rows, where a tool goes on after the error. */
const alreadyThere = (relation: string) =>
  found('unknown-statement', `${relation} is made, and a migration before made it already`);

function judgeParents(relation: string, statement: CreateStmt, scene: Scene): Effect[] {
  const parents = (statement.inhRelations ?? []).map((node) =>
    relationName(openNode(node)[1] as RangeVar, scene.schema),
  );
  return others(parents, relation, scene).flatMap((parent) =>
    statement.partbound
      ? [
          found('attach-partition', `${relation} is made as a partition of ${parent}`),
          lock('ACCESS EXCLUSIVE', parent),
        ]
      : [found('unknown-statement', `${relation} inherits from ${parent}, whose rows then are its too`)],
  );
}

const others = (names: readonly string[], self: string, scene: Scene) => [
  ...new Set(names.filter((name) => name !== self && !scene.isNew(name))),
];

/**
 * With IF NOT EXISTS a table counts as new only where all migrations before are known and none made it: what would be
 * taken for safe may be done to a table with rows.
 */
const mayBeOld = (relation: string, ifNotExists: boolean | undefined, scene: Scene) =>
  ifNotExists === true && !scene.isUnknown(relation);

/** CREATE TABLE … AS, and materialized views: their query runs, with all that it calls. */
export function judgeCreateAs(statement: CreateTableAsStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.into?.rel, scene.schema);
  const runs = judgeRows('CreateTableAsStmt', { ...statement }, scene);
  if (scene.isOld(relation)) return [...runs, alreadyThere(relation)];
  return mayBeOld(relation, statement.if_not_exists, scene) ? runs : [...runs, { is: 'creates', relation }];
}

/** CREATE VIEW; one that takes the place of another is read by the live version. */
export function judgeView(statement: ViewStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.view, scene.schema);
  if (statement.replace === true && !scene.isNew(relation) && !scene.isUnknown(relation))
    return [
      found('replace-view', `the view ${relation} gets another definition, if it is there`),
      lock('ACCESS EXCLUSIVE', relation),
    ];
  return [{ is: 'creates', relation }];
}

/** CREATE SCHEMA with what is made in it; each part is judged by itself. */
export const partsOfSchema = ({ schemaElts }: CreateSchemaStmt) => (schemaElts ?? []).map(openNode);
