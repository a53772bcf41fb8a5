import type { MigrationReport } from '../../shared/contracts/reports/migration-report.js';
import type { MigrationsFile } from './config/schema.js';
import type { Collected } from './find/collect.js';
import type { SquawkAnswer } from './squawk/said.js';

/** What is asked of the migrations of a release. */
export interface Question {
  config: MigrationsFile;
  collected: readonly Collected[];
  /** Folders that only the migrations file of the live release names. */
  leftOut: readonly string[];
  /** The app that is live and the schema that it runs on, where they are known; null before the first. */
  live: {
    version: string | null;
    schema: { version: string; oldestCompatibleApp: string } | undefined;
  } | null;
  version: string | undefined;
  /** Without it nobody asked squawk. */
  squawk?: SquawkAnswer;
  failOn: 'error' | 'warning';
  now: number;
}

/** What they amount to. */
export type Assessment = Pick<
  MigrationReport,
  'result' | 'allowed' | 'message' | 'files' | 'findings' | 'plan' | 'schemaVersion' | 'oldestCompatibleApp'
>;
