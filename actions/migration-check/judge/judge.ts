import type {
  AlterEnumStmt,
  AlterFunctionStmt,
  AlterObjectSchemaStmt,
  AlterTableStmt,
  ClusterStmt,
  CreateFunctionStmt,
  CreateSchemaStmt,
  CreateStmt,
  CreateTableAsStmt,
  CreateTrigStmt,
  DropStmt,
  GrantStmt,
  IndexStmt,
  LockStmt,
  RangeVar,
  RefreshMatViewStmt,
  ReindexStmt,
  RenameStmt,
  TransactionStmt,
  TruncateStmt,
  VacuumStmt,
  VariableSetStmt,
  ViewStmt,
} from 'libpg-query';
import { listedName, relationName } from '../sql/names.js';
import { judgeAlterTable } from './alter-table.js';
import { judgeAlterFunction, judgeFunction, judgeTrigger } from './code.js';
import { judgeCreateAs, judgeCreateTable, judgeView, partsOfSchema } from './create.js';
import { judgeDrop, judgeRename, judgeSetSchema } from './drop.js';
import { found, type Effect } from './effect.js';
import {
  judgeCluster,
  judgeIndex,
  judgeLock,
  judgeRefresh,
  judgeReindex,
  judgeTruncate,
  judgeVacuum,
} from './indexes.js';
import { judgeRows } from './rows.js';
import type { Scene } from './scene.js';
import { judgeSet, judgeTransaction, settingsIn } from './session.js';

type Fields = Record<string, unknown>;
type Judge = (statement: Fields, scene: Scene) => Effect[];

const as =
  <S>(judge: (statement: S, scene: Scene) => Effect[]): Judge =>
  (statement, scene) =>
    judge(statement as S, scene);

const nothing: Judge = () => [];
const note =
  (what: string): Judge =>
  () => [found('privileges', what)];
const code =
  (what: string): Judge =>
  () => [found('unknown-code', what)];

const madeBy = (range: unknown, scene: Scene): Effect[] => [
  { is: 'creates', relation: relationName(range as RangeVar, scene.schema) },
];

/** What is judged of each kind of statement; a kind that is not here is never taken for safe. */
const judges: Readonly<Record<string, Judge>> = {
  AlterTableStmt: as<AlterTableStmt>(judgeAlterTable),
  CreateStmt: as<CreateStmt>(judgeCreateTable),
  CreateTableAsStmt: as<CreateTableAsStmt>(judgeCreateAs),
  ViewStmt: as<ViewStmt>(judgeView),
  CreateSchemaStmt: (statement, scene) =>
    partsOfSchema(statement as CreateSchemaStmt).flatMap(([kind, part]) => judgeNode(kind, part, scene)),
  IndexStmt: as<IndexStmt>(judgeIndex),
  DropStmt: as<DropStmt>(judgeDrop),
  RenameStmt: as<RenameStmt>(judgeRename),
  AlterObjectSchemaStmt: as<AlterObjectSchemaStmt>(judgeSetSchema),
  ReindexStmt: as<ReindexStmt>(judgeReindex),
  VacuumStmt: as<VacuumStmt>(judgeVacuum),
  ClusterStmt: as<ClusterStmt>(judgeCluster),
  LockStmt: as<LockStmt>(judgeLock),
  TruncateStmt: as<TruncateStmt>(judgeTruncate),
  RefreshMatViewStmt: as<RefreshMatViewStmt>(judgeRefresh),
  AlterEnumStmt: (statement, scene) => {
    const { typeName, oldVal, newVal = '' } = statement as AlterEnumStmt;
    const name = listedName(typeName, scene.schema);
    if (scene.isNew(name)) return [];
    return oldVal === undefined
      ? [found('add-enum-value', `${name} gets the value ${newVal}`)]
      : [found('rename-enum-value', `the value ${oldVal} of ${name} is called ${newVal}`)];
  },
  CreateEnumStmt: (statement, scene) => [
    { is: 'creates', relation: listedName(statement['typeName'] as never, scene.schema) },
  ],
  AlterDomainStmt: () => [
    found('add-check', 'a domain changes, and all rows of all tables that use it are read'),
  ],
  AlterSeqStmt: (statement, scene) =>
    scene.isNew(relationName(statement['sequence'] as RangeVar, scene.schema))
      ? []
      : [found('new-constraint', 'a sequence changes')],
  InsertStmt: (statement, scene) => judgeRows('InsertStmt', statement, scene),
  UpdateStmt: (statement, scene) => judgeRows('UpdateStmt', statement, scene),
  DeleteStmt: (statement, scene) => judgeRows('DeleteStmt', statement, scene),
  MergeStmt: (statement, scene) => judgeRows('MergeStmt', statement, scene),
  SelectStmt: (statement, scene) => [...settingsIn(statement), ...judgeRows('SelectStmt', statement, scene)],
  CreateFunctionStmt: as<CreateFunctionStmt>(judgeFunction),
  AlterFunctionStmt: as<AlterFunctionStmt>(judgeAlterFunction),
  CreateTrigStmt: as<CreateTrigStmt>(judgeTrigger),
  RuleStmt: as<CreateTrigStmt>(judgeTrigger),
  CreatePolicyStmt: as<{ table?: CreateTrigStmt['relation'] }>(judgeTrigger),
  AlterPolicyStmt: as<{ table?: CreateTrigStmt['relation'] }>(judgeTrigger),
  DoStmt: code('a DO block runs code'),
  CallStmt: code('a procedure is called'),
  PrepareStmt: code('a statement is prepared'),
  ExecuteStmt: code('a prepared statement is run'),
  CopyStmt: code('COPY moves rows from or to elsewhere'),
  GrantStmt: (statement) =>
    (statement as GrantStmt).is_grant === true
      ? [found('privileges', 'rights are given')]
      : [found('revoke', 'rights are taken away')],
  GrantRoleStmt: (statement) =>
    statement['is_grant'] === true
      ? [found('privileges', 'a role is given')]
      : [found('revoke', 'a role is taken away')],
  AlterDefaultPrivilegesStmt: note('rights on what is made later change'),
  AlterOwnerStmt: note('something gets another owner'),
  CreateRoleStmt: note('a role is made'),
  AlterRoleStmt: () => [found('revoke', 'a role gets another password or other rights')],
  AlterRoleSetStmt: () => [found('session-setting', 'the settings of a role change')],
  DropRoleStmt: () => [found('revoke', 'a role is dropped')],
  DropOwnedStmt: () => [found('drop-object', 'all that a role owns is dropped')],
  CreateExtensionStmt: note('an extension is installed'),
  VariableSetStmt: as<VariableSetStmt>(judgeSet),
  TransactionStmt: as<TransactionStmt>(judgeTransaction),
  CommentStmt: nothing,
  CreateSeqStmt: (statement, scene) => madeBy(statement['sequence'], scene),
  CompositeTypeStmt: (statement, scene) => madeBy(statement['typevar'], scene),
  CreateRangeStmt: nothing,
  CreateDomainStmt: nothing,
  CreateStatsStmt: nothing,
  AlterStatsStmt: nothing,
  VariableShowStmt: nothing,
  NotifyStmt: nothing,
};

/** What a statement does. Pure. */
export function judgeNode(kind: string, node: Fields, scene: Scene): Effect[] {
  const judge = Object.hasOwn(judges, kind) ? judges[kind] : undefined;
  return judge?.(node, scene) ?? [found('unknown-statement', `no rule knows ${kind.replace(/Stmt$/, '')}`)];
}
