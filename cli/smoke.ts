import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Inputs, Outputs } from '../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../actions/smoke-test/main.js';
import { redacted, type Tell } from '../actions/smoke-test/run/progress.js';
import { ConfigurationError } from '../shared/config/problem.js';
import type { SmokeReport } from '../shared/contracts/reports/smoke-report.js';
import type { Outcome } from '../shared/runner/define-action.js';
import { durationForm, formatDuration, parseDuration } from '../shared/time/duration.js';
import { readArguments, type Arguments } from './arguments.js';
import { laptopHost, type LaptopHost } from './laptop/laptop-host.js';
import { liveView, plainView, type LiveView } from './smoke/live-view.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';
import { inOptions, smokeInputs, smokeOptions } from './smoke/inputs.js';
import { suitesOf } from './smoke/suites.js';
import { painter, plainLine, smokeLines } from './smoke/lines.js';
import { untilGreen } from './smoke/until-green.js';

type SmokeOutcome = Outcome<Outputs, SmokeReport>;

const usage = `usage: devops-actions smoke [SUITE …] [options]

Runs a smoke suite (default .github/smoke.yml) with the code of the action smoke-test; several one after the other,
also by a pattern such as 'smoke/*.yml'.

  --base-url URL          address of the deployment under test
  --var NAME=VALUE        value of {{ NAME }}; repeat it for more
  --env NAME              lets the suite read {{ env.NAME }}; repeat it for more
  --secret NAME           {{ secrets.NAME }}, masked, from the environment variable NAME; repeat it for more
  --only NAME             runs the flows of that name (* is any text) or @tag alone; repeat it for more
  --expect-version V      the version that must answer
  --until-green 5m        runs the whole suite again until it passes, for so long at most
  --every 5s              wait between two such runs
  --json                  the report as JSON on standard output; progress goes to standard error
  --reports DIR           writes report.json, and the other reports that were asked for, into a folder
  other options           every input of the action: ${smokeOptions.map((name) => `--${name}`).join(' ')}

Exit codes: 0 every step passed; 1 a step failed; 2 the suite could not be run to its end.`;

/** `smoke`: runs a suite and shows it as it goes. */
export const smoke: Command = {
  summary: 'runs a smoke suite against a deployment',
  usage,
  async run(args, shell) {
    const given = readArguments(args, {
      values: [...smokeOptions, 'until-green', 'every', 'reports'],
      flags: ['json'],
    });
    const suites = await suitesOf(given.positionals, shell.cwd);
    if (suites.length <= 1) return (await runSuite({ ...given, positionals: suites }, shell)).code;
    if (given.flag('json'))
      throw new UsageError('--json is for one suite; --reports DIR writes a report of each.');
    let worst: number = exitCodes.pass;
    for (const [index, suite] of suites.entries()) {
      shell.out(`\n${suite}`);
      const own = `${index + 1}-${suite.replace(/[^\w.-]+/g, '-')}`;
      const { code, interrupted } = await runSuite({ ...given, positionals: [suite] }, shell, own).catch(
        (error: unknown) => {
          if (!(error instanceof ConfigurationError)) throw error;
          // What is wrong with one suite says nothing of the others.
          shell.err(error.message);
          return { code: exitCodes.error, interrupted: false };
        },
      );
      worst = Math.max(worst, code);
      if (interrupted) break;
    }
    shell.out(
      `\n${suites.length} suites: ${['all passed', 'not all passed', 'not all could be run'][worst]}.`,
    );
    return worst;
  },
};

/** One suite; its reports go below the folder of reports, into `own` where there are several. */
async function runSuite(
  given: Arguments,
  shell: Shell,
  own = '',
): Promise<{ code: number; interrupted: boolean }> {
  const json = given.flag('json');
  const paint = painter(shell.colours);
  const screen = shell.screen(json ? 'err' : 'out');
  const view = screen ? liveView(screen, paint, shell.clock) : plainView(json ? shell.err : shell.out, paint);
  const host = laptopHost(shell, view.print);
  try {
    const { run, interrupted } = await runUntilGreen(
      given,
      smokeInputs(given, shell.env),
      host,
      view,
    ).finally(view.close);
    const report = host.secrets.redactData(run.report) as SmokeReport;
    const folder = given.one('reports');
    if (folder !== undefined) await writeReports(resolve(shell.cwd, folder, own), run, report, host);
    if (json) shell.out(JSON.stringify(report, null, 2));
    else smokeLines(report, paint).forEach(shell.out);
    if (interrupted) shell.err('Interrupted before the suite was green.');
    const code = interrupted ? exitCodes.error : exitCodes[report.result];
    // Who stops one suite wants none of the others.
    return { code, interrupted: interrupted || host.signal.aborted };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const problems = host.secrets.redactData(error.problems.map(inOptions)) as typeof error.problems;
    if (json) shell.out(JSON.stringify(errorReport(problems), null, 2));
    throw new ConfigurationError(problems);
  } finally {
    view.close();
    host.close();
  }
}

async function runUntilGreen(given: Arguments, inputs: Inputs, host: LaptopHost, view: LiveView) {
  const within = given.one('until-green');
  const every = readDuration('every', given.one('every') ?? '5s');
  if (within === undefined && given.one('every') !== undefined)
    throw new UsageError('--every is the wait of --until-green, which was not given.');
  if (within === undefined) return { run: await runOnce(inputs, host, view), interrupted: false };
  let number = 0;
  return untilGreen(
    { withinMs: readDuration('until-green', within), everyMs: every },
    host.clock,
    host.signal,
    {
      attempt: () => runOnce(inputs, host, view),
      isGreen: ({ ok }) => ok,
      onRed: ({ message }) =>
        host.log.info(`run ${++number}: ${plainLine(message)} Again in ${formatDuration(every)}.\n`),
    },
  );
}

async function runOnce(inputs: Inputs, host: LaptopHost, view: LiveView): Promise<SmokeOutcome> {
  const info = (message: string) => host.log.info(message.split('\n').map(plainLine).join('\n'));
  const tell: Tell = (happening) => view.tell(redacted(happening, (text) => host.secrets.redact(text)));
  return runSmokeTest(inputs, { ...host, log: { ...host.log, info } }, undefined, undefined, tell);
}

function readDuration(option: string, text: string): number {
  const duration = parseDuration(text);
  if (duration === undefined || duration === 0)
    throw new UsageError(`--${option} ${text}: write ${durationForm}.`);
  return duration;
}

async function writeReports(
  folder: string,
  { files = {} }: SmokeOutcome,
  report: SmokeReport,
  host: LaptopHost,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  for (const { name, text } of Object.values(files))
    await writeFile(join(folder, basename(name)), host.secrets.redact(text));
}

/** As the action writes it when it could not run. */
function errorReport(problems: ConfigurationError['problems']): Record<string, unknown> {
  const { message } = new ConfigurationError(problems);
  return {
    schema: 'devops-actions/error@1',
    action: 'smoke-test',
    result: 'error',
    kind: 'configuration',
    message,
    problems,
  };
}
