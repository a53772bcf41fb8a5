import type { LockMode, MigrationStep } from '../../../shared/contracts/reports/migration-report.js';
import type { RuleId } from '../rules/registry.js';
import { shorten, type Statement } from '../sql/statement.js';
import type { TransactionMode } from '../tools/tool.js';
import type { Effect } from './effect.js';
import { judgeNode } from './judge.js';
import type { State } from './state.js';

/** Something found in a statement. */
export interface Found {
  rule: RuleId;
  detail: string;
  /** Its place among the statements of the migration. */
  at: number;
}

/** A transaction that goes on in the next migration, and the lock that it holds. */
export interface Held {
  lock: string | undefined;
}

export interface Judged {
  found: Found[];
  held: Held;
  steps: Omit<MigrationStep, 'order' | 'file'>[];
}

/** Locks by strength, weakest first. */
const strength: readonly LockMode[] = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];
const isStrong = (mode: LockMode) => strength.indexOf(mode) >= strength.indexOf('SHARE');

type Locked = Extract<Effect, { is: 'lock' }>;

/** One statement with what it does and the transaction it is in. */
interface Ran {
  statement: Statement;
  effects: Effect[];
  /** Number of its transaction; undefined where it is alone. */
  transaction: number | undefined;
  hasTimeout: Record<'lock' | 'statement', boolean>;
}

/** Judges the statements of a migration one after the other; the state goes on from each to the next. */
export function judgeMigration(
  statements: readonly Statement[],
  mode: TransactionMode,
  state: State,
  hasTimeouts: boolean,
  before?: Held,
): Judged {
  if (!before) state.beginTransaction();
  const ran = play(statements, mode, state, hasTimeouts);
  const found = [
    ...ran.flatMap(({ effects }, at) =>
      effects.flatMap((effect) =>
        effect.is === 'found' ? [{ rule: effect.rule, detail: effect.detail, at }] : [],
      ),
    ),
    ...backfills(ran, before),
    ...withoutTimeout(ran),
  ];
  return {
    found: found.sort((a, b) => a.at - b.at),
    steps: ran.map(stepOf),
    held: { lock: before?.lock ?? heldIn(ran, 1) },
  };
}

function play(
  statements: readonly Statement[],
  mode: TransactionMode,
  state: State,
  hasTimeouts: boolean,
): Ran[] {
  const wrapped = mode === 'file' || (mode === 'statements' && statements.length > 1);
  let transaction = wrapped ? 1 : undefined;
  let begun = 1;
  const session = { lock: hasTimeouts, statement: hasTimeouts };
  let local: Partial<typeof session> = {};
  return statements.map((statement) => {
    if (transaction === undefined) state.beginTransaction();
    const judged = judgeNode(statement.kind, statement.node, state);
    const effects = judged.flatMap((effect) => inPlace(effect, transaction !== undefined, mode));
    const ran = { statement, effects, transaction, hasTimeout: { ...session, ...local } };
    for (const effect of effects) {
      state.apply(effect);
      if (effect.is === 'timeout') {
        // Outside of a transaction SET LOCAL does nothing.
        if (!effect.local) {
          session[effect.which] = effect.set;
          delete local[effect.which];
        } else if (transaction !== undefined) local[effect.which] = effect.set;
      }
      if (effect.is !== 'transaction') continue;
      if (effect.does === 'begins') transaction ??= ++begun;
      // PostgreSQL keeps the rest of a text that it got at once in a transaction.
      else transaction = mode === 'statements' && wrapped ? ++begun : undefined;
      if (effect.does === 'ends') local = {};
      state.beginTransaction();
    }
    return ran;
  });
}

/** What an effect is where it happens. */
function inPlace(effect: Effect, inTransaction: boolean, mode: TransactionMode): Effect[] {
  if (effect.is === 'alone' && inTransaction)
    return [
      effect,
      {
        is: 'found',
        rule: 'concurrently-in-transaction',
        detail: `${effect.what} is inside of a transaction`,
      },
    ];
  if (effect.is === 'transaction' && mode === 'file')
    return [
      effect,
      {
        is: 'found',
        rule: 'transaction-control',
        detail: 'the migration begins or ends a transaction itself',
      },
    ];
  return [effect];
}

const locksOf = ({ effects }: Ran): Locked[] => effects.filter((effect) => effect.is === 'lock');

/** The first lock on something old that a transaction takes. */
function heldIn(ran: readonly Ran[], transaction: number): string | undefined {
  const [held] = ran
    .filter((one) => one.transaction === transaction)
    .flatMap((one) =>
      locksOf(one)
        .filter(({ mode }) => isStrong(mode))
        .map(({ relation }) => `${relation} (line ${one.statement.line})`),
    );
  return held;
}

/** Rows that are changed in a transaction that holds a lock on something old. */
function backfills(ran: readonly Ran[], before: Held | undefined): Found[] {
  return ran.flatMap((one, at) => {
    const changed = one.effects.find((effect) => effect.is === 'changes-rows');
    if (!changed || one.transaction === undefined) return [];
    const held = (one.transaction === 1 ? before?.lock : undefined) ?? heldIn(ran, one.transaction);
    if (held === undefined) return [];
    return [
      {
        rule: 'backfill-with-ddl' as const,
        detail: `rows of ${changed.relation} are changed in the transaction that locks ${held}`,
        at,
      },
    ];
  });
}

/** Said once for each migration: the statement before which a limit belongs. */
function withoutTimeout(ran: readonly Ran[]): Found[] {
  const first = (which: 'lock' | 'statement', rule: RuleId): Found[] => {
    const at = ran.findIndex(
      (one) => !one.hasTimeout[which] && locksOf(one).some(({ mode }) => isStrong(mode)),
    );
    if (at < 0) return [];
    const { mode, relation } = strongest(locksOf(ran[at]!))!;
    return [{ rule, detail: `${mode} on ${relation} is waited for without ${which}_timeout`, at }];
  };
  return [...first('lock', 'no-lock-timeout'), ...first('statement', 'no-statement-timeout')];
}

const weight = { moment: 0, scan: 1, 'index-build': 2, unknown: 3, rewrite: 4 } as const;

function strongest(locks: readonly Locked[]): Locked | undefined {
  return [...locks].sort(
    (a, b) => strength.indexOf(b.mode) - strength.indexOf(a.mode) || weight[b.for] - weight[a.for],
  )[0];
}

function stepOf(one: Ran): Omit<MigrationStep, 'order' | 'file'> {
  const held = strongest(locksOf(one));
  return {
    line: one.statement.line,
    statement: shorten(one.statement.text),
    transaction: one.transaction !== undefined,
    lock: held
      ? {
          mode: held.mode,
          relation: held.relation,
          for: held.for,
          blocks: blocks(held.mode),
          rows: null,
          bytes: null,
        }
      : null,
  };
}

function blocks(mode: LockMode): NonNullable<MigrationStep['lock']>['blocks'] {
  if (mode === 'ACCESS EXCLUSIVE') return 'reads and writes';
  if (isStrong(mode)) return 'writes';
  return mode === 'SHARE UPDATE EXCLUSIVE' ? 'schema changes' : 'nothing';
}
