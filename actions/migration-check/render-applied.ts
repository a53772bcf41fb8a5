import type { MigrationReport } from '../../shared/contracts/reports/migration-report.js';
import { code, escapeMarkdown, table } from '../../shared/report/markdown.js';
import { formatDuration } from '../../shared/time/duration.js';
import { parseInstant } from '../../shared/time/instant.js';

const signs = { done: '✅', failed: '❌', skipped: '⚪' } as const;

/** What was done to a database, step by step, and the back-up. Pure. */
export function appliedSteps({ applied }: MigrationReport): string[] {
  if (!applied) return [];
  const { steps, backup, endpoint } = applied;
  const rows = steps.map(({ name, result, startedAt, endedAt, detail }) => [
    `${signs[result]} ${result}`,
    name,
    endedAt === null ? '' : formatDuration((parseInstant(endedAt) ?? 0) - (parseInstant(startedAt) ?? 0)),
    escapeMarkdown(detail.slice(0, 500)),
  ]);
  return [
    ...(rows.length > 0 ? [table(['', 'step', 'took', ''], rows)] : []),
    ...(backup
      ? [
          `Back-up ${code(backup.id)}${backup.bytes === null ? '' : `, ${backup.bytes} bytes`}${backup.checksum === null ? '' : `, ${code(backup.checksum)}`}`,
        ]
      : []),
    ...(endpoint === '' ? [] : [`Database to use from now on: ${code(endpoint)}`]),
  ];
}
