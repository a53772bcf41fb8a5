import { isInlineConfig } from '../../shared/config/load.js';
import { parseConfig } from '../../shared/config/parse.js';
import { openGit } from '../../shared/exec/git.js';
import { runCommand } from '../../shared/exec/run.js';
import { openGitHub } from '../../shared/github/client.js';
import { spellingOf } from '../../shared/ledger/environment.js';
import { prover } from '../../shared/ledger/proof/trust.js';
import type { Host } from '../../shared/runner/host.js';
import { isoInstant } from '../../shared/time/instant.js';
import { assess } from './assess.js';
import { readMigrationsFile } from './config/read.js';
import { migrationsSchema, type MigrationsFile, type Source } from './config/schema.js';
import { liveBase, namedBase, type Base } from './find/base.js';
import { collect } from './find/collect.js';
import { readLedger } from './find/live.js';
import { openRepository, wholeFix, type Repository } from './find/repository.js';
import type { Inputs } from './inputs.js';
import type { Inspection } from './inspection.js';
import type { Run } from './print/printer.js';
import { parserOf } from './sql/dialect.js';
import { askSquawk } from './squawk/ask.js';

/** Finds the migrations that production does not have yet, and judges them. Changes nothing. */
export async function inspect(input: Inputs, host: Host): Promise<Inspection> {
  const { context, log, signal } = host;
  const repository = openRepository(openGit(context.workspace, signal));
  const sha = input.sha ?? context.sha;
  if ((await repository.commitOf(sha)) !== sha)
    throw new Error(`The workspace is no clone that has ${sha}, the released commit.\n${wholeFix}`);
  const base = await findBase(input, host, repository);
  log.info(base.from ? `Compared with ${base.from.version ?? base.from.sha}` : 'A first deployment');
  return inspectRange(input, host, { repository, base, target: { sha, treeish: sha } });
}

/** What is released: a commit, or on a laptop the files as they are. */
export interface Target {
  sha: string;
  treeish: string;
}

export async function inspectRange(
  input: Inputs,
  host: Host,
  { repository, base, target }: { repository: Repository; base: Base; target: Target },
): Promise<Inspection> {
  const { context, clock, log, signal } = host;
  const { config, leftOut } = await readConfig(repository, base, target, input.migrations);
  const now = clock.now();
  const collected = await collect(
    config,
    { from: base.from?.sha, to: target.treeish, earlier: base.earlier },
    {
      repository,
      parse: await parserOf(config.database),
      runWith: (source) => runnerOf(source, host, () => repository.isCheckedOut(target, source.folder)),
    },
  );
  const squawk = await askSquawk(
    collected.flatMap(({ added }) =>
      added.map((one) => ({ ...one, sql: one.hasLines ? one.source : one.up })),
    ),
    { path: host.variable('PATH'), signal, log },
  );
  const assessment = assess({
    config,
    collected,
    squawk: squawk.said,
    leftOut,
    live: base.from && { version: base.from.version, schema: base.schema },
    version: input.version,
    failOn: input['fail-on'],
    now,
  });
  return {
    config,
    migrations: assessment.files.map((file, at) => {
      const { tool, source, up, down } = collected.flatMap(({ added }) => added)[at]!;
      return { file, tool, source, up, down };
    }),
    history: collected.flatMap(({ history }) => history.map(({ path, up }) => ({ path, up }))),
    report: {
      schema: 'devops-actions/migration-report@1',
      mode: input.mode,
      service: input.service,
      environment: input.environment,
      now: isoInstant(now),
      database: config.database,
      from: base.from,
      to: { sha: target.sha, version: input.version ?? null },
      notes: [...base.notes, ...squawk.notes],
      run: context.runId > 0 ? { id: context.runId, attempt: context.attempt } : null,
      ...assessment,
    },
  };
}

/** How long a program of the team may take for one migration. */
const patienceMs = 120_000;

/** Runs a source's programs on the files that are judged, and on no others. */
function runnerOf(source: Source, host: Host, isCheckedOut: () => Promise<string | undefined>): Run {
  const env = Object.fromEntries(
    ('env' in source ? source.env : []).flatMap((name) => {
      const value = host.variable(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  let differs: Promise<string | undefined> | undefined;
  return async (argv) => {
    const why = await (differs ??= isCheckedOut());
    if (why !== undefined) throw new Error(why);
    const [file = '', ...args] = argv;
    const cwd = host.context.workspace;
    return runCommand({ argv: [file, ...args], cwd, env, timeoutMs: patienceMs, signal: host.signal });
  };
}

/** The migrations file; a folder that the live release named and this one does not would go unseen. */
async function readConfig(
  repository: Repository,
  base: Base,
  { treeish }: Target,
  given: string,
): Promise<{ config: MigrationsFile; leftOut: string[] }> {
  const config = await readMigrationsFile(repository, treeish, given);
  const before =
    isInlineConfig(given) || !base.from ? undefined : await repository.read(base.from.sha, given);
  const old = before === undefined ? undefined : parseConfig(before, given, migrationsSchema);
  const folders = config.migrations.map(({ folder }) => folder);
  return {
    config,
    leftOut: old?.ok
      ? old.value.migrations.map(({ folder }) => folder).filter((folder) => !folders.includes(folder))
      : [],
  };
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
