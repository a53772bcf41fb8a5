import { resolve } from 'node:path';
import { readWorkspaceFile } from '../shared/config/load.js';
import { parseConfig } from '../shared/config/parse.js';
import { ConfigurationError } from '../shared/config/problem.js';
import type { MigrationFinding, MigrationReport } from '../shared/contracts/reports/migration-report.js';
import { openGit } from '../shared/exec/git.js';
import { migrationsSchema } from '../actions/migration-check/config/schema.js';
import { namedBase } from '../actions/migration-check/find/base.js';
import { openRepository } from '../actions/migration-check/find/repository.js';
import { inputs } from '../actions/migration-check/inputs.js';
import { inspectRange } from '../actions/migration-check/inspect.js';
import { readArguments } from './arguments.js';
import { laptopHost } from './laptop/laptop-host.js';
import { takeFiles } from './migrations/files-as-they-are.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';

const usage = `usage: devops-actions migrations [FOLDER] [--base NAME] [--plan] [--fail-on LEVEL] [--json]

Judges the migrations of a repository that a release does not have yet, as migration-check does before a
release: the files as they are, uncommitted ones too. Nothing is sent, and no database is changed.

  --base NAME      tag or commit to compare with; by default the newest tag before the last commit
  --plan           also the statements in order, with the lock that each takes
  --file FILE      the migrations file; default .github/migrations.yml
  --fail-on LEVEL  error (default) or warning
  --json           the report as JSON (schemas/migration-report.json)

Exit codes: 0 nothing stops the release; 1 something does; 2 it could not be judged.`;

/** `migrations`: judges the migrations of a repository as they are. */
export const migrations: Command = {
  summary: 'judges the migrations that are new since a release',
  usage,
  async run(args, shell) {
    const given = readArguments(args, { values: ['base', 'file', 'fail-on'], flags: ['plan', 'json'] });
    const [name = '.', ...more] = given.positionals;
    if (more.length > 0) throw new UsageError('Name one folder.');
    const folder = resolve(shell.cwd, name);
    const file = given.one('file') ?? '.github/migrations.yml';
    const host = laptopHost({ ...shell, cwd: folder }, given.flag('json') ? () => undefined : shell.err);
    try {
      const base = given.one('base') ?? (await newestTag(folder, host.signal));
      const input = inputs.safeParse({
        mode: given.flag('plan') ? 'plan' : 'check',
        environment: 'laptop',
        service: 'laptop',
        migrations: file,
        base,
        'fail-on': given.one('fail-on'),
      });
      if (!input.success) throw new UsageError(input.error.issues.map(({ message }) => message).join('\n'));
      const report = await judge(folder, file, input.data, host);
      if (given.flag('json')) shell.out(JSON.stringify(report, null, 2));
      else show(report, given.flag('plan'), shell);
      return report.allowed ? exitCodes.pass : exitCodes.fail;
    } finally {
      host.close();
    }
  },
};

async function newestTag(folder: string, signal: AbortSignal): Promise<string> {
  const answer = await openGit(folder, signal)(['describe', '--tags', '--abbrev=0', 'HEAD']);
  if (!answer.ok)
    throw new UsageError(
      `There is no tag before the last commit to compare with (${answer.why}). Say what is live: --base NAME.`,
    );
  return answer.text.trim();
}

async function judge(
  folder: string,
  file: string,
  input: Parameters<typeof inspectRange>[0],
  host: ReturnType<typeof laptopHost>,
): Promise<MigrationReport> {
  const parsed = parseConfig(await readWorkspaceFile(folder, file, 'file'), file, migrationsSchema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  const folders = parsed.value.migrations.map((source) => source.folder);
  const files = await takeFiles(folder, [file, ...folders], host.signal);
  try {
    const repository = openRepository(files.git);
    const base = await namedBase(repository, input.base!);
    const target = { sha: files.head, treeish: files.tree };
    return (await inspectRange(input, host, { repository, base, target })).report;
  } finally {
    await files.close();
  }
}

function show(report: MigrationReport, plan: boolean, shell: Shell): void {
  const { from, files, findings, plan: steps, allowed, message } = report;
  const lines = [
    `compared with ${from?.version ?? from?.sha ?? 'nothing'}`,
    ...files.map(({ path, tool }) => `new  ${path} (${tool})`),
    ...findings.flatMap(linesOf),
    ...(plan
      ? steps.map(
          ({ order, statement, lock }) =>
            `${String(order).padStart(3)}  ${statement}  [${lock ? `${lock.mode} on ${lock.relation}, ${lock.for}` : 'no lock on what exists'}]`,
        )
      : []),
    `${allowed ? 'PASS' : 'FAIL'}  ${message}`,
  ];
  lines.map(oneLine).forEach(shell.out);
}

function linesOf({ level, rule, file, line, detail, recipe, waiver }: MigrationFinding): string[] {
  const place = line === null ? file : `${file}:${line}`;
  if (waiver && !waiver.expired)
    return [`waived   ${place}  ${rule}: ${waiver.reason}, until ${waiver.until}`];
  const over = waiver ? [`         its waiver ended on ${waiver.until}`] : [];
  return [`${level.padEnd(8)} ${place}  ${rule}: ${detail}`, ...over, `         ${recipe}`];
}

/** Texts of migrations must not steer the terminal. */
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
