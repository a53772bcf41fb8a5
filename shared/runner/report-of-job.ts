import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import { readWorkspaceFile } from '../config/load.js';
import { ConfigurationError } from '../config/problem.js';

/** A file that a tool left, or why it says nothing about this job. */
export type ReportOfJob = { text: string } | { why: string };

/** Why a report that is missing says nothing. */
export const notThere = 'it is not there';

/** When the job began, in ms since 1970: the runner writes the event then. Undefined where there is no event. */
export async function jobBegan(eventPath: string | undefined): Promise<number | undefined> {
  if (eventPath === undefined) return undefined;
  try {
    return (await stat(eventPath)).mtimeMs;
  } catch {
    return undefined;
  }
}

/**
 * Reads a report that a tool wrote in this job, of at most `most` bytes. One that is missing, a link, or older than the
 * job is none: what somebody left behind, or committed, is as green as it was then.
 */
export async function readReportOfJob(
  workspace: string,
  path: string,
  { most, began, input }: { most: number; began: number | undefined; input: string },
): Promise<ReportOfJob> {
  try {
    const place = isAbsolute(path) ? path : join(workspace, path);
    const facts = await lstat(place);
    if (await isLinked(workspace, path))
      return {
        why: 'it is a link, and may lead to the report of another run. Fix: let the tool write the file itself',
      };
    if (began !== undefined && facts.mtimeMs < began)
      return {
        why: `it is ${ageOf(began - facts.mtimeMs)} older than this job: this run did not write it. Fix: delete it before the tool runs, or let the tool write where this step reads`,
      };
    return { text: await readWorkspaceFile(workspace, path, input, most) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { why: notThere };
    if (error instanceof ConfigurationError)
      return { why: `it could not be read: ${error.problems[0]?.got ?? ''}` };
    return { why: `it could not be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}` };
  }
}

/** Whether the file, or a folder on the way from the workspace to it, is a symbolic link. */
async function isLinked(workspace: string, path: string): Promise<boolean> {
  const expected = isAbsolute(path)
    ? join(await realpath(dirname(path)), basename(path))
    : normalize(join(await realpath(workspace), path));
  return (await realpath(isAbsolute(path) ? path : join(workspace, path))) !== expected;
}

function ageOf(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
