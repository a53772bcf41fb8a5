import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../../shared/config/problem.js';
import type { IncidentsFile, GoLiveFile, PolicyFile, RulesetFile, Valid } from '../read.js';
import type { Call, WorkflowFile } from '../workflows.js';

/** What of a repository the parts are about. */
export interface PartsOf {
  root: string;
  policy: Valid<PolicyFile> | undefined;
  incidents: Valid<IncidentsFile> | undefined;
  goLive: Valid<GoLiveFile> | undefined;
  rulesets: readonly Valid<RulesetFile>[];
  /** Environments that have a traffic file. */
  traffic: readonly string[];
  workflows: readonly WorkflowFile[];
  calls: readonly Call[];
}

export const exists = (root: string, path: string): Promise<boolean> =>
  stat(join(root, path)).then(
    () => true,
    () => false,
  );

/** Why an executable of the team cannot be run; nothing where it can. */
export async function executableProblem(
  root: string,
  file: string,
  runBy: string,
  page: string,
): Promise<Problem[]> {
  const found = await stat(join(root, file)).catch(() => undefined);
  const runs =
    found?.isFile() &&
    (await access(join(root, file), constants.X_OK).then(
      () => true,
      () => false,
    ));
  if (runs) return [];
  return [
    {
      file,
      path: '',
      got: found ? 'a file that cannot be executed' : 'no such file',
      allowed: `an executable file, which ${runBy} runs`,
      fix: found ? `git update-index --chmod=+x ${file}` : `write ${file} (${page})`,
    },
  ];
}

/**
 * A workflow has the part `name`: it calls that workflow of the suite, or it is a copy that runs `action`, in `mode` where
 * other workflows run it in other modes.
 */
export function having(
  of: Pick<PartsOf, 'calls' | 'workflows'>,
  name: string,
  action: string,
  mode?: string,
): string | undefined {
  const call = of.calls.find(({ called }) => called === name);
  if (call) return call.path;
  return of.workflows.find(({ jobs }) =>
    Object.values(jobs).some((job) =>
      (Array.isArray(job.steps) ? job.steps : []).some(
        ({ uses, run, with: given }) =>
          (new RegExp(`/${action}@`).test(String(uses ?? '')) &&
            (mode === undefined || modeOf(given) === mode)) ||
          String(run ?? '').includes(`${action} `),
      ),
    ),
  )?.path;
}

const modeOf = (given: unknown): unknown =>
  typeof given === 'object' && given !== null && 'mode' in given ? given.mode : undefined;
