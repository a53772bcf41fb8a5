import type { AlterObjectSchemaStmt, DropStmt, Node, RenameStmt } from 'libpg-query';
import { listedName, relationName } from '../sql/names.js';
import { openNode } from '../sql/statement.js';
import { found, lock, type Effect } from './effect.js';
import type { Scene } from './scene.js';

/** DROP of anything. */
export function judgeDrop(statement: DropStmt, scene: Scene): Effect[] {
  const { removeType: what = 'OBJECT_TABLE', behavior, concurrent = false } = statement;
  const all = (statement.objects ?? []).map((node) => nameOf(node, scene));
  const names = all.filter((name) => !scene.isNew(name));
  // What is dropped is there no more: its name may stand for another one, behind it or made later.
  const gone = all.map((relation): Effect => ({ is: 'drops', relation }));
  const cascade = (name: string) =>
    behavior === 'DROP_CASCADE' ? [found('drop-cascade', `${name} is dropped with CASCADE`)] : [];
  switch (what) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE':
      return [
        ...names.flatMap((name) => [
          found('drop-table', `${name} is dropped`),
          ...cascade(name),
          lock('ACCESS EXCLUSIVE', name),
        ]),
        ...gone,
      ];
    case 'OBJECT_INDEX':
      return names.flatMap((name) => [
        ...(concurrent
          ? [{ is: 'alone', what: 'DROP INDEX CONCURRENTLY' } as const]
          : [found('drop-index', `${name} is dropped without CONCURRENTLY`)]),
        ...cascade(name),
        lock(concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE', `the table of ${name}`),
      ]);
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY': {
      const tables = (statement.objects ?? []).map((node) => tableOf(node, scene));
      return tables
        .filter((table) => !scene.isNew(table))
        .flatMap((table) => [
          found('change-trigger', `a trigger, rule or policy of ${table} is dropped`),
          ...cascade(table),
          lock('ACCESS EXCLUSIVE', table),
        ]);
    }
    default:
      return [
        ...names.flatMap((name) => [found('drop-object', `${name} is dropped`), ...cascade(name)]),
        ...gone,
      ];
  }
}

function nameOf(node: Node, scene: Scene): string {
  const [kind, fields] = openNode(node);
  const parts = kind === 'List' ? fields['items'] : kind === 'ObjectWithArgs' ? fields['objname'] : undefined;
  if (parts !== undefined) return listedName(parts as Node[], scene.schema);
  const names = kind === 'TypeName' ? (fields['names'] as Node[]) : [node];
  return listedName(names, scene.schema);
}

/** A trigger is named behind its table. */
function tableOf(node: Node, scene: Scene): string {
  const items = (openNode(node)[1]['items'] as Node[] | undefined) ?? [];
  return listedName(items.slice(0, -1), scene.schema);
}

/** RENAME of anything. Names of indexes and constraints are not in the queries of an app. */
export function judgeRename(statement: RenameStmt, scene: Scene): Effect[] {
  const { renameType: what, subname = '', newname = '' } = statement;
  const relation = relationName(statement.relation, scene.schema);
  if (statement.relation && scene.isNew(relation))
    return what === 'OBJECT_TABLE' || what === 'OBJECT_VIEW' || what === 'OBJECT_MATVIEW'
      ? [
          { is: 'drops', relation },
          {
            is: 'creates',
            relation: relationName({ ...statement.relation, relname: newname }, scene.schema),
          },
        ]
      : [];
  const exclusive = lock('ACCESS EXCLUSIVE', relation);
  switch (what) {
    case 'OBJECT_COLUMN':
    case 'OBJECT_ATTRIBUTE':
      return [
        found('rename-column', `${relation}.${subname} is called ${newname}`),
        exclusive,
        { is: 'drops-column', relation, column: subname },
      ];
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE':
      return [found('rename-table', `${relation} is called ${newname}`), exclusive];
    case 'OBJECT_INDEX':
      return [lock('SHARE UPDATE EXCLUSIVE', `the table of ${relation}`)];
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      return [exclusive];
    default:
      return [found('rename-object', `something is called ${newname}`)];
  }
}

/** SET SCHEMA is a new name. */
export function judgeSetSchema(statement: AlterObjectSchemaStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.relation, scene.schema);
  if (statement.relation && scene.isNew(relation)) return [];
  return [
    found('rename-object', `${relation || 'something'} moves to the schema ${statement.newschema ?? ''}`),
    ...(statement.relation ? [lock('ACCESS EXCLUSIVE', relation)] : []),
  ];
}
