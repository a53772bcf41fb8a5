import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, PartitionCmd } from 'libpg-query';
import { relationName, typeText } from '../sql/names.js';
import { openNode } from '../sql/statement.js';
import { judgeConstraint } from './constraint.js';
import { found, lock, type Effect } from './effect.js';
import { judgeNewColumn } from './new-column.js';
import type { Scene } from './scene.js';
import { onlyWidens } from './widening.js';

/** ALTER TABLE and its like, command by command. */
export function judgeAlterTable(statement: AlterTableStmt, scene: Scene): Effect[] {
  const relation = relationName(statement.relation, scene.schema);
  if (statement.objtype === 'OBJECT_TYPE' && !scene.isNew(relation))
    return [found('change-column-type', `the type ${relation} gets, loses or changes an attribute`)];
  const commands = (statement.cmds ?? []).map((node) => openNode(node)[1] as AlterTableCmd);
  return commands.reduce<Effect[]>((done, command) => {
    const told = remember(relation, command);
    return scene.isNew(relation)
      ? [...done, ...told, ...onOthers(relation, command, scene)]
      : [...done, ...judge(relation, command, within(scene, done)), ...told];
  }, []);
}

/** The scene for a command of a statement whose earlier commands did something already. */
function within(scene: Scene, done: readonly Effect[]): Scene {
  return {
    schema: scene.schema,
    isNew: (relation) => scene.isNew(relation),
    isOld: (relation) => scene.isOld(relation),
    isUnknown: (relation) => scene.isUnknown(relation),
    isNeverNull: (relation, column) => scene.isNeverNull(relation, column),
    isKey: (relation, column) => scene.isKey(relation, column),
    typeOf: (relation, column) => scene.typeOf(relation, column),
    isOwnFunction: (name) => scene.isOwnFunction(name),
    isNewFunction: (name) => scene.isNewFunction(name),
    isFreshlyAdded: (relation, constraint) =>
      scene.isFreshlyAdded(relation, constraint) ||
      done.some(
        (one) => one.is === 'not-valid' && one.relation === relation && one.constraint === constraint,
      ),
    needsDefault: (relation, column) =>
      scene.needsDefault(relation, column) ||
      done.some((one) => one.is === 'needs-default' && one.relation === relation && one.column === column),
  };
}

/** What a change of a new table does to one that is not. */
function onOthers(relation: string, command: AlterTableCmd, scene: Scene): Effect[] {
  const constraints =
    command.subtype === 'AT_AddConstraint' ? [openNode(command.def ?? {})[1] as Constraint] : [];
  return constraints.flatMap(({ contype, pktable }) => {
    const target = relationName(pktable, scene.schema);
    return contype === 'CONSTR_FOREIGN' && target !== relation && !scene.isNew(target)
      ? [lock('SHARE ROW EXCLUSIVE', target)]
      : [];
  });
}

/** What later statements must know of the columns. */
function remember(relation: string, { subtype, name = '', def }: AlterTableCmd): Effect[] {
  const column = openNode(def ?? {})[1] as ColumnDef;
  if (subtype === 'AT_AddColumn')
    return [{ is: 'column', relation, column: column.colname ?? '', type: typeText(column.typeName) }];
  if (subtype === 'AT_AlterColumnType')
    return [{ is: 'column', relation, column: name, type: typeText(column.typeName) }];
  return subtype === 'AT_DropColumn' ? [{ is: 'drops-column', relation, column: name }] : [];
}

/** Commands that take a weaker lock for a moment and change nothing that an app sees. */
const harmless: Partial<
  Record<NonNullable<AlterTableCmd['subtype']>, 'SHARE UPDATE EXCLUSIVE' | 'ACCESS EXCLUSIVE'>
> = {
  AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
  AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_SetRelOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetRelOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
  AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
  AT_SetStorage: 'ACCESS EXCLUSIVE',
  AT_SetCompression: 'ACCESS EXCLUSIVE',
  AT_DropNotNull: 'ACCESS EXCLUSIVE',
  AT_SetIdentity: 'ACCESS EXCLUSIVE',
  AT_ReplicaIdentity: 'ACCESS EXCLUSIVE',
};

function judge(relation: string, command: AlterTableCmd, scene: Scene): Effect[] {
  const { subtype, name = '', def, behavior } = command;
  const column = `${relation}.${name}`;
  const definition = openNode(def ?? {})[1];
  const exclusive = lock('ACCESS EXCLUSIVE', relation);
  const cascade =
    behavior === 'DROP_CASCADE' ? [found('drop-cascade', `${column} is dropped with CASCADE`)] : [];
  const weak = subtype && harmless[subtype];
  if (weak) return [lock(weak, relation)];
  switch (subtype) {
    case 'AT_AddColumn':
      return judgeNewColumn(relation, definition as ColumnDef, scene);
    case 'AT_DropColumn':
      return [found('drop-column', `${column} is dropped`), ...cascade, exclusive];
    case 'AT_AlterColumnType':
      return judgeType(relation, name, typeText((definition as ColumnDef).typeName), scene);
    case 'AT_SetNotNull':
      return scene.isNeverNull(relation, name)
        ? [exclusive]
        : [found('set-not-null', `${column} becomes NOT NULL`), lock('ACCESS EXCLUSIVE', relation, 'scan')];
    case 'AT_ColumnDefault':
      if (def) return [exclusive];
      return [
        scene.needsDefault(relation, name)
          ? found('add-required-column', `${column} is new and NOT NULL, and loses its default at once`)
          : found('drop-default', `${column} loses its default`),
        exclusive,
      ];
    case 'AT_AddIdentity':
      return [
        found('new-constraint', `${column} makes its values itself, and may refuse those of others`),
        exclusive,
      ];
    case 'AT_DropIdentity':
    case 'AT_DropExpression':
      return [found('drop-default', `${column} does not get its value by itself any more`), exclusive];
    case 'AT_AddConstraint':
      return judgeConstraint(relation, definition as Constraint, scene);
    case 'AT_ValidateConstraint':
      return [
        ...(scene.isFreshlyAdded(relation, name)
          ? [found('validate-with-add', `${name} is added and validated in one transaction`)]
          : []),
        lock('SHARE UPDATE EXCLUSIVE', relation, 'scan'),
        { is: 'validates', relation, constraint: name },
      ];
    case 'AT_DropConstraint':
      return [
        found('drop-constraint', `${name} of ${relation} is dropped`),
        ...cascade,
        exclusive,
        { is: 'drops-constraint', relation, constraint: name },
      ];
    case 'AT_SetExpression':
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
    case 'AT_SetTableSpace':
    case 'AT_SetAccessMethod':
      return [
        found('rewrite-table', `${relation} is written anew (${words[subtype]})`),
        lock('ACCESS EXCLUSIVE', relation, 'rewrite'),
      ];
    case 'AT_AttachPartition':
      return [
        found('attach-partition', `${relation} gets a partition`),
        lock('SHARE UPDATE EXCLUSIVE', relation, 'scan'),
      ];
    case 'AT_DetachPartition':
      return judgeDetach(relation, definition as PartitionCmd);
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_EnableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrig':
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
      return [
        found('change-trigger', `triggers of ${relation} are turned on or off`),
        lock('SHARE ROW EXCLUSIVE', relation),
      ];
    case 'AT_EnableRowSecurity':
    case 'AT_ForceRowSecurity':
      return [found('row-security', `${relation} gets row security`), exclusive];
    case 'AT_DisableRowSecurity':
    case 'AT_NoForceRowSecurity':
      return [found('privileges', `${relation} loses its row security`), exclusive];
    case 'AT_ChangeOwner':
      return [found('privileges', `${relation} gets another owner`), exclusive];
    default:
      return [
        found('unknown-statement', `no rule knows ALTER TABLE ${relation} with ${subtype ?? 'nothing'}`),
        lock('ACCESS EXCLUSIVE', relation, 'unknown'),
      ];
  }
}

const words = {
  AT_SetExpression: 'another expression',
  AT_SetLogged: 'SET LOGGED',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_SetTableSpace: 'SET TABLESPACE',
  AT_SetAccessMethod: 'SET ACCESS METHOD',
} as const;

function judgeType(relation: string, column: string, type: string, scene: Scene): Effect[] {
  const old = scene.typeOf(relation, column);
  if (old !== undefined && onlyWidens(old, type)) return [lock('ACCESS EXCLUSIVE', relation)];
  const before = old === undefined ? 'from a type that is not known here' : `from ${old}`;
  return [
    found('change-column-type', `${relation}.${column} changes ${before} to ${type}`),
    lock('ACCESS EXCLUSIVE', relation, 'rewrite'),
  ];
}

const judgeDetach = (relation: string, { concurrent = false }: PartitionCmd): Effect[] => [
  found('detach-partition', `${relation} loses a partition`),
  ...(concurrent ? [{ is: 'alone', what: 'DETACH PARTITION CONCURRENTLY' } as const] : []),
  lock(concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE', relation),
];
