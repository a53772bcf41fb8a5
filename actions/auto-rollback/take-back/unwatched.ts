import type { AnalysisReport, OnInconclusive } from '../../../shared/contracts/reports/analysis-report.js';
import type { Severity } from '../../../shared/contracts/severity.js';
import type { GitHubClock } from '../../../shared/github/client.js';
import type { Host } from '../../../shared/runner/host.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { unwatchedIncident } from '../incident.js';
import type { Inputs } from '../inputs.js';
import { page, type PagePorts } from '../page.js';
import type { RulesRead } from '../rules.js';
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
  { found, read }: { found: Live | undefined; read: RulesRead | undefined },
): Promise<AnalysisReport> {
  const policy = read?.rules.onInconclusive ?? 'page';
  if (policy !== 'take-back' || !found || !read)
    return leaveUnwatched(control, report, values.severity, policy === 'hold' ? 'hold' : 'page');
  const reason = `${report.reason}; on-inconclusive says take-back`;
  const rules = () => Promise.resolve(read.after);
  return takeBackRelease(control, values, host, { ...found, rules }, { ...report, reason });
}
