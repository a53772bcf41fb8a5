import type { MigrationMode } from '../../../shared/contracts/reports/migration-report.js';
import { check } from './check.js';
import type { Mode } from './mode.js';
import { plan } from './plan.js';

/** Every mode that goes on from what was found, by name, loaded where it is used where it needs more than reading. */
export const modes: Record<Exclude<MigrationMode, 'settle'>, Mode> = {
  check,
  plan,
  rehearse: async (...asked) => (await import('./rehearse.js')).rehearsal(...asked),
  run: async (...asked) => (await import('./run.js')).run(...asked),
};
