import type { Mark } from '../../../shared/ledger/refs/migration.js';

/** What the server says when it is asked whether anybody wrote since a mark. */
export interface Since {
  system: string;
  database: Mark['database'];
  /** Whether nothing but the migration's role could connect. */
  closed: boolean;
  /** Sessions that are not the migration's, as people know them. */
  others: readonly string[];
  /**
   * Ids of transactions that were committed since the mark, in the whole server, the migration's own left out;
   * undefined when there are too many to look at.
   */
  foreign: readonly string[] | undefined;
}

export type Proof =
  { proved: true; by: 'transactions' | 'connections'; message: string } | { proved: false; why: string };

/**
 * Whether nobody but the migration wrote since the mark. Two things prove it, each alone:
 *
 * - Transactions. Whatever writes gets a transaction id, and these are given out in order. When every id since the mark
 *   is the migration's own or was rolled back, nothing else was written, by whomever.
 * - Connections. At the mark nobody but the migration's role could connect and nobody else was connected; now that is so
 *   too, and the row of the database in the catalogue, which every grant rewrites, is still the same one. Superusers
 *   cannot be kept out, so that none was connected at either end is all that is known of them.
 */
export function proveNoWrites(mark: Mark, since: Since): Proof {
  if (since.system !== mark.system || since.database.oid !== mark.database.oid)
    return { proved: false, why: 'this is another database than the one that was backed up' };
  if (since.others.length > 0) return { proved: false, why: `others are connected: ${listed(since.others)}` };
  if (since.foreign?.length === 0)
    return {
      proved: true,
      by: 'transactions',
      message: `every transaction since ${mark.nextXid} is the migration's own`,
    };
  const open = doubtOfConnections(mark, since);
  if (open === undefined)
    return {
      proved: true,
      by: 'connections',
      message: `nobody but the migration's role could connect since the back-up (superusers: ${mark.superusers.join(', ') || 'none'})`,
    };
  const seen = since.foreign
    ? `${since.foreign.length} of the transactions since the back-up ${since.foreign.length === 1 ? 'is' : 'are'} not known to be the migration's (${listed(since.foreign)})`
    : 'there were too many transactions since the back-up to look at';
  return { proved: false, why: `${seen}, and ${open}` };
}

function doubtOfConnections(mark: Mark, since: Since): string | undefined {
  if (!mark.closed) return 'others could connect when the back-up was taken';
  if (!since.closed) return 'others can connect now';
  if (since.database.row !== mark.database.row) return 'the right to connect was changed since the back-up';
  return undefined;
}

const mostListed = 5;
const listed = (names: readonly string[]): string =>
  names.length <= mostListed
    ? names.join(', ')
    : `${names.slice(0, mostListed).join(', ')} and ${names.length - mostListed} more`;
