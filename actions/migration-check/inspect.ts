import { isInlineConfig } from '../../shared/config/load.js';
import { parseConfig } from '../../shared/config/parse.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { openGit } from '../../shared/exec/git.js';
import { openGitHub } from '../../shared/github/client.js';
import { spellingOf } from '../../shared/ledger/environment.js';
import { prover } from '../../shared/ledger/trust.js';
import type { Host } from '../../shared/runner/host.js';
import { isoInstant } from '../../shared/time/instant.js';
import { migrationsSchema, type MigrationsFile } from './config/schema.js';
import { liveBase, namedBase, type Base } from './find/base.js';
import { readLedger } from './find/live.js';
import { openRepository, wholeFix, type Repository } from './find/repository.js';
import type { Inputs } from './inputs.js';
import type { Inspection } from './inspection.js';

/** Finds the migrations that production does not have yet, and judges them. Changes nothing. */
export async function inspect(input: Inputs, host: Host): Promise<Inspection> {
  const { context, log, signal, clock } = host;
  const repository = openRepository(openGit(context.workspace, signal));
  const sha = input.sha ?? context.sha;
  if ((await repository.commitOf(sha)) !== sha)
    throw new Error(`The workspace is no clone that has ${sha}, the released commit.\n${wholeFix}`);
  const config = await readConfig(repository, sha, input.migrations);
  const base = await findBase(input, host, repository);
  log.info(base.from ? `Compared with ${base.from.version ?? base.from.sha}` : 'A first deployment');
  return {
    config,
    migrations: [],
    report: {
      schema: 'devops-actions/migration-report@1',
      mode: input.mode,
      result: 'unsafe',
      allowed: false,
      message: 'Migrations cannot be judged yet',
      service: input.service,
      environment: input.environment,
      now: isoInstant(clock.now()),
      database: config.database,
      from: base.from,
      to: { sha, version: input.version ?? null },
      files: [],
      findings: [],
      plan: [],
      schemaVersion: null,
      oldestCompatibleApp: null,
      notes: [],
      run: { id: context.runId, attempt: context.attempt },
    },
  };
}

/** The migrations file of the released commit: what another step wrote into the workspace does not count. */
async function readConfig(repository: Repository, sha: string, given: string): Promise<MigrationsFile> {
  const inline = isInlineConfig(given);
  const file = inline ? 'input migrations' : given;
  const text = inline ? given : await repository.read(sha, given);
  if (text === undefined)
    throw new ConfigurationError([
      {
        file,
        path: '',
        got: `no such file at ${sha}`,
        allowed: 'a migrations file of the released commit',
        fix: 'write it (docs/migrations.md), or set the input "migrations" to its path',
      },
    ]);
  const parsed = parseConfig(text, file, migrationsSchema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  return parsed.value;
}

async function findBase(input: Inputs, host: Host, repository: Repository): Promise<Base> {
  if (input.base !== undefined) return namedBase(repository, input.base);
  const { context, clock, random, signal, log } = host;
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random, signal });
  const environment = await spellingOf(github, input.environment, { say: (line) => log.info(line) });
  const ledger = await readLedger(github, prover(github, { workflows: input['release-workflows'] }), {
    environment,
    service: input.service,
    writers: input['ledger-writers'],
  });
  return liveBase(repository, ledger);
}
