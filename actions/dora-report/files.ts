import type { DoraReport } from '../../shared/contracts/reports/dora-report.js';
import { badgeOf, type BadgeMetric } from './formats/badge.js';
import { classicOf } from './formats/classic.js';
import { csvOf } from './formats/csv.js';
import { openMetricsOf } from './formats/openmetrics.js';
import { renderPage } from './page/page.js';

/** Everything a report is written as, by the output that carries the path. */
export function filesOf(report: DoraReport): Record<string, { name: string; text: string }> {
  const badge = (metric: BadgeMetric) => ({
    name: `dora-${metric}.svg`,
    text: badgeOf(metric, report),
  });
  return {
    html: { name: 'dora-report.html', text: renderPage(report) },
    classic: { name: 'dora-classic.json', text: `${JSON.stringify(classicOf(report), null, 2)}\n` },
    csv: { name: 'dora-deployments.csv', text: csvOf(report) },
    openmetrics: { name: 'dora.prom', text: openMetricsOf(report) },
    'badge-lead-time': badge('lead-time'),
    'badge-frequency': badge('frequency'),
    'badge-change-fail-rate': badge('change-fail-rate'),
    'badge-recovery': badge('recovery'),
    'badge-rework': badge('rework'),
  };
}
