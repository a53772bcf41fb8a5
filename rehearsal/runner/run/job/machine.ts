import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of one job, laid out as on a hosted runner. */
export interface Machine {
  root: string;
  /** `RUNNER_WORKSPACE`, the parent of the workspace. */
  pipeline: string;
  workspace: string;
  temp: string;
  toolCache: string;
  actions: string;
  home: string;
  fileCommands: string;
  eventPath: string;
  /** In the environment of every process the job starts. */
  trackingId: string;
}

/** Makes the folders of a job below `root` and writes the event payload. */
export function prepareMachine(root: string, repository: string, payload: unknown): Machine {
  const temp = join(root, '_temp');
  const machine: Machine = {
    root,
    pipeline: join(root, 'work', repository),
    workspace: join(root, 'work', repository, repository),
    temp,
    toolCache: join(root, '_tool'),
    actions: join(root, '_actions'),
    home: join(root, 'home'),
    fileCommands: join(temp, '_runner_file_commands'),
    eventPath: join(temp, '_github_workflow', 'event.json'),
    trackingId: `github_${randomUUID()}`,
  };
  const { workspace, toolCache, actions, home, fileCommands } = machine;
  for (const folder of [workspace, toolCache, actions, home, fileCommands, join(temp, '_github_workflow')]) {
    mkdirSync(folder, { recursive: true });
  }
  for (const folder of ['logs', 'summaries']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(machine.eventPath, JSON.stringify(payload ?? {}, undefined, 2));
  return machine;
}

/**
 * Kills what the job's steps left running, found by `RUNNER_TRACKING_ID` in their environment, and returns their
 * pids. Only Linux shows other processes' environments; elsewhere nothing is found.
 */
export function killOrphans(trackingId: string): number[] {
  let entries: string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return [];
  }
  const mark = `RUNNER_TRACKING_ID=${trackingId}\0`;
  return entries
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)) return false;
        return process.kill(pid, 'SIGKILL');
      } catch {
        // Ended meanwhile, or not ours to look at.
        return false;
      }
    });
}
