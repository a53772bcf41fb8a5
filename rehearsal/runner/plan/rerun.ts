import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result, RunReport, WorkflowRequest } from '../request.js';
import { isWithin, places, type PlannedWorkflow } from './planned-workflow.js';
import { WorkflowError } from '../read/workflow-reader.js';

/** Where everything of a run is kept. */
export const runFolder = (workDir: string, runId: number) => join(workDir, 'runs', String(runId));

/** Keeps the report of an attempt beside its workspaces, for a later attempt. */
export function keepReport(workDir: string, report: RunReport): void {
  const folder = runFolder(workDir, report.runId);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `attempt-${report.attempt}.json`), JSON.stringify(report));
}

function latestReport(workDir: string, runId: number): RunReport {
  const folder = runFolder(workDir, runId);
  let files: string[] = [];
  try {
    files = readdirSync(folder);
  } catch {
    // Same answer as for a folder without reports.
  }
  const attempts = files.flatMap((file) => /^attempt-(\d+)\.json$/.exec(file)?.[1] ?? []).map(Number);
  if (attempts.length === 0) throw new WorkflowError([`rerun: run ${runId} is not known in ${workDir}`]);
  return JSON.parse(readFileSync(join(folder, `attempt-${Math.max(...attempts)}.json`), 'utf8')) as RunReport;
}

/**
 * What a new attempt takes over: the inputs, and the reports of all jobs but those asked for and those that depend on
 * them. `failed` asks for what failed or was cancelled; the key of a call asks for all jobs in it.
 */
export function keptReports(
  plan: PlannedWorkflow,
  workDir: string,
  rerun: NonNullable<WorkflowRequest['rerun']>,
): Pick<RunReport, 'runNumber' | 'inputs' | 'jobs'> {
  const { jobs, runNumber, inputs } = latestReport(workDir, rerun.runId);
  const all = places(plan);
  const asked = rerun.jobs;
  const unknown = asked === 'failed' ? [] : asked.filter((key) => !all.some((job) => isWithin(job.key, key)));
  if (unknown.length > 0) {
    const known = all.map(({ key }) => key).join(', ');
    throw new WorkflowError([`rerun: there is no job ${unknown.join(', ')}; there are ${known}`]);
  }
  // A job of a call that never began has no report: then that of the call says how it ended. The jobs of a matrix
  // have a report each, and those that succeeded stay as they are.
  const endsOf = ({ key }: { key: string }): [key: string, end: Result][] => {
    const within = Object.entries(jobs).filter(([reported]) => isWithin(reported, key));
    if (within.length > 0) return within.map(([reported, { conclusion }]) => [reported, conclusion]);
    const around = Object.entries(jobs).find(([reported]) => isWithin(key, reported));
    return [[key, around?.[1].conclusion ?? 'failure']];
  };
  const again = new Set(
    asked === 'failed'
      ? all
          .flatMap(endsOf)
          .filter(([, end]) => ['failure', 'cancelled'].includes(end))
          .map(([key]) => key)
      : asked,
  );
  const runsAgain = (key: string) => [...again].some((each) => isWithin(each, key));
  for (let grown = true; grown;) {
    grown = false;
    for (const { key, needs } of all) {
      if (again.has(key) || !needs.some(runsAgain)) continue;
      again.add(key);
      grown = true;
    }
  }
  const known = (key: string) => all.some((job) => isWithin(job.key, key) || isWithin(key, job.key));
  const stays = (key: string) => !runsAgain(key) && ![...again].some((each) => isWithin(key, each));
  const kept = Object.entries(jobs).filter(([key]) => known(key) && stays(key));
  return { runNumber, inputs, jobs: Object.fromEntries(kept) };
}
