import type { MigrationTool } from '../../../shared/contracts/reports/migration-report.js';
import type { Comment } from '../sql/statement.js';

/** What a file in the folder of a tool is to it, by its path below that folder. */
export type NamedFile =
  | { is: 'migration'; version: string; part: 'both' | 'up' | 'down'; repeatable?: true }
  /** Settings of the migration whose path is `of`. */
  | { is: 'settings'; of: string }
  | { is: 'other' }
  | { is: 'wrong'; why: string };

/** How the tool runs a migration. */
export type TransactionMode = 'file' | 'statements' | 'none';

/** The part of a file that brings the schema on, and the one that takes it back; lines from and up to, from 1. */
export type Parts =
  | {
      ok: true;
      up: readonly [from: number, to: number];
      down: readonly [from: number, to: number] | undefined;
      transaction?: TransactionMode;
    }
  | { ok: false; why: string };

/** What the check must know of a tool that applies migrations. */
export interface ToolFacts {
  tool: MigrationTool;
  /** What is in the files: SQL, or programs that another program prints as SQL. */
  files: 'sql' | 'programs';
  name(path: string): NamedFile;
  /** Order of two versions; undefined where the tool itself must be asked. */
  compare?(a: string, b: string): number;
  /** Whether it skips or refuses a migration whose number is below one that ran. */
  strictOrder: boolean;
  /** Whether a migration can have an inverse. */
  inverse: boolean;
  transaction: TransactionMode;
  /** Whether it runs all new migrations in one transaction. */
  together?: true;
  /** Parts of one file that has both; the whole is the way up otherwise. */
  split?(comments: readonly Comment[]): Parts;
  /** How the companion file of a migration changes how it runs. */
  settings?(text: string): TransactionMode | undefined;
}

/** Order of texts as programs have it. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Order of whole numbers of any length; texts that are none come last. */
export function byNumber(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => (/^\d+$/.test(text) ? BigInt(text) : undefined));
  if (left === undefined || right === undefined || left === right) return byText(a, b);
  return left < right ? -1 : 1;
}

/** Lines to the end of the file. */
export const endless = Number.MAX_SAFE_INTEGER;
