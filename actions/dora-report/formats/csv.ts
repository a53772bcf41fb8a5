import type { DoraReport } from '../../../shared/contracts/reports/dora-report.js';

const columns = [
  'finished_utc',
  'service',
  'version',
  'sha',
  'kind',
  'outcome',
  'counted',
  'rework',
  'commits',
  'lead_time_p50_hours',
  'recovered_by',
  'url',
] as const;

/** The deployments of the window as CSV (RFC 4180), newest first; empty cells where there is no value. */
export function csvOf({ deployments }: DoraReport): string {
  const rows = deployments.map((row) => [
    row.at,
    row.service,
    row.version,
    row.sha,
    row.kind,
    row.outcome,
    row.counted,
    row.rework,
    row.commits,
    row.leadTimeP50 ?? '',
    row.recoveredBy ?? '',
    row.url,
  ]);
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A spreadsheet takes text that begins so for a formula: an apostrophe makes it text again. */
const formula = /^[=+\-@\t\r]/;

function cell(value: string | number | boolean): string {
  const text = typeof value === 'string' && formula.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
