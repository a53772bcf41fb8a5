import { ConfigurationError, type Problem } from '../../../shared/config/problem.js';
import type { AppliedReport, MigrationReport } from '../../../shared/contracts/reports/migration-report.js';
import { openGit } from '../../../shared/exec/git.js';
import { openGitHub, type GitHub, type GitHubClock } from '../../../shared/github/client.js';
import { spellingOf } from '../../../shared/ledger/environment.js';
import { openIncident } from '../../../shared/ledger/incidents.js';
import type { Migration } from '../../../shared/ledger/refs/migration.js';
import { githubRefStore } from '../../../shared/ledger/refs/refs.js';
import { code, escapeMarkdown, link } from '../../../shared/report/markdown.js';
import { runUrl } from '../../../shared/runner/context.js';
import type { Host } from '../../../shared/runner/host.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { openApply, usualTimeouts, type ApplyRequest } from '../apply/open.js';
import { endMigration, runMigration, type MigrationEnd } from '../apply/run.js';
import type { MigrationsFile } from '../config/schema.js';
import { toOutcome } from '../outcome.js';
import type { Mode } from './mode.js';

/** Backs up, applies and verifies what was judged to be safe; takes back what does not hold. */
export const run: Mode = async (input, host, { config, migrations, report }) => {
  const { timeouts } = config;
  const how = howToRun(config, input.migrations);
  const { context, clock, random, log } = host;
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random });
  const environment = await spellingOf(github, input.environment, { say: (line) => log.info(line) });
  const request: ApplyRequest = {
    environment,
    service: input.service,
    version: input.version ?? report.to.sha.slice(0, 12),
    config: how,
    timeouts: timeouts ?? usualTimeouts,
    migrations: migrations.map(({ file, up, down }) => ({ name: file.path, up, down })),
    jobId: input['job-id'] ?? 0,
  };
  const ports = openApply(host, github, request);
  // What a dead run left is brought to its end, whatever this release brings.
  const left = await ports.file.read();
  if (!left && (!report.allowed || report.result === 'none-changed')) return toOutcome(report);
  const other = await checkedOut(host, report.to.sha);
  if (other !== undefined) throw new Error(other);
  const armed: Armed = {
    request: { ...request, migrations: request.migrations.map((one) => ({ ...one, up: '' })) },
    report: { ...report, environment, files: [], findings: [], plan: [] },
    writers: input['ledger-writers'],
  };
  host.state.save('migration', JSON.stringify(armed));
  const end = await log.group('Running the migrations', () => runMigration(ports, report.allowed));
  host.state.save('migration', '');
  return conclude(host, github, { ...report, environment }, { end, writers: input['ledger-writers'] });
};

/** The key "run" of the migrations file; throws where it is missing, or the database is none that is run. */
export function howToRun(
  { run, database }: MigrationsFile,
  file: string,
): NonNullable<MigrationsFile['run']> {
  if (database !== 'postgresql') throw new ConfigurationError([onlyPostgresql(file, database)]);
  if (run) return run;
  throw new ConfigurationError([
    {
      file,
      path: 'run',
      got: 'nothing',
      allowed: 'how a migration is backed up, applied and verified',
      fix: 'add the key "run" (docs/migrations-run.md)',
    },
  ]);
}

/** What back-up, restore and the proof before it rest on is PostgreSQL's own. */
export const onlyPostgresql = (file: string, database: string): Problem => ({
  file,
  path: 'database',
  got: database,
  allowed: 'postgresql: migrations of other databases are found and compared, and not run',
  fix: 'let your own step run them, behind the gate "migration"; use mode: check or mode: plan here',
});

/** What main leaves for post: enough to take back what was begun, nothing that a later step could change. */
interface Armed {
  request: ApplyRequest;
  report: MigrationReport;
  writers: readonly string[];
}

/** Takes back what this job began when it was cancelled or killed, so that no fence is left up. */
export async function finish(host: Host): Promise<ReturnType<typeof toOutcome> | undefined> {
  const armed = host.state.read('migration');
  if (!armed) return undefined;
  const { request, report, writers } = JSON.parse(armed) as Armed;
  const { context, clock, random, log } = host;
  const token = host.variable('INPUT_GITHUB-TOKEN');
  const github = await openGitHub({ token, at: context, clock, random });
  const ports = openApply(host, github, request);
  const end = await log.group('Ending what was begun', () => endMigration(ports));
  return end && conclude(host, github, report, { end, writers });
}

async function conclude(
  host: Host,
  github: GitHub & GitHubClock,
  report: MigrationReport,
  { end, writers }: { end: MigrationEnd; writers: readonly string[] },
) {
  const unpaged = end.result === 'held' && end.journal ? await page(github, writers, host, end) : undefined;
  return toOutcome({
    ...report,
    result: end.result,
    allowed: end.result === 'applied' && report.allowed,
    // What did not last must not be taken for the schema that the release runs on.
    ...(end.result === 'applied' ? {} : { schemaVersion: null, oldestCompatibleApp: null }),
    message: unpaged === undefined ? end.message : `${end.message} ${unpaged}`,
    applied: appliedOf(end),
  });
}

/** Why the workspace is not the released commit, whose code the commands would run; undefined when it is. */
async function checkedOut({ context, signal }: Host, sha: string): Promise<string | undefined> {
  const head = await openGit(context.workspace, signal)(['rev-parse', 'HEAD']);
  const at = head.ok ? head.text.trim() : head.why;
  return at === sha
    ? undefined
    : `Nothing was done: the workspace is at ${at} instead of ${sha}, the released commit.\nFix: under "with:" of actions/checkout add  ref: ${sha}`;
}

/** The journal as a report has it. */
export function appliedOf({ journal, endpoint }: MigrationEnd): AppliedReport {
  const { backup } = journal ?? {};
  return {
    steps: (journal?.steps ?? []).map(({ step, begun, done }, index, all) => ({
      name: step,
      result: done === undefined ? ('failed' as const) : ('done' as const),
      startedAt: begun,
      endedAt: done ?? null,
      detail: done === undefined && index === failedAt(all) ? (journal?.failure ?? '') : '',
    })),
    backup: backup
      ? {
          id: backup.location,
          takenAt: backup.at,
          bytes: Number(backup.size),
          checksum: backup.sha256 === undefined ? null : `sha256:${backup.sha256}`,
          restorable: true,
        }
      : null,
    endpoint,
  };
}

const failedAt = (steps: Migration['steps']): number => steps.findIndex(({ done }) => done === undefined);

/** By which the incident of a hold is known. */
export const holdFingerprint = ({ environment, service, since }: Migration): string =>
  `held:migration:${environment}:${service}:${since}`;

/** Pages a person; gives why nobody could be. The hold stands either way. */
async function page(
  github: GitHub & GitHubClock,
  writers: readonly string[],
  { context, log, clock, random, signal }: Host,
  { message, journal }: MigrationEnd,
): Promise<string | undefined> {
  const { environment, service, version } = journal!;
  try {
    const { url } = await openIncident(
      github,
      {
        title: `${service}: the migration to ${version} in ${environment} is on hold and needs a person`,
        body: [
          escapeMarkdown(message),
          journal?.backup ? `The back-up is ${code(journal.backup.location)}.` : 'There is no back-up.',
          link('The run that held it', runUrl(context)),
        ].join('\n\n'),
        marker: {
          schema: 'devops-actions/incident@1',
          service,
          environment,
          severity: 'critical',
          fingerprint: holdFingerprint(journal!),
          openedAt: isoInstant(github.now()),
        },
      },
      writers,
      { store: githubRefStore(github), clock, random, now: () => github.now(), signal },
    );
    log.info(`Incident ${url}`);
    return undefined;
  } catch (error) {
    return `Nobody could be paged, no incident could be opened: ${error instanceof Error ? error.message : String(error)}`;
  }
}
