import { ConfigurationError, type Problem } from '../../../shared/config/problem.js';
import { readDatabaseUrl } from '../../../shared/database/address.js';
import { openSession } from '../../../shared/database/session.js';
import { digestOutput } from '../../../shared/exec/digest.js';
import { fileFacts, privateFile, removeFile } from '../../../shared/exec/files.js';
import { runCommand } from '../../../shared/exec/run.js';
import type { GitHub } from '../../../shared/github/client.js';
import { migrationFile } from '../../../shared/ledger/refs/migration.js';
import { githubRefStore } from '../../../shared/ledger/refs/refs.js';
import { readRunFacts } from '../../../shared/ledger/refs/runs.js';
import type { Host } from '../../../shared/runner/host.js';
import type { DatabaseAddress } from '../../../shared/database/address.js';
import type { RunConfig } from './config.js';
import type { ApplyPorts, SqlMigration } from './ports.js';

/** Limits of the session that migrates, in milliseconds, where the file names none. */
export const usualTimeouts = { lock: 5_000, statement: 900_000 } as const;

export interface ApplyRequest {
  environment: string;
  service: string;
  version: string;
  config: RunConfig;
  timeouts: { lock: number; statement: number };
  migrations: readonly SqlMigration[];
  jobId: number;
}

/** Reaches the world for a migration. Nothing is changed by it. */
export function openApply(host: Host, github: GitHub, request: ApplyRequest): ApplyPorts {
  const { context, clock, random, signal } = host;
  const { url, address } = connectionOf(host, request.config.connection, 'run.connection');
  for (const name of request.config.env) {
    const value = host.variable(name);
    if (value && looksSecret(name)) host.mask(value);
  }
  return {
    environment: request.environment,
    service: request.service,
    version: request.version,
    config: request.config,
    timeouts: request.timeouts,
    migrations: request.migrations,
    address,
    url,
    file: migrationFile(githubRefStore(github), request.environment, request.service),
    me: {
      runId: context.runId,
      attempt: context.attempt,
      job: request.jobId,
      actor: context.actor,
      workflow: context.workflowRef,
    },
    runFacts: (runId, attempt) => readRunFacts(github, runId, attempt),
    open: openSession,
    execute: runCommand,
    digest: digestOutput,
    files: { facts: fileFacts, makePrivate: privateFile, remove: removeFile },
    variable: (name) => host.variable(name),
    workspace: context.workspace,
    temp: context.temp,
    clock,
    random,
    signal,
    say: (line) => host.log.info(line),
  };
}

const looksSecret = (name: string): boolean => /SECRET|TOKEN|PASSW|KEY|CREDENTIAL|_URL$/i.test(name);

/** The database that a variable of the step names; its password is masked from then on. */
export function connectionOf(
  host: Host,
  name: string,
  path: string,
): { url: string; address: DatabaseAddress } {
  const url = host.variable(name);
  const read = url ? readDatabaseUrl(url) : { ok: false as const, why: 'it is not set or empty' };
  if (url) host.mask(url);
  if (!read.ok) throw new ConfigurationError([connectionProblem(name, path, read.why)]);
  if (read.address.password !== '') host.mask(read.address.password);
  return { url: url!, address: read.address };
}

const connectionProblem = (name: string, path: string, why: string): Problem => ({
  file: 'environment',
  path,
  got: `the variable ${name}: ${why}`,
  allowed: 'postgresql://user:password@host:5432/database, optionally with ?sslmode=disable',
  fix: `under "env:" of the step add  ${name}: \${{ secrets.${name} }}`,
});
