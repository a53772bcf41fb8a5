import type { LockMode, MigrationStep } from '../../../shared/contracts/reports/migration-report.js';
import type { RuleId } from '../rules/registry.js';

export type LockFor = NonNullable<MigrationStep['lock']>['for'];

/** What one statement does, as far as the judge is concerned. */
export type Effect =
  | { is: 'found'; rule: RuleId; detail: string }
  /** It takes a lock on a relation that existed before this release. */
  | { is: 'lock'; mode: LockMode; relation: string; for: LockFor }
  /** `passing` is gone when the transaction ends. */
  | { is: 'creates'; relation: string; passing?: boolean }
  | { is: 'drops'; relation: string }
  /** A column whose value names one row. */
  | { is: 'unique'; relation: string; column: string }
  | { is: 'creates-function'; name: string }
  | { is: 'column'; relation: string; column: string; type: string }
  /** A new column that each INSERT of the live version leaves to its default. */
  | { is: 'needs-default'; relation: string; column: string }
  | { is: 'drops-column'; relation: string; column: string }
  /** A check that was not validated; `notNull` is the column that it keeps from NULL, if that is all it says. */
  | { is: 'not-valid'; relation: string; constraint: string; notNull: string | undefined }
  | { is: 'validates'; relation: string; constraint: string }
  | { is: 'drops-constraint'; relation: string; constraint: string }
  | { is: 'changes-rows'; relation: string }
  /** PostgreSQL refuses it inside a transaction. */
  | { is: 'alone'; what: string }
  | { is: 'timeout'; which: 'lock' | 'statement'; set: boolean; local: boolean }
  | { is: 'schema'; name: string }
  | { is: 'transaction'; does: 'begins' | 'ends' };

export const found = (rule: RuleId, detail: string): Effect => ({ is: 'found', rule, detail });

export const lock = (mode: LockMode, relation: string, how: LockFor = 'moment'): Effect => ({
  is: 'lock',
  mode,
  relation,
  for: how,
});
