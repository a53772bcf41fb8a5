import { readFile, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { resolve } from 'node:path';
import * as z from 'zod';
import type { Decision } from '../actions/gate-check/decide.js';
import { replay } from '../actions/gate-check/replay.js';
import { gateReportSchema, type GateReport } from '../actions/gate-check/report.js';
import { readArguments, type Arguments } from './arguments.js';
import { gateNow } from './gate/now.js';
import { laptopHost } from './laptop/laptop-host.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';

const usage = `usage: devops-actions gate --environment NAME --service NAME [options]
       devops-actions gate --replay REPORT.json [--json]

Says what would block a release now: the gate-check of the policy on the default branch, asked from here. It reads only,
and what it says is no verdict: the switch takes one from a run alone.

  --environment NAME      where the release would go, as the policy lists it
  --service NAME          the service
  --sha SHA               the commit; by default the one that is checked out
  --digest sha256:…       the digest of the artifact; without it, gates that compare digests cannot pass
  --hotfix                asks as a hotfix
  --policy PATH           by default .github/release-policy.yml
  --release-workflow PATH whose Deployments count, by default .github/workflows/cd.yml; repeat it for more
  --repository OWNER/NAME by default $GITHUB_REPOSITORY, else what the remote "origin" names
  --report FILE           writes the whole report, with all evidence

The token comes from $GH_TOKEN, else from $GITHUB_TOKEN; the API from $GITHUB_API_URL, https://api.github.com by default.

  --replay FILE   makes the decision of a report again, offline: policy, request, evidence and instant stand in it
  --json          the report, or the decision that was made again, as JSON on standard output

Exit codes: 0 it is a pass; 1 it is a hold or a fail; 2 it cannot be told, or a report decides otherwise.`;

const now = [
  'environment',
  'service',
  'sha',
  'digest',
  'policy',
  'release-workflow',
  'repository',
  'report',
] as const;

/** `gate`: what would block a release now, or the decision of a report again. */
export const gate: Command = {
  summary: 'says what would block a release now, or makes the decision of a report again, offline',
  usage,
  async run(args, shell) {
    const given = readArguments(args, { values: ['replay', ...now], flags: ['json', 'hotfix'] });
    const [extra] = given.positionals;
    if (extra !== undefined)
      throw new UsageError(`"${extra}" is not expected: write --environment NAME, or --replay REPORT.json.`);
    const file = given.one('replay');
    if (file === undefined && given.one('environment') === undefined)
      throw new UsageError('Write --environment NAME to ask now, or --replay REPORT.json.');
    if (file === undefined) return askNow(given, shell);
    const beside = [
      ...now.filter((name) => given.all(name).length > 0),
      ...(given.flag('hotfix') ? ['hotfix'] : []),
    ];
    if (beside.length > 0)
      throw new UsageError(`--replay takes everything from the report: leave out --${beside.join(', --')}.`);
    return replayed(await readReport(resolve(shell.cwd, file), file), given.flag('json'), shell);
  },
};

/** Asks from here; the exit code. */
async function askNow(given: Arguments, shell: Shell): Promise<number> {
  const host = laptopHost(shell, shell.err);
  try {
    const shown = host.secrets.redactData(await gateNow(given, shell, host)) as GateReport;
    const keep = given.one('report');
    if (keep !== undefined) await writeFile(resolve(shell.cwd, keep), `${JSON.stringify(shown, null, 2)}\n`);
    if (given.flag('json')) shell.out(JSON.stringify(shown, null, 2));
    else linesOf(shown, shown).forEach(shell.out);
    return shown.result === 'pass' ? exitCodes.pass : exitCodes.fail;
  } finally {
    host.close();
  }
}

/** Decides again by a report; the exit code. */
function replayed(report: GateReport, json: boolean, shell: Shell): number {
  const decision = replay(report);
  if (json) shell.out(JSON.stringify(decision, null, 2));
  else linesOf(report, decision).forEach(shell.out);
  const otherwise = differences(report, decision);
  if (otherwise.length > 0) {
    shell.err(
      `The report does not follow from its own evidence: ${otherwise.join(', ')} ${otherwise.length === 1 ? 'comes' : 'come'} out otherwise. It was edited, or another version of gate-check wrote it.`,
    );
    return exitCodes.error;
  }
  return decision.result === 'pass' ? exitCodes.pass : exitCodes.fail;
}

async function readReport(path: string, name: string): Promise<GateReport> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${name} cannot be read as JSON: ${(error as Error).message}.`);
  }
  const parsed = gateReportSchema.safeParse(json);
  if (!parsed.success)
    throw new UsageError(`${name} is not a report of gate-check:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function linesOf({ request, now }: GateReport, decision: Decision): string[] {
  const { result, gates, opensAt, verdict } = decision;
  return [
    `${result.toUpperCase()}  ${headline(request, decision)}`,
    `judged at ${now}, by ${request.policy.path} at ${request.policy.commit}`,
    ...gates.map((one) => `${one.result.padEnd(4)}  ${one.gate}: ${one.reason}`),
    ...(verdict?.waivers ?? []).map(({ gate, reason, by }) => `let through  ${gate}: ${reason}, by ${by}`),
    ...(opensAt ? [`opens at ${opensAt} if nothing else changes`] : []),
  ].map(oneLine);
}

/** The answer and how many gates stand for and against it: each says why in a line of its own. */
function headline(
  { service, sha, environment }: GateReport['request'],
  { result, gates, verdict }: Decision,
): string {
  const what = `${service} ${sha.slice(0, 12)}`;
  const of = `of ${gates.length} ${gates.length === 1 ? 'gate' : 'gates'}`;
  const count = (is: Decision['result']) => gates.filter((gate) => gate.result === is).length;
  const [failed, held] = [count('fail'), count('hold')];
  if (result === 'pass')
    return `${what} may go to ${environment}${verdict ? ` until ${verdict.expiresAt}` : ''}: ${count('pass')} ${of} passed`;
  if (result === 'hold') return `${what} may not go to ${environment} yet: ${held} ${of} on hold`;
  return `${what} may not go to ${environment}: ${failed} ${of} failed${held > 0 ? `, ${held} on hold` : ''}`;
}

/** Reasons quote texts of others, which must not steer the terminal. */
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');

const parts = ['result', 'message', 'gates', 'opensAt', 'verdict'] as const;

/** The parts of a report that its own evidence does not give. */
const differences = (report: GateReport, decision: Decision) =>
  parts.filter((part) => !isDeepStrictEqual(report[part], decision[part]));
