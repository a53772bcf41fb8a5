import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { action } from '../actions/dora-report/main.js';
import { ConfigurationError } from '../shared/config/problem.js';
import type { DoraReport } from '../shared/contracts/reports/dora-report.js';
import { openGitHub } from '../shared/github/client.js';
import { readClock } from '../shared/github/clock.js';
import type { RunContext } from '../shared/runner/context.js';
import { parseDuration } from '../shared/time/duration.js';
import { readArguments, type Arguments } from './arguments.js';
import { asOption, doraInputs, doraOptions } from './dora/inputs.js';
import { doraLines } from './dora/lines.js';
import { laptopHost, type LaptopHost } from './laptop/laptop-host.js';
import { repositoryOf, tokenOf } from './laptop/repository.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';
import { painter } from './smoke/lines.js';

type DoraOutcome = Awaited<ReturnType<typeof action.run>>;

/** What `--format` prints: a file of the action by its output, or one of the two that are none. */
const formats = ['text', 'json', 'classic', 'csv', 'openmetrics', 'html'] as const;
type Format = (typeof formats)[number];

/** Beside --replay only these mean something: facts and question stand in the report. */
const withReplay = ['replay', 'format', 'reports', 'fail-if'];

const otherOptions = doraOptions.filter((name) => name !== 'repo');

const usage = `usage: devops-actions dora [--repo OWNER/NAME …] [--since 90d] [options]
       devops-actions dora --replay REPORT.json [options]

Measures how well a repository delivers, or several, with the code of the action dora-report: lead time, frequency,
change fail rate, recovery and rework. It only reads.

  --repo OWNER/NAME    by default $GITHUB_REPOSITORY, else what the remote "origin" names; repeat it for several
                       repositories, each by itself and all together
  --since 90d          how far back: a duration before the end, a date or an instant; twelve weeks by default
  --until 2026-03-31   the end, a date or an instant; now by default
  --deployments-from   ledger (what this suite recorded, the default), deployments, releases, tags or runs
  --format NAME        ${formats.join(', ')}; text by default
  --reports DIR        writes all of them into a folder, and badges
  --replay FILE        measures again from the facts of a saved JSON report, without GitHub
  other options        every input of the action: ${otherOptions.map((name) => `--${name}`).join(' ')};
                       repeat one that is a list

The token comes from $GH_TOKEN, else from $GITHUB_TOKEN; the API from $GITHUB_API_URL, https://api.github.com by default.
Commits are read from the current folder where it is a whole clone of the repository.

Exit codes: 0 measured; 1 a condition of --fail-if holds; 2 it could not be measured.`;

/** `dora`: the report of the action on a laptop. */
export const dora: Command = {
  summary: 'measures how well a repository delivers, or an earlier report again, offline',
  usage,
  async run(args, shell) {
    const given = readArguments(args, {
      values: ['format', 'reports', ...doraOptions],
      flags: ['json'],
    });
    const [extra] = given.positionals;
    if (extra !== undefined) throw new UsageError(`"${extra}" is not expected: write --repo ${extra}.`);
    const format = formatOf(given);
    const host = laptopHost(shell, shell.err);
    try {
      const outcome = await measure(given, shell, host);
      const report = host.secrets.redactData(outcome.report) as DoraReport;
      const folder = given.one('reports');
      if (folder !== undefined) await writeReports(resolve(shell.cwd, folder), outcome, report, host);
      print(format, outcome, report, shell, host);
      if (!outcome.ok) shell.err(host.secrets.redact(outcome.message));
      return outcome.ok ? exitCodes.pass : exitCodes.fail;
    } catch (error) {
      if (error instanceof ConfigurationError) throw new ConfigurationError(error.problems.map(asOption));
      throw error;
    } finally {
      host.close();
    }
  },
};

function formatOf(given: Arguments): Format {
  const name = given.one('format') ?? (given.flag('json') ? 'json' : 'text');
  const format = formats.find((one) => one === name);
  if (format === undefined) throw new UsageError(`--format ${name}: there are ${formats.join(', ')}.`);
  if (given.flag('json') && format !== 'json')
    throw new UsageError(`--json is --format json, and --format ${name} was given too.`);
  return format;
}

async function measure(given: Arguments, shell: Shell, host: LaptopHost): Promise<DoraOutcome> {
  if (given.one('replay') !== undefined) {
    const beside = doraOptions.filter((name) => given.all(name).length > 0 && !withReplay.includes(name));
    if (beside.length > 0)
      throw new UsageError(`--replay takes everything from the report: leave out --${beside.join(', --')}.`);
    // Nothing is asked of GitHub, so nobody needs a token.
    return action.run(doraInputs(given, '-', shell.clock.now()), host);
  }
  const { token, tokenFrom } = tokenOf(shell);
  host.mask(token);
  const [owner, repository] = repositoryOf(given.all('repo')[0], 'repo', shell);
  const apiUrl = shell.env['GITHUB_API_URL'] || 'https://api.github.com';
  const serverUrl = shell.env['GITHUB_SERVER_URL'] || 'https://github.com';
  const context: RunContext = { ...host.context, owner, repository, apiUrl, serverUrl, tokenFrom };
  const { clock, random } = shell;
  const at = { token, at: context, clock, random, signal: host.signal };
  // A length before now ends at GitHub's now, as the report does.
  const isLength = parseDuration(given.one('since') ?? '') !== undefined;
  const now = isLength ? await readClock(await openGitHub(at)) : clock.now();
  return action.run(doraInputs(given, token, now), { ...host, context });
}

function print(
  format: Format,
  { files = {} }: DoraOutcome,
  report: DoraReport,
  shell: Shell,
  host: LaptopHost,
): void {
  if (format === 'json') shell.out(JSON.stringify(report, null, 2));
  else if (format === 'text') {
    doraLines(report, painter(shell.colours)).forEach(shell.out);
    if (report.result === 'no-deployments' && report.question.environment !== '')
      shell.err(elsewhere(report));
  } else shell.out(host.secrets.redact(files[format]!.text).trimEnd());
}

/** Who has not released with the suite yet has records all the same. */
function elsewhere({ facts, question, repositories }: DoraReport): string {
  const read = repositories?.map((each) => each.facts) ?? [facts];
  const known = read.reduce((sum, { deployments }) => sum + deployments.length, 0);
  return known > 0
    ? `There are ${known} records of ${question.environment}, and none of them counts in this window: --format json lists why under leftOut.`
    : `This suite recorded no deployment to ${question.environment}. If others did, name where: --deployments-from deployments, releases, tags or runs.`;
}

async function writeReports(
  folder: string,
  { files = {} }: DoraOutcome,
  report: DoraReport,
  host: LaptopHost,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'dora-report.json'), `${JSON.stringify(report, null, 2)}\n`);
  for (const { name, text } of Object.values(files))
    await writeFile(join(folder, basename(name)), host.secrets.redact(text));
}
