import type { AnyGate } from '../gate/gate.js';
import { blockers } from './blockers.js';
import { branch } from './branch.js';
import { cel } from './cel.js';
import { checks } from './checks/checks.js';
import { approvals } from './code/approvals.js';
import { documented } from './code/documented.js';
import { hotfix } from './code/hotfix.js';
import { releaseCandidate } from './code/release-candidate.js';
import { version } from './code/version.js';
import { dora } from './dora.js';
import { environment } from './environment.js';
import { incidents } from './incidents.js';
import { metric } from './metric.js';
import { migration } from './migration.js';
import { monotonic } from './monotonic.js';
import { promotion } from './promotion/promotion.js';
import { provenance } from './provenance.js';
import { rego } from './rego.js';
import { window } from './window.js';

/** All gates, in the order in which they are shown. */
export const gates: readonly AnyGate[] = [
  branch,
  checks,
  approvals,
  hotfix,
  documented,
  version,
  releaseCandidate,
  provenance,
  promotion,
  monotonic,
  migration,
  environment,
  incidents,
  blockers,
  metric,
  dora,
  cel,
  rego,
  window,
];
