import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunReport, WorkflowRequest } from '../request.js';
import type { Workflow } from '../read/workflow-file.js';
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
 * them. `failed` asks for what failed or was cancelled.
 */
export function keptReports(
  workflow: Workflow,
  workDir: string,
  rerun: NonNullable<WorkflowRequest['rerun']>,
): Pick<RunReport, 'runNumber' | 'inputs' | 'jobs'> {
  const { jobs, runNumber, inputs } = latestReport(workDir, rerun.runId);
  const keys = workflow.jobs.map(({ key }) => key);
  const unknown = rerun.jobs === 'failed' ? [] : rerun.jobs.filter((key) => !keys.includes(key));
  if (unknown.length > 0) {
    throw new WorkflowError([`rerun: there is no job ${unknown.join(', ')}; there are ${keys.join(', ')}`]);
  }
  const again = new Set(
    rerun.jobs === 'failed'
      ? keys.filter((key) => ['failure', 'cancelled'].includes(jobs[key]?.conclusion ?? 'failure'))
      : rerun.jobs,
  );
  for (let grown = true; grown;) {
    grown = false;
    for (const { key, needs } of workflow.jobs) {
      if (!again.has(key) && needs.some((need) => again.has(need))) {
        again.add(key);
        grown = true;
      }
    }
  }
  const kept = Object.entries(jobs).filter(([key]) => keys.includes(key) && !again.has(key));
  return { runNumber, inputs, jobs: Object.fromEntries(kept) };
}
