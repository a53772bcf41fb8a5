import type { Rules } from '../../../shared/analysis/criteria/criteria-file.js';
import type { AnalysisReport, OnInconclusive } from '../../../shared/contracts/reports/analysis-report.js';
import type { Severity } from '../../../shared/contracts/severity.js';
import type { GitHubClock } from '../../../shared/github/client.js';
import type { Host } from '../../../shared/runner/host.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { unwatchedIncident } from '../incident.js';
import type { Inputs } from '../inputs.js';
import { page, type PagePorts } from '../page.js';
import type { Live } from '../subject.js';
import { takeBackRelease } from './take-back-release.js';

/** Blocks no release by the usual gate, and is seen all the same. */
const pageSeverity: Severity = 'medium';

/**
 * Tells a person that the release is live and nobody watches it, so that it does not stay so in silence. The policy
 * hold asks for a decision; where it is not known, page is meant.
 */
export async function leaveUnwatched(
  ports: PagePorts & { github: GitHubClock },
  report: AnalysisReport,
  severity: Severity,
  policy: Exclude<OnInconclusive, 'take-back'> = 'page',
): Promise<AnalysisReport> {
  const left: AnalysisReport = {
    ...report,
    unwatched: true,
    ...(policy === 'hold' ? { result: 'held' } : {}),
  };
  const worst = policy === 'hold' ? severity : pageSeverity;
  return {
    ...left,
    ...(await page(ports, left.reason, unwatchedIncident(left, worst, ports.github.now()))),
  };
}

/** A watch that came to no verdict: the release is rolled back, or a person is told, as the policy says. */
export function endUndecided(
  control: TrafficControl,
  values: Inputs,
  host: Host,
  report: AnalysisReport,
  { found, rules }: { found: Live | undefined; rules: Rules | undefined },
): Promise<AnalysisReport> {
  const policy = rules?.onInconclusive ?? 'page';
  if (policy !== 'take-back' || !found)
    return leaveUnwatched(control, report, values.severity, policy === 'hold' ? 'hold' : 'page');
  const reason = `${report.reason}; on-inconclusive says take-back`;
  return takeBackRelease(control, values, host, found, { ...report, reason });
}
