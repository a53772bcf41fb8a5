import type { MigrationFinding, MigrationReport } from '../../contracts/reports/migration-report.js';
import type { News } from '../message.js';

/** Findings that a message shows; the run has all. */
const shown = 5;

/** What people are told of schema changes: what stops them, or what became of the database. */
export function tellMigration(report: MigrationReport): News {
  const { mode, result, message, environment, service, now, applied, from, to } = report;
  const open = report.findings.filter(stops);
  return {
    ...kindOf(report),
    body: [
      message,
      ...open.slice(0, shown).map(lineOf),
      ...(open.length > shown ? [`${open.length - shown} more in the run.`] : []),
    ].join('\n'),
    environment,
    service,
    since: now,
    facts: {
      Result: `${mode}: ${result}`,
      'Live release': from ? (from.version ?? from.sha.slice(0, 12)) : undefined,
      Release: to.version ?? to.sha.slice(0, 12),
      Schema: report.schemaVersion ?? undefined,
      'Oldest app on it': report.oldestCompatibleApp ?? undefined,
      'Back-up': applied?.backup?.id,
      'Database to use': applied?.endpoint,
    },
  };
}

/** What a person must change; notices never stop a release, and waived findings were looked at. */
const stops = ({ level, waiver }: MigrationFinding): boolean =>
  level !== 'notice' && (waiver === null || waiver.expired);

const lineOf = ({ rule, file, line, detail }: MigrationFinding): string =>
  `${rule} in ${file}${line === null ? '' : `:${line}`}: ${detail}`;

type Kind = Pick<News, 'tone' | 'title' | 'next' | 'changed' | 'page'>;

const page = (action: 'trigger' | 'resolve', severity: 'critical' | 'error' | 'info') =>
  ({ action, severity, of: 'migration' }) as const;

function kindOf({ result, allowed, service, environment, to, applied }: MigrationReport): Kind {
  const name = `${service}${to.version === null ? '' : ` ${to.version}`}`;
  switch (result) {
    case 'none-changed':
    case 'safe':
    case 'waived':
    case 'rehearsed':
      return allowed
        ? {
            tone: 'success',
            title: `The migrations of ${name} may go to ${environment}`,
            next: 'Nothing to do.',
            changed: false,
          }
        : refused(name, environment);
    case 'unsafe':
      return refused(name, environment);
    case 'applied':
      return {
        tone: 'success',
        title: `The database of ${service} in ${environment} was migrated${to.version === null ? '' : ` for ${to.version}`}`,
        next: 'Nothing to do.',
        changed: true,
        page: page('resolve', 'info'),
      };
    case 'settled':
      return {
        tone: 'success',
        title: `The migration of ${service} in ${environment} was on hold and is settled`,
        next: 'Migrations and releases of this service may run again.',
        changed: true,
        page: page('resolve', 'info'),
      };
    case 'restored':
      return {
        tone: 'rollback',
        title: `The database of ${service} in ${environment} was restored: the migration of ${name} failed`,
        next: applied?.endpoint
          ? `Point the application to ${applied.endpoint}. Then fix the migration and release again.`
          : 'The live version runs on the database as it was. Fix the migration and release again.',
        changed: true,
        page: page('trigger', 'error'),
      };
    case 'failed':
      return {
        tone: 'failure',
        title: `The migration of ${name} failed in ${environment}`,
        next: 'The database is what it was. Fix the migration and release again.',
        changed: true,
      };
    case 'held':
      return {
        tone: 'incident',
        title: `The migration of ${name} in ${environment} is on hold and needs a person`,
        next: 'Bring database and application to one state, then run migration-check in mode settle. Until then no migration of this service runs.',
        changed: true,
        page: page('trigger', 'critical'),
      };
    case 'busy':
      return {
        tone: 'hold',
        title: `The migration of ${name} in ${environment} waits for another one`,
        next: 'Run the job again when the other one has ended.',
        changed: false,
      };
  }
}

const refused = (name: string, environment: string): Kind => ({
  tone: 'failure',
  title: `The migrations of ${name} may not go to ${environment}`,
  next: 'Fix what is listed or waive it in its file with a reason and a last day, then release again.',
  changed: true,
});
