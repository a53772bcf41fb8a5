import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { replayCheck } from '../../shared/analysis/course/check.js';
import { replay, type Decision } from '../../shared/analysis/course/course.js';
import { analysisReportSchema, type AnalysisReport } from '../../shared/contracts/reports/analysis-report.js';
import type { Measurement } from '../../shared/contracts/reports/analysis-report.js';
import { exitCodes, UsageError, type Shell } from '../shell.js';

/** Makes the verdict of a report again, from what it saw alone; the exit code. */
export async function replayReport(file: string, json: boolean, shell: Shell): Promise<number> {
  const report = await read(resolve(shell.cwd, file), file);
  const { plan, verdict, startedAt } = report;
  if (!plan || !verdict || startedAt === undefined)
    throw new UsageError(
      `${file} has nothing to replay: ${report.mode === 'now' ? 'mode now judges nothing' : 'it came to no verdict by criteria'} (${report.result}: ${report.reason}).`,
    );
  const again = report.check
    ? replayCheck(plan, report.check.before, report.ticks, report.contained)
    : replay(plan, startedAt, report.ticks, report.contained);
  if (json) shell.out(JSON.stringify(again, null, 2));
  else linesOf(report, again).map(oneLine).forEach(shell.out);
  const otherwise = differences(report, again);
  if (otherwise.length === 0) return exitCodes.pass;
  shell.err(
    oneLine(
      `The report does not follow from what it saw: ${otherwise.join('; ')}. It was edited, or another version of auto-rollback wrote it.`,
    ),
  );
  return exitCodes.error;
}

interface Replayed {
  decision: Decision;
  measurements: Measurement[][];
}

async function read(path: string, name: string): Promise<AnalysisReport> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${name} cannot be read as JSON: ${(error as Error).message}.`);
  }
  const parsed = analysisReportSchema.safeParse(json);
  if (!parsed.success)
    throw new UsageError(`${name} is not a report of auto-rollback:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Verdicts that do not come from what was seen: the run was stopped, traffic moved away, time is left. */
const fromOutside = ['interrupted', 'moved', 'unasked', 'watching'];

/** What of the report does not come out again. */
function differences({ verdict, ticks, measurements, check }: AnalysisReport, again: Replayed): string[] {
  const { decision } = again;
  const is = verdict!.is;
  // A check without data for too long says so by itself; nothing in it had to be decided.
  const open = fromOutside.includes(is) || (check !== undefined && is === 'inconclusive');
  const same =
    open && decision.is === 'continue' ? true : is === decision.is && sameWords(verdict!, decision);
  const first = measurements.findIndex((one, index) => !isDeepStrictEqual(one, again.measurements[index]));
  return [
    ...(same ? [] : [`its verdict is ${is}, and ${decision.is} comes out`]),
    ...(first < 0 && measurements.length === again.measurements.length
      ? []
      : [
          `what was measured at look ${first < 0 ? measurements.length + 1 : first + 1} of ${ticks.length} differs`,
        ]),
  ];
}

const sameWords = (verdict: NonNullable<AnalysisReport['verdict']>, decision: Decision) =>
  'message' in decision &&
  decision.message === verdict.message &&
  ('criterion' in decision ? decision.criterion : undefined) === verdict.criterion;

function linesOf(report: AnalysisReport, { decision, measurements }: Replayed): string[] {
  const { service, environment, watched, result, ticks, plan } = report;
  const verdict =
    decision.is === 'continue'
      ? `nothing was decided by what was seen; the report ended ${result}: ${report.reason}`
      : decision.message;
  const last = measurements.at(-1) ?? [];
  return [
    `${decision.is === 'continue' ? 'OPEN' : decision.is.toUpperCase()}  ${'criterion' in decision ? `${decision.criterion}: ` : ''}${verdict}`,
    `${service} ${watched?.version ?? ''} in ${environment}, ${ticks.length} looks, ${plan!.criteria.length} criteria`,
    ...last.map(({ criterion, phase, message }) => `${phase.padEnd(12)}  ${criterion}: ${message}`),
  ];
}

/** Messages quote what others said, which must not steer the terminal. */
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
