import type { AnalysisReport } from '../../shared/contracts/reports/analysis-report.js';
import { openIncident, type IncidentMarker } from '../../shared/ledger/incidents.js';
import type { TrafficControl } from '../../shared/traffic/control.js';

export type PagePorts = Pick<TrafficControl, 'github' | 'writers' | 'timeline' | 'once'>;

/**
 * Opens the incident, or adds to the open one of the same trouble. Returns what the report gets: the incident, or the
 * reason with why nobody could be paged. Never throws: what was done stands.
 */
export async function page(
  { github, writers, timeline, once }: PagePorts,
  reason: string,
  incident: { title: string; body: string; marker: IncidentMarker },
): Promise<Pick<AnalysisReport, 'incident'> | Pick<AnalysisReport, 'reason'>> {
  try {
    const { number, url, fresh } = await openIncident(github, incident, writers, once);
    timeline.say(fresh ? `Incident opened: ${url}` : `Incident updated: ${url}`);
    return { incident: { number, url } };
  } catch (error) {
    const unpaged = `Nobody could be paged: no incident could be opened. ${error instanceof Error ? error.message : String(error)}`;
    timeline.say(unpaged);
    return { reason: `${reason}. ${unpaged}` };
  }
}
