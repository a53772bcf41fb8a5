import type {
  MigrationFile,
  MigrationReport,
  MigrationTool,
} from '../../shared/contracts/reports/migration-report.js';
import type { MigrationsFile } from './config/schema.js';

/** SQL of a migration as it will be run, and that of its inverse where it has one. */
export interface Migration {
  file: MigrationFile;
  tool: MigrationTool;
  /** The file's own text at the released commit. */
  source: string;
  up: string;
  down: string | undefined;
}

/** What was found before anything is done: every mode begins with it. */
export interface Inspection {
  config: MigrationsFile;
  /** In the order in which they run. */
  migrations: readonly Migration[];
  /** SQL of those that the live release has, in their order, where it stands in files. */
  history: readonly { path: string; up: string }[];
  report: MigrationReport;
}
