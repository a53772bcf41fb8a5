import type { MigrationReport } from '../../../shared/contracts/reports/migration-report.js';
import type { Outcome } from '../../../shared/runner/define-action.js';
import type { Host } from '../../../shared/runner/host.js';
import type { Inputs, Outputs } from '../inputs.js';
import type { Inspection } from '../inspection.js';

/** Goes on from what was found, and says what became of it. */
export type Mode = (
  input: Inputs,
  host: Host,
  inspection: Inspection,
) => Promise<Outcome<Outputs, MigrationReport>>;
