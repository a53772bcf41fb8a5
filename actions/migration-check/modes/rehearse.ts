import { join } from 'node:path';
import { ConfigurationError } from '../../../shared/config/problem.js';
import { openGit } from '../../../shared/exec/git.js';
import { openGitHub } from '../../../shared/github/client.js';
import type { Host } from '../../../shared/runner/host.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { openApply, usualTimeouts } from '../apply/open.js';
import type { ApplyPorts } from '../apply/ports.js';
import { toOutcome } from '../outcome.js';
import { rehearse, type Rehearsal } from '../rehearse/rehearse.js';
import type { Mode } from './mode.js';
import { onlyPostgresql } from './run.js';

/** Plays the migrations of the release on a database of its own, with the release before as it was. */
export const rehearsal: Mode = async (input, host, { config, migrations, history, report }) => {
  const { run, rehearse: how, timeouts, database } = config;
  if (database !== 'postgresql') throw new ConfigurationError([onlyPostgresql(input.migrations, database)]);
  if (!run || !how) throw new ConfigurationError([missing(input.migrations, run ? 'rehearse' : 'run')]);
  if (report.files.length === 0) return toOutcome(report);
  const { context, clock, random } = host;
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random });
  const server = openApply(host, github, {
    environment: input.environment,
    service: input.service,
    version: input.version ?? report.to.sha.slice(0, 12),
    config: { ...run, connection: how.connection, env: how.env, 'time-limit': how['time-limit'] },
    timeouts: timeouts ?? usualTimeouts,
    migrations: migrations.map(({ file, up, down }) => ({ name: file.path, up, down })),
    jobId: input['job-id'] ?? 0,
  });
  const base = report.from?.sha;
  const seen = await host.log.group('Rehearsal', () =>
    withCheckout(host, base, (baseFolder) =>
      onScratch(server, (ports) =>
        rehearse(ports, {
          how,
          baseFolder,
          history: history.map(({ path, up }) => ({ name: path, up, down: undefined })),
        }),
      ),
    ),
  );
  return toOutcome({
    ...report,
    result: seen.ok ? (report.allowed ? 'rehearsed' : report.result) : 'failed',
    allowed: seen.ok && report.allowed,
    message: seen.ok && !report.allowed ? `${report.message}. ${seen.message}` : seen.message,
    now: isoInstant(clock.now()),
    applied: { steps: [...seen.steps], backup: null, endpoint: '' },
  });
};

const missing = (file: string, key: string) => ({
  file,
  path: key,
  got: 'nothing',
  allowed: key === 'run' ? 'how migrations are applied and taken back' : 'a server on which it is tried',
  fix: `add the key "${key}" (docs/migrations-run.md)`,
});

/** Does something with a checkout of a commit beside the workspace, and removes it. */
async function withCheckout<T>(
  { context, signal }: Host,
  commit: string | undefined,
  use: (folder: string | undefined) => Promise<T>,
): Promise<T> {
  if (commit === undefined) return use(undefined);
  const git = openGit(context.workspace, signal);
  const folder = join(context.temp, `rehearsal-${context.runId}-${context.attempt}-${commit.slice(0, 12)}`);
  const remove = () => git(['worktree', 'remove', '--force', folder]);
  await remove();
  const made = await git(['worktree', 'add', '--detach', folder, commit]);
  if (!made.ok) throw new Error(`The release before cannot be checked out: ${made.why}`);
  try {
    return await use(folder);
  } finally {
    await remove();
  }
}

/** Does something on a new database of the server, and drops it. */
async function onScratch(
  server: ApplyPorts,
  use: (ports: ApplyPorts) => Promise<Rehearsal>,
): Promise<Rehearsal> {
  const { me, random, address } = server;
  const name = `rehearsal_${me.runId}_${me.attempt}_${Math.floor(random() * 2 ** 32).toString(16)}`;
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const session = await server.open(address, name);
  try {
    await session.query(`CREATE DATABASE ${name} TEMPLATE template0`);
    try {
      return await use({ ...server, address: { ...address, database: name }, url: url.href });
    } finally {
      await session.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }
  } finally {
    await session.close();
  }
}
