import type {
  ClusterStmt,
  DefElem,
  IndexStmt,
  LockStmt,
  Node,
  RangeVar,
  RefreshMatViewStmt,
  ReindexStmt,
  TruncateStmt,
  VacuumStmt,
} from 'libpg-query';
import { relationName } from '../sql/names.js';
import { openNode } from '../sql/statement.js';
import { found, lock, type Effect } from './effect.js';
import type { Scene } from './scene.js';

/** CREATE INDEX. */
export function judgeIndex(statement: IndexStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.relation, scene.schema);
  const { concurrent = false, idxname = 'an index' } = statement;
  const alone: Effect[] = concurrent ? [{ is: 'alone', what: 'CREATE INDEX CONCURRENTLY' }] : [];
  if (scene.isNew(relation)) return [...alone, ...keyOf(relation, statement)];
  if (concurrent)
    return [
      ...alone,
      lock('SHARE UPDATE EXCLUSIVE', relation, 'index-build'),
      ...keyOf(relation, statement),
      ...(statement.unique === true ? [found('new-constraint', `${idxname} of ${relation} is unique`)] : []),
    ];
  return [
    found('create-index', `${idxname} of ${relation} is built without CONCURRENTLY`),
    lock('SHARE', relation, 'index-build'),
  ];
}

/** The column of a unique index on one column and all rows. */
function keyOf(relation: string, { unique, indexParams = [], whereClause }: IndexStmt): Effect[] {
  const { name: column } = openNode(indexParams[0] ?? {})[1] as { name?: string };
  const single = unique === true && indexParams.length === 1 && whereClause === undefined;
  return single && column !== undefined ? [{ is: 'unique', relation, column }] : [];
}

const has = (options: readonly Node[] | undefined, name: string) =>
  (options ?? []).some((node) => {
    const { defname, arg } = openNode(node)[1] as DefElem;
    return defname === name && !/^(?:f|false|off|0)$/i.test(textOf(arg));
  });

function textOf(node: Node | undefined): string {
  const [kind, fields] = openNode(node ?? {});
  if (kind === 'Integer') return String(fields['ival'] ?? 0);
  return String(fields['sval'] ?? fields['boolval'] ?? '');
}

/** REINDEX. */
export function judgeReindex(statement: ReindexStmt, scene: Scene): Effect[] {
  const relation = statement.relation
    ? relationName(statement.relation, scene.schema)
    : (statement.name ?? 'all');
  if (statement.relation && scene.isNew(relation)) return [];
  if (has(statement.params, 'concurrently'))
    return [
      { is: 'alone', what: 'REINDEX CONCURRENTLY' },
      lock('SHARE UPDATE EXCLUSIVE', relation, 'index-build'),
    ];
  return [
    found('reindex', `${relation} gets its indexes built without CONCURRENTLY`),
    lock('ACCESS EXCLUSIVE', relation, 'index-build'),
  ];
}

/** VACUUM and ANALYZE. */
export function judgeVacuum(statement: VacuumStmt): Effect[] {
  if (statement.is_vacuumcmd !== true) return [];
  const alone: Effect = { is: 'alone', what: 'VACUUM' };
  if (!has(statement.options, 'full')) return [alone];
  return [
    alone,
    found('vacuum-full', 'VACUUM FULL writes the table anew'),
    lock('ACCESS EXCLUSIVE', 'the table', 'rewrite'),
  ];
}

/** CLUSTER. */
export const judgeCluster = (statement: ClusterStmt, scene: Scene): Effect[] =>
  statement.relation && scene.isNew(relationName(statement.relation, scene.schema))
    ? []
    : [
        found('vacuum-full', 'CLUSTER writes the table anew'),
        lock('ACCESS EXCLUSIVE', relationName(statement.relation, scene.schema) || 'all tables', 'rewrite'),
      ];

const oldOnes = (nodes: readonly Node[] | undefined, scene: Scene) =>
  (nodes ?? [])
    .map((node) => relationName(openNode(node)[1] as RangeVar, scene.schema))
    .filter((name) => !scene.isNew(name));

/** LOCK TABLE. */
export const judgeLock = ({ relations }: LockStmt, scene: Scene): Effect[] =>
  oldOnes(relations, scene).flatMap((name) => [
    found('lock-table', `${name} is locked`),
    lock('ACCESS EXCLUSIVE', name, 'unknown'),
  ]);

/** TRUNCATE. */
export const judgeTruncate = ({ relations, behavior }: TruncateStmt, scene: Scene): Effect[] =>
  oldOnes(relations, scene).flatMap((name) => [
    found('truncate', `${name} is emptied`),
    ...(behavior === 'DROP_CASCADE' ? [found('drop-cascade', `${name} is emptied with CASCADE`)] : []),
    lock('ACCESS EXCLUSIVE', name),
  ]);

/** REFRESH MATERIALIZED VIEW. */
export function judgeRefresh(statement: RefreshMatViewStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.relation, scene.schema);
  if (scene.isNew(relation)) return [];
  return statement.concurrent === true
    ? [lock('EXCLUSIVE', relation, 'scan')]
    : [found('refresh-view', `${relation} is refreshed`), lock('ACCESS EXCLUSIVE', relation, 'scan')];
}
