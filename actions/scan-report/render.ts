import type { Finding, Scan, ScanReport } from '../../shared/contracts/reports/scan-report.js';
import { code, details, escapeMarkdown, table } from '../../shared/report/markdown.js';
import { counts } from './judge.js';

const signs = { clean: '✅', found: '❌', blind: '🙈' } as const;
/** Rows of one table: the report has all. */
const mostRows = 50;

/** The job summary: one row for each scan, what counts, what now; the rest opens on a click. */
export function render(report: ScanReport): string {
  const { result, scans, findings, idleWaivers, failAt } = report;
  const counted = findings.filter(counts);
  const others = findings.filter((finding) => !counts(finding));
  return [
    `## ${signs[result]} ${escapeMarkdown(headline(report, counted.length))}`,
    table(['', 'scan', 'looked at', `at ${failAt} or worse`, 'below or waived'], scans.map(rowOf)),
    ...(counted.length === 0
      ? []
      : [
          `**${counted.length === 1 ? '1 finding counts' : `${counted.length} findings count`}:**`,
          listOf(counted),
        ]),
    ...(result === 'clean' ? [] : [`**Now:** ${nextOf(report)}`]),
    ...(others.length === 0 ? [] : [details(`Below the bound, or waived: ${others.length}`, listOf(others))]),
    ...(idleWaivers.length === 0
      ? []
      : [
          `Waivers that nothing needs any more; delete them: ${idleWaivers
            .map(
              ({ finding, where, line }) => `${code(`${finding} ${where}`)}${line ? ` (line ${line})` : ''}`,
            )
            .join(', ')}.`,
        ]),
    '',
  ].join('\n\n');
}

/** The verdict in one line; why a scan could not look stands in its row. */
function headline({ result, message, scans, failAt }: ScanReport, counted: number): string {
  if (result !== 'blind') return message;
  const blind = scans.filter((scan) => scan.blind.length > 0).map(({ name }) => name);
  const names =
    blind.length > 4 ? `${blind.slice(0, 3).join(', ')} and ${blind.length - 3} more` : blind.join(', ');
  return [
    `${blind.length} of ${scans.length === 1 ? '1 scan' : `${scans.length} scans`} could not look: ${names}`,
    ...(counted > 0 ? [`${counted === 1 ? '1 finding' : `${counted} findings`} at ${failAt} or worse`] : []),
  ].join(' · ');
}

const rowOf = ({ name, lookedAt, unit, blind, findings, counted }: Scan): string[] =>
  blind.length > 0
    ? [
        '🙈',
        code(name),
        `**could not look:** ${blind.slice(0, 3).map(escapeMarkdown).join('; ')}${blind.length > 3 ? `; and ${blind.length - 3} more` : ''}`,
        String(counted),
        String(findings - counted),
      ]
    : [
        counted > 0 ? '❌' : '✅',
        code(name),
        `${lookedAt} ${lookedAt === 1 ? unit.replace(/s\b/, '') : unit}`,
        String(counted),
        String(findings - counted),
      ];

function listOf(findings: readonly Finding[]): string {
  const rows = findings
    .slice(0, mostRows)
    .map((each) => [
      each.severity,
      code(each.id),
      code(each.where),
      escapeMarkdown(each.title),
      standingText(each),
    ]);
  const rest = findings.length - rows.length;
  const list = table(['severity', 'finding', 'where', 'what', 'fix'], rows);
  return rest > 0 ? `${list}\n\n${rest} more stand in the report.` : list;
}

function standingText({ standing, waiver, fix }: Finding): string {
  const change = fix === undefined ? '' : escapeMarkdown(fix);
  if (!waiver || standing === 'below') return change;
  const by = `${escapeMarkdown(waiver.reason)} (${escapeMarkdown(waiver.by)}, until ${waiver.until})`;
  return standing === 'waived' ? `waived: ${by}` : `**its waiver ended on ${waiver.until}.** ${change}`;
}

function nextOf({ result, scans }: ScanReport): string {
  if (result === 'found')
    return 'fix what is listed, or add it to the file of waivers with a reason, a name and a day.';
  const names = scans.filter(({ blind }) => blind.length > 0).map(({ name }) => code(name));
  return `look at the log of ${names.join(', ')} and run the job again. A scan that has nothing to look at is turned off in the workflow.`;
}
