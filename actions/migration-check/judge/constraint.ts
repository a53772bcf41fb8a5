import type { Constraint } from 'libpg-query';
import { relationName, textsOf } from '../sql/names.js';
import { openNode } from '../sql/statement.js';
import { found, lock, type Effect } from './effect.js';
import type { Scene } from './scene.js';

/** ADD CONSTRAINT on a table that the live version uses. */
export function judgeConstraint(relation: string, constraint: Constraint, scene: Scene): Effect[] {
  const { contype, skip_validation: unchecked = false, conname = '', indexname } = constraint;
  const name = conname === '' ? `a constraint of ${relation}` : `${conname} of ${relation}`;
  const added: Effect[] = [found('new-constraint', `${name} is new`)];
  const later: Effect = { is: 'not-valid', relation, constraint: conname, notNull: notNullOf(constraint) };
  switch (contype) {
    case 'CONSTR_CHECK':
    case 'CONSTR_NOTNULL':
      return unchecked
        ? [...added, lock('ACCESS EXCLUSIVE', relation), later]
        : [
            found(contype === 'CONSTR_CHECK' ? 'add-check' : 'set-not-null', `${name} is validated at once`),
            lock('ACCESS EXCLUSIVE', relation, 'scan'),
          ];
    case 'CONSTR_FOREIGN': {
      const target = relationName(constraint.pktable, scene.schema);
      const how = unchecked ? 'moment' : 'scan';
      return [
        ...(unchecked ? [...added, later] : [found('add-foreign-key', `${name} is validated at once`)]),
        lock('SHARE ROW EXCLUSIVE', relation, how),
        ...(scene.isNew(target) ? [] : [lock('SHARE ROW EXCLUSIVE', target, how)]),
      ];
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return indexname === undefined
        ? [
            found('add-unique', `${name} builds its index under the lock`),
            lock('ACCESS EXCLUSIVE', relation, 'index-build'),
          ]
        : [
            ...added,
            // Columns of a primary key that may be NULL become NOT NULL, for which all rows are read.
            lock('ACCESS EXCLUSIVE', relation, contype === 'CONSTR_PRIMARY' ? 'unknown' : 'moment'),
          ];
    case 'CONSTR_EXCLUSION':
      return [
        found('add-unique', `${name} builds its index under the lock, and no index can be prepared for it`),
        lock('ACCESS EXCLUSIVE', relation, 'index-build'),
      ];
    default:
      return [
        found('unknown-statement', `${name} is of a kind that no rule knows (${contype ?? 'none'})`),
        lock('ACCESS EXCLUSIVE', relation, 'unknown'),
      ];
  }
}

/** The column of CHECK (column IS NOT NULL), or of NOT NULL column. */
function notNullOf({ contype, raw_expr: expression, keys }: Constraint): string | undefined {
  if (contype === 'CONSTR_NOTNULL') return textsOf(keys)[0];
  const [kind, test] = openNode(expression ?? {});
  if (kind !== 'NullTest' || test['nulltesttype'] !== 'IS_NOT_NULL') return undefined;
  const [what, column] = openNode((test['arg'] as object | undefined) ?? {});
  return what === 'ColumnRef' ? textsOf(column['fields'] as Parameters<typeof textsOf>[0])[0] : undefined;
}
