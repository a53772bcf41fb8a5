import type { ColumnDef, Constraint } from 'libpg-query';
import { variableFunction } from '../sql/expression.js';
import { relationName, typeText } from '../sql/names.js';
import { openNode } from '../sql/statement.js';
import { found, lock, type Effect } from './effect.js';
import type { Scene } from './scene.js';

/** The constraints that stand with a column. */
export const constraintsOf = ({ constraints }: ColumnDef): Constraint[] =>
  (constraints ?? []).flatMap((node) => {
    const [kind, fields] = openNode(node);
    return kind === 'Constraint' ? [fields as Constraint] : [];
  });

/** ADD COLUMN on a table that the live version uses. */
export function judgeNewColumn(relation: string, column: ColumnDef, scene: Scene): Effect[] {
  const name = `${relation}.${column.colname ?? '?'}`;
  const all = constraintsOf(column);
  const of = (contype: Constraint['contype']) => all.find((one) => one.contype === contype);
  const given = of('CONSTR_DEFAULT');
  const [generated, identity] = [of('CONSTR_GENERATED'), of('CONSTR_IDENTITY')];
  const effects: Effect[] = [];
  const rewrite = whyRewrite(column, { given, generated, identity });
  if (rewrite) effects.push(found('rewrite-table', `${name} ${rewrite}`));
  const scans = of('CONSTR_CHECK') ?? of('CONSTR_UNIQUE') ?? of('CONSTR_PRIMARY');
  effects.push(lock('ACCESS EXCLUSIVE', relation, rewrite ? 'rewrite' : scans ? 'scan' : 'moment'));
  const filled = given ?? generated ?? identity ?? (isSerial(column) || undefined);
  if ((of('CONSTR_NOTNULL') ?? of('CONSTR_PRIMARY')) && (!filled || isNull(given)))
    effects.push(found('add-required-column', `${name} is NOT NULL and has no default`));
  else if (of('CONSTR_NOTNULL'))
    effects.push({ is: 'needs-default', relation, column: column.colname ?? '' });
  if (of('CONSTR_UNIQUE') ?? of('CONSTR_PRIMARY'))
    effects.push(found('add-unique', `${name} is unique from the start`));
  if (of('CONSTR_CHECK')) effects.push(found('add-check', `${name} has a CHECK`));
  const foreign = of('CONSTR_FOREIGN');
  if (foreign) {
    const target = relationName(foreign.pktable, scene.schema);
    // PostgreSQL looks up no row where the new column is NULL in all of them.
    if (given && !isNull(given))
      effects.push(found('add-foreign-key', `${name} has a default that is looked up in ${target}`));
    if (!scene.isNew(target)) effects.push(lock('SHARE ROW EXCLUSIVE', target));
  }
  return effects;
}

function whyRewrite(
  column: ColumnDef,
  has: Record<'given' | 'generated' | 'identity', Constraint | undefined>,
): string | undefined {
  if (isSerial(column)) return 'is a serial, which gives each row a number';
  if (has.identity) return 'is an identity, which gives each row a number';
  // Without a letter it was written before virtual columns were known: stored.
  if (has.generated && (has.generated as { generated_kind?: string }).generated_kind !== 'v')
    return 'is generated and stored in each row';
  const variable = has.given && variableFunction(has.given.raw_expr);
  return variable === undefined ? undefined : `has a default that ${variable}() makes anew for each row`;
}

const isSerial = ({ typeName }: ColumnDef) => /^(small|big)?serial[248]?$/.test(typeText(typeName));

/** DEFAULT NULL is none. */
function isNull(constraint: Constraint | undefined): boolean {
  return constraint !== undefined && JSON.stringify(constraint.raw_expr ?? {}).includes('"isnull":true');
}
