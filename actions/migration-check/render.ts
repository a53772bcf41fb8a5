import {
  migrationLevels,
  type MigrationFinding,
  type MigrationReport,
} from '../../shared/contracts/reports/migration-report.js';
import { appliedSteps } from './render-applied.js';
import { code, details, escapeMarkdown, table } from '../../shared/report/markdown.js';

/** Files, findings and steps that a summary shows; the report has them all. */
const mostRows = 50;

const signs = { error: '❌', warning: '⚠️', notice: 'ℹ️' } as const;

/** The job summary: the answer, what was found, what would run. */
export function render(report: MigrationReport): string {
  const { allowed, message, from, schemaVersion, oldestCompatibleApp, notes } = report;
  const live = from
    ? `compared with ${from.version ?? from.sha.slice(0, 10)}, ${from.by === 'ledger' ? `live by Deployment ${from.deployment}` : 'named by the input "base"'}`
    : 'a first deployment: every migration is new';
  return [
    `## ${allowed ? '✅' : '❌'} ${escapeMarkdown(message)}`,
    `${escapeMarkdown(report.service)} ${escapeMarkdown(report.to.version ?? report.to.sha.slice(0, 10))} for ${escapeMarkdown(report.environment)} · ${escapeMarkdown(live)}`,
    ...(schemaVersion === null
      ? []
      : [
          `Schema ${code(schemaVersion)} · oldest app that may run on it: ${oldestCompatibleApp === null ? 'not known' : code(oldestCompatibleApp)}`,
        ]),
    ...appliedSteps(report),
    ...findingsOf(report.findings),
    ...filesOf(report),
    ...stepsOf(report),
    ...notes.map((note) => `- ${escapeMarkdown(note)}`),
  ].join('\n\n');
}

function findingsOf(findings: readonly MigrationFinding[]): string[] {
  if (findings.length === 0) return [];
  const first = [...findings].sort((a, b) => weight(a) - weight(b)).slice(0, mostRows);
  const rows = first.map(({ level, rule, file, line, detail, recipe, waiver }) => {
    const waived = waiver !== null && !waiver.expired;
    const what = waived
      ? `waived until ${waiver.until}: ${escapeMarkdown(waiver.reason)}`
      : `${waiver ? `the waiver ended on ${waiver.until}. ` : ''}${escapeMarkdown(recipe)}`;
    return [
      waived ? '⚠️ waived' : `${signs[level]} ${level}`,
      code(rule),
      code(line === null ? file : `${file}:${line}`),
      escapeMarkdown(detail),
      what,
    ];
  });
  return [table(['', 'rule', 'where', 'what', 'what to do'], rows), ...more(findings.length)];
}

/** What stops the release comes first: the rest of a long list is cut. */
const weight = ({ level, waiver }: MigrationFinding) =>
  (waiver !== null && !waiver.expired ? 3 : 0) + migrationLevels.indexOf(level);

function filesOf({ files }: MigrationReport): string[] {
  if (files.length === 0) return [];
  const rows = files
    .slice(0, mostRows)
    .map(({ order, path, tool, statements, reversible }) => [
      String(order),
      code(path),
      tool,
      statements === null ? 'not read' : String(statements),
      reversible === 'not-said' ? 'no, and it does not say why' : reversible,
    ]);
  return [table(['', 'migration', 'tool', 'statements', 'can be reversed'], rows), ...more(files.length)];
}

function stepsOf({ plan }: MigrationReport): string[] {
  if (plan.length === 0) return [];
  const rows = plan
    .slice(0, mostRows)
    .map(({ order, file, line, statement, lock }) => [
      String(order),
      code(line === null ? file : `${file}:${line}`),
      code(statement),
      lock === null ? 'none on what exists' : `${lock.mode} on ${code(lock.relation)}, ${words[lock.for]}`,
      lock === null ? '' : lock.blocks,
      typeof lock?.rows === 'number' ? `${lock.rows} rows` : '',
    ]);
  return [
    details(
      `Plan: ${plan.length} ${plan.length === 1 ? 'statement' : 'statements'}`,
      table(['', 'where', 'statement', 'lock', 'blocks', 'size'], rows),
    ),
    ...more(plan.length),
  ];
}

const words = {
  moment: 'for a moment',
  scan: 'while all rows are read',
  rewrite: 'while the table is written anew',
  'index-build': 'while an index is built',
  unknown: 'for a time that is not known',
} as const;

const more = (count: number) => (count > mostRows ? [`… and ${count - mostRows} more in the report.`] : []);
