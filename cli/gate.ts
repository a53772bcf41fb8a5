import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { resolve } from 'node:path';
import * as z from 'zod';
import type { Decision } from '../actions/gate-check/decide.js';
import { replay } from '../actions/gate-check/replay.js';
import { gateReportSchema, type GateReport } from '../actions/gate-check/report.js';
import { readArguments } from './arguments.js';
import { exitCodes, UsageError, type Command } from './shell.js';

const usage = `usage: npm run cli -- gate --replay REPORT.json [--json]

Makes the decision of a gate check again from its report alone, offline: the policy, the request, the evidence
and the instant all stand in it. Says whether it comes out as the report says.

  --replay FILE   the report that gate-check wrote (its output "report")
  --json          the decision as JSON on standard output

Exit codes: 0 it was a pass; 1 it was a hold or a fail; 2 the report cannot be read, or decides otherwise.`;

/** `gate`: makes the decision of a report again. */
export const gate: Command = {
  summary: 'makes the decision of a gate-check report again, offline',
  usage,
  async run(args, shell) {
    const given = readArguments(args, { values: ['replay'], flags: ['json'] });
    const file = given.one('replay');
    const [extra] = given.positionals;
    if (extra !== undefined) throw new UsageError(`"${extra}" is not expected: write --replay REPORT.json.`);
    if (file === undefined) throw new UsageError('The report is missing: write --replay REPORT.json.');
    const report = await readReport(resolve(shell.cwd, file), file);
    const decision = replay(report);
    if (given.flag('json')) shell.out(JSON.stringify(decision, null, 2));
    else linesOf(report, decision).forEach(shell.out);
    const otherwise = differences(report, decision);
    if (otherwise.length > 0) {
      shell.err(
        `The report does not follow from its own evidence: ${otherwise.join(', ')} ${otherwise.length === 1 ? 'comes' : 'come'} out otherwise. It was edited, or another version of gate-check wrote it.`,
      );
      return exitCodes.error;
    }
    return decision.result === 'pass' ? exitCodes.pass : exitCodes.fail;
  },
};

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

function linesOf(
  { request, now }: GateReport,
  { result, message, gates, opensAt, verdict }: Decision,
): string[] {
  return [
    `${result.toUpperCase()}  ${message}`,
    `judged at ${now}, by ${request.policy.path} at ${request.policy.commit}`,
    ...gates.map((one) => `${one.result.padEnd(4)}  ${one.gate}: ${one.reason}`),
    ...(verdict?.waivers ?? []).map(({ gate, reason, by }) => `let through  ${gate}: ${reason}, by ${by}`),
    ...(opensAt ? [`opens at ${opensAt} if nothing else changes`] : []),
  ].map(oneLine);
}

/** Reasons quote texts of others, which must not steer the terminal. */
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');

const parts = ['result', 'message', 'gates', 'opensAt', 'verdict'] as const;

/** The parts of a report that its own evidence does not give. */
const differences = (report: GateReport, decision: Decision) =>
  parts.filter((part) => !isDeepStrictEqual(report[part], decision[part]));
