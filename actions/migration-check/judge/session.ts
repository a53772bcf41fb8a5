import type { Node, TransactionStmt, VariableSetStmt } from 'libpg-query';
import { findAll, functionsIn } from '../sql/expression.js';
import { openNode } from '../sql/statement.js';
import { found, type Effect } from './effect.js';

const timeouts = { lock_timeout: 'lock', statement_timeout: 'statement' } as const;

/** SET and RESET. */
export function judgeSet({ kind, name = '', args, is_local: local = false }: VariableSetStmt): Effect[] {
  if (kind === 'VAR_RESET_ALL')
    return (['lock', 'statement'] as const).map((which) => ({
      is: 'timeout',
      which,
      set: false,
      local: false,
    }));
  const values = (args ?? []).map(valueOf);
  return judgeSetting(name, kind === 'VAR_SET_VALUE' ? values : [], local);
}

/** SELECT set_config('lock_timeout', '5s', false). */
export function settingsIn(select: Record<string, unknown>): Effect[] {
  if (!functionsIn(select).includes('set_config')) return [];
  return findAll<{ args?: Node[] }>(select, 'FuncCall').flatMap(({ args }) => {
    const [name = '', value = '', local = 'false'] = (args ?? []).map(valueOf);
    return judgeSetting(name, [value], /^t/i.test(local));
  });
}

function judgeSetting(name: string, values: readonly string[], local: boolean): Effect[] {
  const [value = ''] = values;
  if (Object.hasOwn(timeouts, name)) {
    const which = timeouts[name as keyof typeof timeouts];
    // Zero, and what is no number, is no limit.
    return [{ is: 'timeout', which, set: Number.parseFloat(value) > 0, local }];
  }
  if (name === 'search_path')
    return [
      { is: 'schema', name: value === '' ? 'public' : value },
      // For how long it holds depends on the transaction, and with it which table a name means.
      ...(local ? [found('session-setting', 'search_path is set for a transaction')] : []),
    ];
  if (['role', 'session_authorization', 'session_replication_role', 'row_security'].includes(name))
    return [found('session-setting', `${name} is set`)];
  return [];
}

/** A constant as text; with ::text behind it too. */
function valueOf(node: Node): string {
  const [kind, fields] = openNode(node);
  if (kind === 'TypeCast') return valueOf((fields['arg'] as Node | undefined) ?? ({} as Node));
  if (kind !== 'A_Const') return '';
  const { sval, ival, fval, boolval } = fields as Record<string, Record<string, unknown> | undefined>;
  if (sval) return String(sval['sval'] ?? '');
  if (fval) return String(fval['fval'] ?? '');
  if (boolval) return String(boolval['boolval'] ?? false);
  return ival ? String(ival['ival'] ?? 0) : '';
}

/** BEGIN, COMMIT and what is between. */
export function judgeTransaction({ kind }: TransactionStmt): Effect[] {
  switch (kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return [{ is: 'transaction', does: 'begins' }];
    case 'TRANS_STMT_COMMIT':
      return [{ is: 'transaction', does: 'ends' }];
    case 'TRANS_STMT_SAVEPOINT':
    case 'TRANS_STMT_RELEASE':
      return [];
    case 'TRANS_STMT_ROLLBACK':
    case 'TRANS_STMT_ROLLBACK_TO':
      return [found('unknown-statement', 'ROLLBACK takes back what was judged before it')];
    default:
      return [found('unknown-statement', 'a transaction in two phases')];
  }
}
