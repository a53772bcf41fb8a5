import type { AnalysisReport, OnInconclusive } from '../../shared/contracts/analysis-report.js';
import type { Severity } from '../../shared/contracts/severity.js';
import type { GitHubClock } from '../../shared/github/client.js';
import { unwatchedIncident } from './incident.js';
import { page, type PagePorts } from './page.js';

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
