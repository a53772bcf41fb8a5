import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { replayCheck } from '../../shared/analysis/course/check.js';
import { replay, type Decision } from '../../shared/analysis/course/course.js';
import { toldToContain } from '../../shared/analysis/course/watch.js';
import { analysisReportSchema, type AnalysisReport } from '../../shared/contracts/reports/analysis-report.js';
import type { Measurement } from '../../shared/contracts/reports/analysis-report.js';
import { exitCodes, UsageError, type Shell } from '../shell.js';

/** Makes the verdict of a report again, from what it saw alone; the exit code. */
export async function replayReport(file: string, json: boolean, shell: Shell): Promise<number> {
  const report = await read(resolve(shell.cwd, file), file);
  const { plan, verdict, startedAt } = report;
  if (!plan || !verdict || startedAt === undefined)
    throw new UsageError(
      `${file} has nothing to replay: ${report.mode === 'now' || report.mode === 'look-after' ? `mode ${report.mode} judges no release that is watched` : 'it came to no verdict by criteria'} (${report.result}: ${report.reason}).`,
    );
  const again = report.check
    ? replayCheck(plan, report.check.before, report.ticks, report.contained)
    : replay(plan, startedAt, report.ticks, report.contained);
  if (json) shell.out(JSON.stringify({ note: ofFile(file), ...again }, null, 2));
  else linesOf(report, again, file).map(oneLine).forEach(shell.out);
  const otherwise = differences(report, again);
  if (otherwise.length === 0) return exitCodes.pass;
  shell.err(
    oneLine(
      `The report does not follow from what it saw: ${otherwise.join('; ')}. It was edited, or another version of auto-rollback wrote it.`,
    ),
  );
  return exitCodes.error;
}

/** A file is what whoever wrote it wants it to be; no verdict on one may pass for one on a release. */
const ofFile = (file: string) =>
  `${file} judged again from what stands in it: nobody asked a metrics server or GitHub, so it proves nothing about a release`;

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

/** How a run may end that came to a verdict. */
const ends: Readonly<Record<string, readonly AnalysisReport['result'][]>> = {
  healthy: ['healthy', 'watching', 'confirmed', 'contained'],
  watching: ['watching', 'contained'],
  failed: ['rolled-back', 'held'],
  moved: ['held'],
  inconclusive: ['inconclusive', 'held', 'rolled-back'],
  interrupted: ['error', 'held', 'rolled-back'],
  unasked: ['error', 'held'],
};

/** What of the report does not come out again. */
function differences(report: AnalysisReport, again: Replayed): string[] {
  const { verdict, ticks, measurements, check, result } = report;
  const { decision } = again;
  const is = verdict!.is;
  // A check without data for too long says so by itself; nothing in it had to be decided.
  const open = fromOutside.includes(is) || (check !== undefined && is === 'inconclusive');
  const stopped = is === 'interrupted' && decision.is === 'failed' && stoppedIn(verdict!, decision);
  const same =
    stopped ||
    (open && decision.is === 'continue' ? true : is === decision.is && sameWords(verdict!, decision));
  const first = measurements.findIndex((one, index) => !isDeepStrictEqual(one, again.measurements[index]));
  return [
    ...(same ? [] : [`its verdict is ${is}, and ${decision.is} comes out`]),
    ...(ends[is]?.includes(result) ? [] : [`its result is ${result}, which no verdict ${is} leads to`]),
    ...(first < 0 && measurements.length === again.measurements.length
      ? []
      : [
          `what was measured at look ${first < 0 ? measurements.length + 1 : first + 1} of ${ticks.length} differs`,
        ]),
  ];
}

/** A run that was told to stop while it took somebody out says so before why it did. */
const stoppedIn = ({ message }: NonNullable<AnalysisReport['verdict']>, decision: { message: string }) =>
  message === `${toldToContain}; ${decision.message}`;

const sameWords = (verdict: NonNullable<AnalysisReport['verdict']>, decision: Decision) =>
  'message' in decision &&
  decision.message === verdict.message &&
  ('criterion' in decision ? decision.criterion : undefined) === verdict.criterion;

function linesOf(report: AnalysisReport, { decision, measurements }: Replayed, file: string): string[] {
  const { service, environment, watched, result, ticks, plan } = report;
  const verdict =
    decision.is === 'continue'
      ? `nothing was decided by what was seen; the report ended ${result}: ${report.reason}`
      : decision.message;
  const last = measurements.at(-1) ?? [];
  return [
    `REPLAY  ${oneLine(ofFile(file))}`,
    `${decision.is === 'continue' ? 'OPEN' : decision.is.toUpperCase()}  ${'criterion' in decision ? `${decision.criterion}: ` : ''}${verdict}`,
    `${service} ${watched?.version ?? ''} in ${environment}, ${ticks.length} looks, ${plan!.criteria.length} criteria`,
    ...last.map(({ criterion, phase, message }) => `${phase.padEnd(12)}  ${criterion}: ${message}`),
  ];
}

/** Messages quote what others said, which must not steer the terminal. */
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
