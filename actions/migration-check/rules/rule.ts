import type { migrationLevels } from '../../../shared/contracts/reports/migration-report.js';

export type Level = (typeof migrationLevels)[number];

/** What is wrong with a kind of statement, for whoever has to change it. */
export interface Rule {
  level: Level;
  /** Why it hurts. */
  why: string;
  /** What to do instead. */
  recipe: string;
}
